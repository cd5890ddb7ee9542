package engine

import (
	"time"

	"github.com/webstack/webstack/proxy/loop"
)

// pace finds out who is too slow, in one direction. A bound on the gap alone
// lets a client hold a connection with a byte a minute; so in each span, as
// long as that bound, at least so much must go through (X6).
type pace struct {
	// from is when the present span began, done what had gone through by then.
	from loop.Instant
	done int64
	// excused: in the present span it was not the client who was waited for.
	excused bool
}

// begin starts a span.
func (p *pace) begin(now loop.Instant, done int64) { *p = pace{from: now, done: done} }

// end says whether enough has gone through in a span that is over, and begins
// the next.
func (p *pace) end(now loop.Instant, done int64, rate int) bool {
	least := int64(rate) * int64(now-p.from) / int64(time.Second)
	enough := p.excused || done-p.done >= least
	p.begin(now, done)
	return enough
}
