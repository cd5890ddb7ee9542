package engine

import "github.com/webstack/webstack/proxy/loop"

// fill is what of an exchange is under way, as far as it decides what its two
// connections wait for.
type fill struct {
	// owed: the client has not taken all that it was given.
	owed bool
	// full: it has not taken so much that no more is read for it.
	full bool
	// held: the instance's connection has not taken all that it was given.
	held bool
	// upload: more of the request is to come from the client, and the
	// instance's connection takes it.
	upload bool
	// download: more is to come from the instance.
	download bool
}

// wants is what readiness of its streams a connection in that step can use;
// what its streams are ready for and it wants is what there is to do. That a
// stream is gone is wanted always. A step that is not here never waits for a
// stream.
//
// Both directions are held back in the same way: nothing is read for which
// there is no room at the other end.
func wants(s step, f fill) (client, instance loop.Events) {
	switch s {
	case stepPreface, stepHead, stepLinger:
		return loop.In, 0
	case stepSpool:
		if f.owed {
			return loop.Out, 0
		}
		return loop.In, 0
	case stepConnect:
		return 0, loop.Out
	case stepOwn, stepFile:
		return loop.Out, 0
	case stepAsk, stepRelay, stepTunnel:
	default:
		return 0, 0
	}
	switch {
	case f.held:
		instance |= loop.Out
	case f.upload:
		client |= loop.In
	}
	if f.owed {
		client |= loop.Out
	}
	if f.download && !f.full {
		instance |= loop.In
	}
	return client, instance
}

// fill looks at what there is.
func (c *client) fill() fill {
	x := c.x
	if x == nil {
		return fill{}
	}
	f := fill{owed: !c.rest().empty(), full: c.full()}
	switch c.step {
	case stepAsk:
		f.held = !x.up.rest.empty() || !x.up.asked || !x.up.spool.sent()
		f.upload = !x.up.done && !x.up.broken
		f.download = true
	case stepRelay:
		if x.backend != nil {
			f.held = !x.up.rest.empty() || !x.up.spool.sent() && !x.up.broken
			f.upload = !x.up.done && !x.up.broken
			f.download = true
		}
	case stepTunnel:
		f.held = !x.tun.up.empty()
		f.upload = !x.tun.clientEnded
		f.download = !x.tun.instanceEnded
	}
	return f
}
