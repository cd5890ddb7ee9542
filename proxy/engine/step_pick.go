package engine

import (
	"github.com/webstack/webstack/proxy/balance"
)

// stepPick chooses the instance for a try and begins it.
func (c *client) stepPick() verdict {
	w, x := c.worker, c.x
	in, v := x.route.Upstream.Group.Take(w.driver.Wall(), x.tried)
	switch v {
	case balance.Taken:
		return c.picked(in)
	case balance.Full:
		return c.enqueue()
	}
	if x.sameAllowed && len(x.tried) > 0 {
		// The connection was stale and nobody else is there: the same
		// instance, on a connection of its own.
		last := len(x.tried) - 1
		in, v := x.route.Upstream.Group.Take(w.driver.Wall(), x.tried[:last])
		if v == balance.Taken {
			x.tried = x.tried[:last]
			return c.picked(in)
		}
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
