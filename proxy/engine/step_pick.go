package engine

import "github.com/webstack/webstack/proxy/balance"

// stepPick chooses the instance for a try and begins it.
func (c *client) stepPick() verdict {
	w, x := c.worker, c.x
	if x.spent {
		return c.standBy()
	}
	g := x.route.Upstream.Group
	in, room := g.Take(w.driver.Wall(), x.tried)
	if room != balance.Taken && x.sameAllowed {
		// The connection was stale and nobody else is free: the same instance
		// will do, on a connection of its own.
		x.sameAllowed = false
		x.tried = x.tried[:len(x.tried)-1]
		in, room = g.Take(w.driver.Wall(), x.tried)
	}
	switch {
	case room == balance.Taken:
		return c.picked(in)
	case room == balance.Nobody && x.refused:
		return c.standBy()
	}
	return c.enqueue(room)
}

// picked has an instance that is begun.
func (c *client) picked(in *balance.Instance) verdict {
	x := c.x
	x.instance = in
	x.tries++
	x.times.picked = c.worker.now()
	return c.to(stepConnect)
}
