package loop

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// turns is a worker made of a function.
type turns func() Instant

func (f turns) Turn() Instant { return f() }

// heard is a handler made of a function.
type heard func(Events)

func (f heard) Ready(e Events) { f(e) }

func newLoop(t *testing.T) *Loop {
	t.Helper()
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// running runs a loop until the test ends.
func running(t *testing.T, l *Loop, w Worker) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(w)
	}()
	t.Cleanup(func() {
		l.Stop()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("the loop goes on after Stop")
			return
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// inLoop runs f in the loop's thread and waits for it.
func inLoop(t *testing.T, l *Loop, f func()) {
	t.Helper()
	done := make(chan struct{})
	if !l.Post(func() { defer close(done); f() }) {
		t.Fatal("the loop takes no posts")
	}
	wantSoon(t, done, "a post to be called")
}

func wantSoon(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
}

// idle waits for events alone.
var idle = turns(func() Instant { return Never })

// pair is a connected pair of non-blocking stream sockets.
func pair(t *testing.T) (int, int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fds[0], fds[1]
}

func closeAll(t *testing.T, fds ...int) {
	t.Helper()
	for _, fd := range fds {
		if err := unix.Close(fd); err != nil {
			t.Error(err)
		}
	}
}

func TestEventsOfASocket(t *testing.T) {
	l := newLoop(t)
	running(t, l, idle)
	ours, theirs := pair(t)
	events := make(chan Events, 16)
	inLoop(t, l, func() {
		if _, err := l.Add(ours, heard(func(e Events) { events <- e })); err != nil {
			t.Error(err)
		}
	})
	want := func(about string, want Events) {
		t.Helper()
		select {
		case got := <-events:
			if got != want {
				t.Errorf("%s: got %04b, want %04b", about, got, want)
			}
		case <-time.After(patience):
			t.Fatalf("%s: nothing came", about)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want("a new socket can be written to", Out)
	_, err := unix.Write(theirs, []byte("x"))
	must(err)
	want("there is something to read", In|Out)
	must(unix.Shutdown(theirs, unix.SHUT_WR))
	want("the peer sends no more", In|Out|HalfClosed)
	must(unix.Close(theirs))
	want("the peer is gone", In|Out|HalfClosed|Gone)
	inLoop(t, l, func() {})
	if n := len(events); n != 0 {
		t.Errorf("%d events more than edges", n)
	}
	closeAll(t, ours)
}
