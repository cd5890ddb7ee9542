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

func TestAnEventOfAClosedDescriptorIsDropped(t *testing.T) {
	l := newLoop(t)
	running(t, l, idle)
	done := make(chan struct{})
	inLoop(t, l, func() {
		// Both are ready at once, so both events are in one batch; whichever
		// comes first ends the other, whose number a third then gets.
		var fds [2]int
		var peers [2]int
		var tokens [2]Token
		calls := 0
		var third, thirdPeer int
		end := func(other int) {
			calls++
			l.Forget(tokens[other])
			closeAll(t, fds[other])
			third, thirdPeer = pair(t)
			if third != fds[other] {
				t.Errorf("descriptor %d was not used again but %d: the test shows nothing", fds[other], third)
			}
			_, err := l.Add(third, heard(func(e Events) {
				if e != Out {
					t.Errorf("the new socket got %04b, want %04b: the old one's event", e, Out)
				}
				closeAll(t, third, thirdPeer, fds[1-other], peers[0], peers[1])
				close(done)
			}))
			if err != nil {
				t.Error(err)
			}
		}
		for i := range fds {
			fds[i], peers[i] = pair(t)
			if _, err := unix.Write(peers[i], []byte("x")); err != nil {
				t.Error(err)
			}
			var err error
			tokens[i], err = l.Add(fds[i], heard(func(Events) {
				if calls > 0 {
					t.Errorf("the handler of a closed descriptor was called")
					return
				}
				end(1 - i)
			}))
			if err != nil {
				t.Error(err)
			}
		}
	})
	wantSoon(t, done, "the new socket's event")
}

func TestAnOldTokenForgetsNothing(t *testing.T) {
	l := newLoop(t)
	running(t, l, idle)
	events := make(chan Events, 1)
	a, b := pair(t)
	inLoop(t, l, func() {
		old, err := l.Add(a, heard(func(Events) { t.Error("the first handler was called") }))
		if err != nil {
			t.Error(err)
		}
		if err := l.Detach(old, a); err != nil {
			t.Error(err)
		}
		if _, err := l.Add(a, heard(func(e Events) { events <- e })); err != nil {
			t.Error(err)
		}
		l.Forget(old)
		l.Forget(0)
	})
	select {
	case got := <-events:
		if got != Out {
			t.Errorf("got %04b, want %04b", got, Out)
		}
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	inLoop(t, l, func() {
		if _, err := l.Add(a, heard(func(Events) {})); err == nil {
			t.Error("a descriptor could be added twice")
		}
		if _, err := l.Add(-1, heard(func(Events) {})); err == nil {
			t.Error("no descriptor could be added")
		}
		if got := l.registry.pages[0].used; got != 1 {
			t.Errorf("%d registrations are held after two that failed, want 1", got)
		}
	})
	closeAll(t, a, b)
}

func TestTwoLoopsShareAListener(t *testing.T) {
	listener, name := listen(t)
	const clients = 200
	type accepted struct{ loop, fd int }
	got := make(chan accepted, clients)
	for i := range 2 {
		l := newLoop(t)
		running(t, l, idle)
		inLoop(t, l, func() {
			_, err := l.Listen(listener, heard(func(e Events) {
				if e != In {
					t.Errorf("a listener got %04b", e)
				}
				// One for each turn: that the rest is not forgotten is what
				// level-triggered means.
				fd, _, err := unix.Accept4(listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
				if err == nil {
					got <- accepted{i, fd}
				} else if err != unix.EAGAIN {
					t.Error(err)
				}
			}))
			if err != nil {
				t.Error(err)
			}
		})
	}
	for range clients {
		c, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Connect(c, name); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(c)
	}
	var by [2]int
	for range clients {
		select {
		case a := <-got:
			by[a.loop]++
			closeAll(t, a.fd)
		case <-time.After(patience):
			t.Fatalf("%d of %d connections were accepted", by[0]+by[1], clients)
		}
	}
	t.Logf("accepted by the loops: %v", by)
}

func TestLoopsThatStepBackShareWhatComes(t *testing.T) {
	listener, name := listen(t)
	const clients, share = 200, 8
	got := make(chan int, clients)
	for i := range 2 {
		l := newLoop(t)
		running(t, l, idle)
		inLoop(t, l, func() {
			accepted := 0
			var token Token
			var err error
			token, err = l.Listen(listener, heard(func(Events) {
				fd, _, err := unix.Accept4(listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
				if err != nil {
					return
				}
				closeAll(t, fd)
				got <- i
				if accepted++; accepted%share == 0 {
					if err := l.Requeue(token, listener); err != nil {
						t.Error(err)
					}
				}
			}))
			if err != nil {
				t.Error(err)
			}
		})
	}
	var by [2]int
	for range clients {
		c, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Connect(c, name); err != nil {
			t.Fatal(err)
		}
		select {
		case i := <-got:
			by[i]++
		case <-time.After(patience):
			t.Fatalf("%v connections of %d were accepted", by, clients)
		}
		closeAll(t, c)
	}
	// Without it the first gets nearly all of them.
	if min(by[0], by[1]) < clients/10 {
		t.Errorf("of %d connections that came one by one the loops got %v", clients, by)
	}
}

// listen makes a non-blocking listener with an abstract address.
func listen(t *testing.T) (int, unix.Sockaddr) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrUnix{}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 1024); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fd, name
}

func TestADetachedListenerIsQuietUntilItListensAgain(t *testing.T) {
	l := newLoop(t)
	running(t, l, idle)
	listener, name := listen(t)
	called := make(chan struct{}, 64)
	h := heard(func(Events) {
		fd, _, err := unix.Accept(listener)
		if err == nil {
			closeAll(t, fd)
			called <- struct{}{}
		}
	})
	c, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(c)
	inLoop(t, l, func() {
		token, err := l.Listen(listener, h)
		if err != nil {
			t.Error(err)
		}
		if err := l.Detach(token, listener); err != nil {
			t.Error(err)
		}
	})
	if err := unix.Connect(c, name); err != nil {
		t.Fatal(err)
	}
	inLoop(t, l, func() {})
	inLoop(t, l, func() {})
	if len(called) != 0 {
		t.Error("a detached listener was told of a connection")
	}
	inLoop(t, l, func() {
		if _, err := l.Listen(listener, h); err != nil {
			t.Error(err)
		}
	})
	wantSoon(t, called, "the connection that came meanwhile")
}

func TestATurnAllocatesNothing(t *testing.T) {
	l := newLoop(t)
	defer l.Close()
	ours, theirs := pair(t)
	defer closeAll(t, ours, theirs)
	var buffer [8]byte
	read := 0
	if _, err := l.Add(ours, heard(func(e Events) {
		if e&In != 0 {
			n, _ := unix.Read(ours, buffer[:])
			read += n
		}
	})); err != nil {
		t.Fatal(err)
	}
	one, nothing := []byte("x"), func() {}
	turn := func() {
		if _, err := unix.Write(theirs, one); err != nil {
			t.Fatal(err)
		}
		if !l.Post(nothing) {
			t.Fatal("the loop takes no posts")
		}
		n := l.wait(l.now)
		l.readClock()
		l.dispatch(l.events[:n])
		l.posts.run()
	}
	turn()
	if got := testing.AllocsPerRun(100, turn); got != 0 {
		t.Errorf("%v allocations in a turn, want none", got)
	}
	if read != 102 {
		t.Errorf("%d octets read in 102 turns", read)
	}
}
