package engine

import "github.com/webstack/webstack/proxy/loop"

// linger ends what we send and reads on. RFC 9112 section 9.6: to close with
// bytes unread makes the kernel send a reset, by which the client may lose
// what it has not read of the answer; so "the server [...] closes the write
// half [...] continues to read until it receives a corresponding close" (X8).
func (c *client) linger() verdict {
	w := c.worker
	w.fresh = nil
	c.ahead.drop(&w.buffers)
	c.stream.CloseWrite()
	w.busy.move(c)
	c.since = w.now()
	c.read = w.now()
	return c.to(stepLinger)
}

// stepLinger throws away what the client still sends, within bounds.
func (c *client) stepLinger() verdict {
	for range share {
		if p := c.receive(readSize); len(p) == 0 {
			if c.flags.has(ended) || c.ready&loop.Gone != 0 {
				c.close()
			}
			return wait
		}
	}
	c.worker.putOff(c)
	return wait
}
