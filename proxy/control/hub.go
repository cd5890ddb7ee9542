package control

import (
	"errors"
	"fmt"
	"sync"
)

const (
	// maxSubscribers bounds who listens at a time: the agent, and people. Each
	// holds one of the descriptors that the proxy keeps for itself.
	maxSubscribers = 32
	// maxPending is how many events wait for one subscriber: all instances of
	// a large machine may change at once, and take longer to write than to
	// happen.
	maxPending = 1024
)

// ErrStopping: the proxy stops, and nothing is changed or begun any more.
var ErrStopping = errors.New("the proxy is stopping")

// ErrBusy: there are as many subscribers as there may be.
var ErrBusy = fmt.Errorf("there are %d subscribers to events already", maxSubscribers)

// Hub passes each event on to everybody who listens. It never waits for one
// of them: who does not keep up is cut.
type Hub struct {
	mu          sync.Mutex
	subscribers map[*Subscriber]bool
	closed      bool
}

// Subscriber is somebody who listens.
type Subscriber struct {
	hub *Hub
	// Now is the present state, which comes first.
	Now []Event
	// Events is closed when there is nothing more: Behind says why.
	Events  <-chan Event
	pending chan Event
	// behind says that it was cut. It is written before pending is closed.
	behind bool
}

// NewHub makes a hub that nobody listens to.
func NewHub() *Hub { return &Hub{subscribers: map[*Subscriber]bool{}} }

// Subscribe begins to listen: to now first, then to what is published from
// here on.
func (h *Hub) Subscribe(now []Event) (*Subscriber, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, ErrStopping
	case len(h.subscribers) >= maxSubscribers:
		return nil, ErrBusy
	}
	pending := make(chan Event, maxPending)
	s := &Subscriber{hub: h, Now: now, Events: pending, pending: pending}
	h.subscribers[s] = true
	return s, nil
}

// Publish tells everybody.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subscribers {
		select {
		case s.pending <- e:
		default:
			s.behind = true
			h.drop(s)
		}
	}
}

// Close ends every subscription, behind what was published.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subscribers {
		h.drop(s)
	}
}

// drop is called with the lock held.
func (h *Hub) drop(s *Subscriber) {
	delete(h.subscribers, s)
	close(s.pending)
}

// End stops listening.
func (s *Subscriber) End() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.hub.subscribers[s] {
		s.hub.drop(s)
	}
}

// Behind says, once Events is closed, that it was closed because too much was
// pending.
func (s *Subscriber) Behind() bool { return s.behind }
