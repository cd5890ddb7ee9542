package main

import (
	"sync"
	"time"
)

// history is when which instance was killed.
type history struct {
	mu    sync.Mutex
	kills []kill
}

type kill struct {
	instance string
	at       time.Time
}

func (h *history) add(instance string, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kills = append(h.kills, kill{instance, at})
}

// during counts the kills from begin to end: of that instance, or of any
// where it is "".
func (h *history) during(begin, end time.Time, instance string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for i := len(h.kills) - 1; i >= 0 && !h.kills[i].at.Before(begin); i-- {
		if k := h.kills[i]; !k.at.After(end) && (instance == "" || instance == k.instance) {
			n++
		}
	}
	return n
}

func (h *history) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.kills)
}
