package loop

import (
	"testing"

	"golang.org/x/sys/unix"
)

// BenchmarkTurn is a turn with one event, the write that makes it and the
// read that it asks for included; "known" waits as the runtime knows of.
func BenchmarkTurn(b *testing.B) {
	for _, known := range []bool{false, true} {
		name := "raw"
		if known {
			name = "known"
		}
		b.Run(name, func(b *testing.B) {
			l, err := New()
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			l.brisk = busyTurns
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				b.Fatal(err)
			}
			defer unix.Close(fds[0])
			defer unix.Close(fds[1])
			var buffer [8]byte
			read := 0
			if _, err := l.Add(fds[0], heard(func(e Events) {
				if e&In != 0 {
					n, _ := unix.Read(fds[0], buffer[:])
					read += n
				}
			})); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = unix.Write(fds[1], buffer[:1])
				n := 0
				if known {
					n = l.waitKnown(0)
				} else {
					n = l.wait(l.now)
				}
				l.readClock()
				l.dispatch(l.events[:n])
				l.posts.run()
			}
			if read == 0 {
				b.Fatal("no event came")
			}
		})
	}
}

// BenchmarkPost is a post to a loop that sleeps, until it was called.
func BenchmarkPost(b *testing.B) {
	l, err := New()
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Run(idle)
	}()
	called := make(chan struct{})
	f := func() { called <- struct{}{} }
	b.ReportAllocs()
	for b.Loop() {
		l.Post(f)
		<-called
	}
	l.Stop()
	<-ended
	l.Close()
}
