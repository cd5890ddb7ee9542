package balance

import (
	"sync/atomic"
	"time"
)

// board is what the groups of one upstream share as configs come and go, and
// all loops with each other.
type board struct {
	// current is the group that serves. A group that it has replaced asks it,
	// so that two configs never see two different limits.
	current atomic.Pointer[Group]
	// clock is what the atomics' times are by.
	clock clock
	// turns are the cursors of the tiers, lot is the state of the drawing by
	// lot.
	turns [2]atomic.Uint64
	lot   atomic.Uint64

	// waiting is the queue's length. It is read without the lock: where
	// nobody waits, nobody touches the lock. paused has everybody wait.
	waiting atomic.Int64
	paused  atomic.Bool
	// held is how many wait because nobody is ready, lined how many of them
	// do so in the queue; the others stand by.
	held, lined atomic.Int64
	// refusing says that the last who had asked all was refused by all, askedAt
	// when somebody who stood by last asked.
	refusing atomic.Bool
	askedAt  atomic.Int64
	// wantedAt is when it was last said that instances are wanted.
	wantedAt atomic.Int64

	// lock guards what follows, the tickets, and the marks of the instances.
	lock Locker
	// first to last are the queue, linked through the tickets.
	first, last *Ticket
	// picky is how many in the queue have tried something.
	picky int
	// activeAt is when the last tick found anything to have happened, begun
	// how many uses had begun by then.
	activeAt time.Time
	begun    uint64
}

func newBoard(s Settings) *board {
	b := &board{lock: s.Lock, clock: clockOf(s.Epoch)}
	if b.lock == nil {
		b.lock = alone{}
	}
	b.lot.Store(s.Seed)
	return b
}

// alone is the lock of a board that one thread uses.
type alone struct{}

func (alone) Lock()   {}
func (alone) Unlock() {}

// random draws by lot: SplitMix64 (Steele, Lea and Flood, "Fast Splittable
// Pseudorandom Number Generators"), whose state is a counter, so that
// concurrent draws differ without a lock.
func (b *board) random() uint64 {
	z := b.lot.Add(0x9e3779b97f4a7c15)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// poll grants what can be granted, and then wakes whom it was granted.
func (b *board) poll(now time.Time) {
	for more := true; more; {
		var wakers batch
		b.lock.Lock()
		more = b.grant(now, &wakers)
		b.lock.Unlock()
		wakers.wake()
	}
}
