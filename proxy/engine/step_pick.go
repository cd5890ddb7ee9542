package engine

import (
	"github.com/webstack/webstack/proxy/balance"
)

// stepPick chooses the instance for a try and begins it.
func (c *client) stepPick() verdict {
	w, x := c.worker, c.x
	g := x.route.Upstream.Group
	in, v := g.Take(w.driver.Wall(), x.tried)
	if v != balance.Taken && x.sameAllowed {
		// The connection was stale and nobody else is free: the same instance
		// will do, on a connection of its own.
		x.sameAllowed = false
		x.tried = x.tried[:len(x.tried)-1]
		in, v = g.Take(w.driver.Wall(), x.tried)
	}
	switch v {
	case balance.Taken:
		return c.picked(in)
	case balance.Full:
		return c.enqueue()
	}
	if x.lost != 0 {
		// There was a try, and nobody is left for another.
		return c.fail(x.lost)
	}
	return c.fail(503)
}

// picked has an instance that is begun.
func (c *client) picked(in *balance.Instance) verdict {
	x := c.x
	x.instance = in
	x.tries++
	x.times.picked = c.worker.now()
	return c.to(stepConnect)
}
