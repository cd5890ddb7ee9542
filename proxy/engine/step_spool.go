package engine

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
			s.closed = true
			return c.to(stepPick)
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
