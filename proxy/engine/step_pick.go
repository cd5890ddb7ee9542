package engine

import (
	"time"

	"github.com/webstack/webstack/proxy/balance"
)

// stepPick chooses the instance for a try and begins it.
func (c *client) stepPick() verdict {
	w, x := c.worker, c.x
	if x.spent {
		return c.standBy()
	}
	in, room := x.take(w.driver.Wall())
	if room < balance.Taken && x.sameAllowed {
		// The connection was stale and nobody else is free: the same instance
		// will do, on a connection of its own.
		x.sameAllowed = false
		x.tried = x.tried[:len(x.tried)-1]
		in, room = x.take(w.driver.Wall())
	}
	switch {
	case room == balance.Taken:
		return c.picked(in)
	case room == balance.Nobody && x.refused, room == balance.Shared:
		return c.standBy()
	}
	return c.enqueue(room)
}

// take begins a use of an instance, if one is to be had. A request that is
// sent again goes where there is no other such.
func (x *exchange) take(now time.Time) (*balance.Instance, balance.Room) {
	g := x.route.Upstream.Group
	if !x.attempts.Resent() {
		return g.Take(now, x.tried)
	}
	in, room := g.TakeApart(now, x.tried)
	x.apart = room == balance.Taken
	if room == balance.Shared && x.route.Upstream.Hold == 0 {
		// Nobody waits here: better together than not at all.
		return g.Take(now, x.tried)
	}
	return in, room
}

// cleared says that the request does not kill its instance.
func (x *exchange) cleared() {
	if x.apart {
		x.apart = false
		x.route.Upstream.Group.Cleared(x.instance)
	}
}

// picked has an instance that is begun.
func (c *client) picked(in *balance.Instance) verdict {
	x := c.x
	x.instance = in
	x.tries++
	x.times.picked = c.worker.now()
	return c.to(stepConnect)
}
