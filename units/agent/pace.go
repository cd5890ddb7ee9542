package agent

import (
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// notice is what a hook is told: an event, and how many before it were not
// told because they came too fast.
type notice struct {
	control.Event
	Dropped int `json:"dropped,omitempty"`
}

// pace limits what one hook is told. Of the events that come too fast the
// newest is kept.
type pace struct {
	interval time.Duration
	// last is when something was told.
	last    time.Time
	newest  *control.Event
	dropped int
}

// offer is one more event.
func (p *pace) offer(e control.Event) {
	if p.newest != nil {
		p.dropped++
	}
	p.newest = &e
}

// next is what is to be told now, or else when to ask again; zero for after
// the next event.
func (p *pace) next(now time.Time) (n notice, ok bool, at time.Time) {
	if p.newest == nil {
		return notice{}, false, time.Time{}
	}
	if due := p.last.Add(p.interval); due.After(now) {
		return notice{}, false, due
	}
	n = notice{Event: *p.newest, Dropped: p.dropped}
	p.last, p.newest, p.dropped = now, nil, 0
	return n, true, time.Time{}
}
