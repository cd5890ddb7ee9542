package loop

import "sync"

// Aside runs what may block, so that no loop has to: on goroutines of its own,
// a bounded number of them at once, since each may hold a thread for as long
// as the disk takes. They end when there is nothing to do. It may be used by
// many loops; what is to go on in a loop is posted there.
type Aside struct {
	atOnce, queue int

	mu      sync.Mutex
	running int
	// waiting[first:] is what waits, the longest first.
	waiting []func()
	first   int
}

// NewAside bounds how many run at once and how many more wait.
func NewAside(atOnce, queue int) *Aside { return &Aside{atOnce: atOnce, queue: queue} }

// Do has f called, or returns false where too many wait already.
func (a *Aside) Do(f func()) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.running < a.atOnce:
		a.running++
		go a.work(f)
	case len(a.waiting)-a.first < a.queue:
		if a.first > 0 && len(a.waiting) == cap(a.waiting) {
			// The places of those that went are used again.
			n := copy(a.waiting, a.waiting[a.first:])
			clear(a.waiting[n:])
			a.waiting, a.first = a.waiting[:n], 0
		}
		a.waiting = append(a.waiting, f)
	default:
		return false
	}
	return true
}

func (a *Aside) work(f func()) {
	for f != nil {
		f()
		f = a.next()
	}
}

// next is nil when the goroutine may end.
func (a *Aside) next() func() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.first == len(a.waiting) {
		a.running--
		a.waiting, a.first = a.waiting[:0], 0
		return nil
	}
	f := a.waiting[a.first]
	a.waiting[a.first] = nil
	a.first++
	return f
}
