package balance

import (
	"sync/atomic"
	"time"
)

// Locker is a mutex.
type Locker interface {
	Lock()
	Unlock()
}

// Waker is told that its ticket was granted. Wake is called on whatever thread
// made the room, with no lock held; it only posts. It may be called for a
// ticket that has been left or granted again since: [Group.Granted] decides.
type Waker interface{ Wake() }

// Ticket is a place in the queue, embedded in who waits. It is free at first
// and again after Granted returned an instance or after Leave.
type Ticket struct {
	Waker Waker
	// Tried are instances that it does not want; they stay as they are while
	// it waits.
	Tried []*Instance

	granted atomic.Pointer[Instance]
	// The lock of the board guards the rest. held: it waits because nobody is
	// ready; standing: it does so outside of the queue.
	queued, held, standing bool
	prev, next             *Ticket
}

// Place is where somebody waits who has found nothing to take.
type Place uint8

const (
	// Refused: nowhere. The queue is full, or nobody is held here.
	Refused Place = iota
	// Queued: in the queue, until an instance that has all that it may have
	// has one less. Settings.Queue bounds how many do.
	Queued
	// Held: in the queue, until an instance is ready at all, or a pause is
	// over.
	Held
)

// Wait puts a free ticket at the end of the queue. The grant may come at once;
// then too the Waker is told.
func (g *Group) Wait(now time.Time, t *Ticket) Place {
	b := g.board
	if s := &b.current.Load().settings; s.Queue == 0 && s.Hold == 0 {
		return Refused
	}
	var wakers batch
	b.lock.Lock()
	b.join(t)
	// Room that was made before the ticket was seen is found here; room that
	// is made later finds the ticket.
	for b.grant(now, &wakers) {
		b.lock.Unlock()
		wakers.wake()
		b.lock.Lock()
	}
	place := b.place(now, t)
	b.lock.Unlock()
	wakers.wake()
	if place == Held {
		b.want(now)
	}
	return place
}

// place says why a ticket that has just joined still waits, and takes it out
// again where it may not. It is called with the lock held.
func (b *board) place(now time.Time, t *Ticket) Place {
	if !t.queued {
		return Queued
	}
	g := b.current.Load()
	switch g.room(now, t.Tried) {
	case Taken:
		// Made in this moment: whoever made it polls.
		return Queued
	case Full:
		if b.waiting.Load()-b.lined.Load() <= int64(g.settings.Queue) {
			return Queued
		}
	case Nobody:
		if b.hold(&g.settings) {
			t.held = true
			b.lined.Add(1)
			return Held
		}
	}
	b.unlink(t)
	return Refused
}

// Granted is the instance that was begun for the ticket, nil while it waits.
// The caller owes it an End on this group.
func (g *Group) Granted(t *Ticket) *Instance {
	if t.granted.Load() == nil {
		return nil
	}
	return t.granted.Swap(nil)
}

// Leave gives the ticket up, also a free one. A grant that came meanwhile is
// passed on.
func (g *Group) Leave(now time.Time, t *Ticket) {
	b := g.board
	b.lock.Lock()
	if t.queued {
		b.unlink(t)
	}
	if t.standing {
		t.standing = false
		b.held.Add(-1)
	}
	b.lock.Unlock()
	if in := g.Granted(t); in != nil {
		g.End(now, in, Abandoned, "")
	}
}

// Poll grants what has become possible without an End: an instance was taken
// back from a drain, or its FailTimeout has passed. It costs one load where
// nobody waits.
func (g *Group) Poll(now time.Time) {
	if g.board.waiting.Load() > 0 {
		g.board.poll(now)
	}
}

// Waiting is how many are in the queue because every instance is full.
func (g *Group) Waiting() int { return int(g.board.waiting.Load() - g.board.lined.Load()) }

// join, unlink and grant are called with the lock held.
func (b *board) join(t *Ticket) {
	t.queued = true
	t.prev, t.next = b.last, nil
	if b.last != nil {
		b.last.next = t
	} else {
		b.first = t
	}
	b.last = t
	b.waiting.Add(1)
	if len(t.Tried) > 0 {
		b.picky++
	}
}

func (b *board) unlink(t *Ticket) {
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		b.first = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	} else {
		b.last = t.prev
	}
	t.queued, t.prev, t.next = false, nil, nil
	b.waiting.Add(-1)
	if t.held {
		t.held = false
		b.held.Add(-1)
		b.lined.Add(-1)
	}
	if len(t.Tried) > 0 {
		b.picky--
	}
}

// grant goes through the queue from its head. Who wants none of what there is
// room on stands aside for those behind; for most of them nothing was tried,
// and where one of these gets nothing the others get nothing. It returns true
// when the batch is full and there may be more to do.
func (b *board) grant(now time.Time, wakers *batch) (more bool) {
	g := b.current.Load()
	full, picky := false, b.picky
	for t := b.first; t != nil && !(full && picky == 0); {
		next := t.next
		if len(t.Tried) > 0 {
			picky--
		}
		if len(t.Tried) > 0 || !full {
			in, room := g.choose(now, t.Tried)
			if room == Taken {
				b.unlink(t)
				// The owner may be gone with its ticket from here on.
				waker := t.Waker
				t.granted.Store(in)
				if wakers.add(waker) {
					return true
				}
			}
			full = full || room != Taken && len(t.Tried) == 0
		}
		t = next
	}
	return false
}

// batch is the wakers of one pass, called when the lock is free again; then it
// is empty.
type batch struct {
	n    int
	list [16]Waker
}

// add says whether the batch is full.
func (w *batch) add(waker Waker) bool {
	w.list[w.n] = waker
	w.n++
	return w.n == len(w.list)
}

func (w *batch) wake() {
	for _, waker := range w.list[:w.n] {
		if waker != nil {
			waker.Wake()
		}
	}
	w.n = 0
}
