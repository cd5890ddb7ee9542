package lossless

import (
	"sync"
	"time"
)

// ledger is what all clients of a storm write into.
type ledger struct {
	mu       sync.Mutex
	attempts [kinds]int
	misses   []Miss
	// answered are the POSTs that got a 2xx.
	answered map[string]bool
	// wait is the longest that a right answer took.
	wait time.Duration
	// fresh is when a new connection was last answered, gap the longest time
	// between two of those.
	fresh time.Time
	gap   time.Duration
}

func newLedger(now time.Time) *ledger {
	return &ledger{answered: map[string]bool{}, fresh: now}
}

func (l *ledger) attempt(k Kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.attempts[k]++
}

func (l *ledger) miss(m Miss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.misses = append(l.misses, m)
}

// right takes in a good answer.
func (l *ledger) right(k Kind, id string, began, ended time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wait = max(l.wait, ended.Sub(began))
	if id != "" {
		l.answered[id] = true
	}
	if k == GetNew || k == PostNew {
		l.gap = max(l.gap, ended.Sub(l.fresh))
		l.fresh = ended
	}
}
