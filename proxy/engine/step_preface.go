package engine

import (
	"net/netip"

	"github.com/webstack/webstack/proxy/proxyproto"
)

// stepPreface waits for the PROXY header of a listed peer, which says who is
// behind it. Nobody else is asked for one (X13).
func (c *client) stepPreface() verdict {
	w := c.worker
	in := c.ahead.bytes()
	piece := c.receive(readAhead)
	if len(piece) == 0 {
		if c.flags.has(ended) {
			c.close()
		}
		return wait
	}
	if len(in) == 0 {
		in = piece
		w.fresh = piece
	} else {
		c.ahead.keep(&w.buffers, piece)
		in = c.ahead.bytes()
	}
	h, n, err := proxyproto.Parse(in)
	switch {
	case err != nil:
		w.log.Warn("a connection is closed: its PROXY header is wrong", "listener", c.listener.name, "peer", c.peer.String(), "error", err)
		w.fresh = nil
		c.close()
		return wait
	case n == 0:
		w.saveFresh()
		return again
	}
	if len(w.fresh) > 0 {
		w.fresh = in[n:]
	} else {
		c.ahead.took(&w.buffers, n)
	}
	if !h.Local && !c.speaksFor(h.Source.Addr()) {
		c.turnAway()
		return wait
	}
	return c.to(stepHead)
}

// speaksFor says who is behind the peer. From now on it is the client, also
// for how many connections it may have.
func (c *client) speaksFor(who netip.Addr) bool {
	e := c.worker.engine
	e.perClient.leave(c)
	c.peer = who.Unmap()
	return e.perClient.join(c)
}
