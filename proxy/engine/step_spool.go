package engine

import "github.com/webstack/webstack/proxy/http1"

// stepSpool takes the whole body in before an instance is chosen.
func (c *client) stepSpool() verdict {
	w, x := c.worker, c.x
	s := &x.up.spool
	s.used = true
	if !c.flush() {
		return wait
	}
	for range share {
		if x.up.done {
			return c.spooled()
		}
		data, state := c.nextBody()
		if state == bodyNone {
			c.invite()
			return wait
		}
		if state != bodyMore {
			return c.bodyFailed(state)
		}
		if err := s.add(w, data); err != nil {
			w.log.Warn("a request's body cannot be spooled", "site", x.route.Site.Name, "error", err)
			return c.fail(507)
		}
	}
	w.putOff(c)
	return wait
}

// spooled has the whole body. Its length is known now, also where it came in
// chunks.
func (c *client) spooled() verdict {
	x := c.x
	x.up.spool.closed = true
	x.up.body = http1.Body{Kind: http1.Sized, Length: x.up.spool.size}
	if err := c.buildRequest(); err != nil {
		return c.fail(400)
	}
	return c.to(stepPick)
}
