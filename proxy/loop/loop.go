package loop

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Events is what a descriptor became ready for.
type Events uint8

const (
	// In: there is something to read or to accept.
	In Events = 1 << iota
	// Out: there is room to write.
	Out
	// HalfClosed: the peer will send nothing more (EPOLLRDHUP).
	HalfClosed
	// Gone: both directions are closed, or there is an error to be read
	// (EPOLLHUP, EPOLLERR).
	Gone
)

// Handler is told what became ready. It may register and forget descriptors,
// its own and others'.
type Handler interface{ Ready(Events) }

// Worker is what a loop works for.
type Worker interface {
	// Turn is called after each batch of events and posts. It fires
	// deadlines, goes on with what was put off and closes what is to be
	// closed. It returns when it wants to be called again at the latest:
	// Now or earlier for at once, Never to wait for events alone.
	Turn() Instant
}

// batch is how many events are taken from the kernel at once. What is ready
// beyond them comes with the next turn, so it bounds how long a deadline or a
// post waits; measured from 64 to 1024 it has no effect on the rate.
const batch = 256

// Loop waits for descriptors. Post and Stop may be called by any goroutine;
// all else by the one that runs it, or before it runs.
type Loop struct {
	epoll    int
	registry registry
	now      Instant
	wall     time.Time
	brisk    int // see wait
	stopping atomic.Bool
	posts    posts
	events   [batch]unix.EpollEvent
}

// New makes a loop that is not running yet.
func New() (*Loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot make an epoll instance: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, fmt.Errorf("cannot make an eventfd: %w", err)
	}
	l := &Loop{epoll: epoll}
	l.posts.wake, l.posts.one = wake, [8]byte{1}
	l.readClock()
	// Each write is an edge, whether the count was read or not, so it never
	// is. The zero token finds no handler.
	if err := l.control(unix.EPOLL_CTL_ADD, wake, unix.EPOLLIN|unix.EPOLLET, 0); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Now is the moment at which the current batch of events came.
func (l *Loop) Now() Instant { return l.now }

// Wall is that moment on the wall clock.
func (l *Loop) Wall() time.Time { return l.wall }

func (l *Loop) readClock() {
	l.wall = time.Now()
	l.now = instantOf(l.wall)
}

// Add registers a descriptor for all that can happen to it, edge-triggered
// and once: the handler is told of each change, and of what is ready now.
func (l *Loop) Add(fd int, h Handler) (Token, error) {
	return l.register(fd, h, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP|unix.EPOLLET)
}

// Listen registers a listening socket: its handler is told in each turn for as
// long as connections wait. Of the loops that listen on one socket, at least
// one wakes for a connection, not all (epoll_ctl(2), EPOLLEXCLUSIVE). That is
// always the first of those that sleep, in the order in which they registered:
// see Requeue.
func (l *Loop) Listen(fd int, h Handler) (Token, error) {
	return l.register(fd, h, listening)
}

const listening = unix.EPOLLIN | unix.EPOLLEXCLUSIVE

// Requeue puts a listening socket's registration behind those of other loops.
// Where few connections come, one loop would get them all: 500 of 500 with
// four loops, from 114 to 130 each when it steps back after every 32.
func (l *Loop) Requeue(t Token, fd int) error {
	err := l.control(unix.EPOLL_CTL_DEL, fd, 0, 0)
	if err == nil {
		err = l.control(unix.EPOLL_CTL_ADD, fd, listening, t)
	}
	if err != nil {
		l.registry.remove(t)
	}
	return err
}

func (l *Loop) register(fd int, h Handler, events uint32) (Token, error) {
	t := l.registry.add(h)
	if err := l.control(unix.EPOLL_CTL_ADD, fd, events, t); err != nil {
		l.registry.remove(t)
		return 0, err
	}
	return t, nil
}

// Forget ends a registration: its handler is called no more. The caller closes
// the descriptor, which takes it out of epoll. A descriptor that lives on, or
// that another process was given a copy of, needs Detach.
func (l *Loop) Forget(t Token) { l.registry.remove(t) }

// Detach ends a registration whose descriptor stays open.
func (l *Loop) Detach(t Token, fd int) error {
	l.registry.remove(t)
	return l.control(unix.EPOLL_CTL_DEL, fd, 0, 0)
}

func (l *Loop) control(op, fd int, events uint32, t Token) error {
	e := unix.EpollEvent{Events: events, Fd: int32(t.index()), Pad: int32(t.number())}
	if err := unix.EpollCtl(l.epoll, op, fd, &e); err != nil {
		return fmt.Errorf("cannot change what epoll knows of descriptor %d: %w", fd, err)
	}
	return nil
}

// Run gives the thread to the loop until Stop. The worker gets its first turn
// at once.
func (l *Loop) Run(w Worker) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l.readClock()
	for next := l.now; !l.stopping.Load(); next = w.Turn() {
		before := l.now
		n := l.wait(next)
		l.readClock()
		l.pace(l.now - before)
		l.dispatch(l.events[:n])
		l.posts.run()
	}
	l.posts.finish()
}

func (l *Loop) dispatch(ready []unix.EpollEvent) {
	for i := range ready {
		e := &ready[i]
		h := l.registry.find(makeToken(uint32(e.Fd), uint32(e.Pad)))
		if h != nil {
			h.Ready(eventsOf(e.Events))
		}
	}
}

func eventsOf(bits uint32) Events {
	var e Events
	if bits&unix.EPOLLIN != 0 {
		e |= In
	}
	if bits&unix.EPOLLOUT != 0 {
		e |= Out
	}
	if bits&unix.EPOLLRDHUP != 0 {
		e |= HalfClosed
	}
	if bits&(unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		e |= Gone
	}
	return e
}

// Stop ends Run after the turn that is going on. A loop is not run again.
func (l *Loop) Stop() {
	l.stopping.Store(true)
	l.posts.signal()
}

// Close gives up the loop's own descriptors, when Run has returned.
func (l *Loop) Close() error {
	l.posts.close()
	if err := unix.Close(l.epoll); err != nil {
		return fmt.Errorf("cannot close an epoll instance: %w", err)
	}
	return nil
}
