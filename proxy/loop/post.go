package loop

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// posts is what other goroutines want done in the loop's thread.
type posts struct {
	// signalled says that wake was written since the last run, so that many
	// posts cost one write and a run without posts one load.
	signalled atomic.Bool

	mu sync.Mutex
	// wake is an eventfd, to which one is written; -1 once it is closed.
	wake  int
	one   [8]byte
	list  []func()
	ended bool

	// spare is the list of the last run, for the next; the loop's own.
	spare []func()
}

// Post has f called in the loop's thread, in the order of the posts and before
// the next turn. It may be called by any goroutine. It returns false where Run
// has returned, and f is not called.
func (l *Loop) Post(f func()) bool { return l.posts.add(f) }

func (p *posts) add(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	p.list = append(p.list, f)
	p.signalLocked()
	return true
}

// signal wakes the loop.
func (p *posts) signal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signalLocked()
}

// signalLocked holds the lock so that the eventfd is not closed under it.
func (p *posts) signalLocked() {
	if p.wake < 0 || p.signalled.Swap(true) {
		return
	}
	for {
		// The count cannot fill up: that takes 2^64-2 writes (eventfd(2)).
		if _, err := unix.Write(p.wake, p.one[:]); err != unix.EINTR {
			return
		}
	}
}

// run calls what was posted. What these post themselves waits for the next
// run, which the eventfd has been told of.
func (p *posts) run() {
	if !p.signalled.Load() {
		return
	}
	// Before the list is taken: a post that comes now is in the list or
	// signals anew.
	p.signalled.Store(false)
	p.mu.Lock()
	list := p.list
	p.list = p.spare
	p.mu.Unlock()
	for i, f := range list {
		list[i] = nil
		f()
	}
	p.spare = list[:0]
}

// finish calls what was posted before the end; what comes after is refused.
func (p *posts) finish() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.signalled.Store(true)
	p.run()
}

func (p *posts) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.wake >= 0 {
		unix.Close(p.wake)
		p.wake = -1
	}
}
