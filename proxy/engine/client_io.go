package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/loop"
)

// unread is what has come from the client and was not used, in the scratch.
func (c *client) unread() []byte {
	w := c.worker
	if len(w.fresh) > 0 {
		return w.fresh
	}
	if !c.ahead.empty() {
		w.fresh = w.scratch.load(c.ahead.bytes())
		c.ahead.took(&w.buffers, len(w.fresh))
		return w.fresh
	}
	w.fresh = c.receive(c.x.up.expected() + readAhead)
	return w.fresh
}

// readAhead is how much is read of a client beyond what is known to come: heads,
// and what is behind a request. It waits for its turn in memory, and many
// clients could send much of it behind requests that take long.
const readAhead = 16 << 10

// receive reads into the scratch what has come from the client, up to most
// bytes. Where that is
// nothing, the flags say whether more can be hoped for.
func (c *client) receive(most int) []byte {
	if c.ready&loop.In == 0 || c.flags.has(ended) {
		return nil
	}
	window := c.worker.window()
	window = window[:min(most, len(window))]
	n, e := c.stream.Read(window)
	switch {
	case e == syscall.EAGAIN:
		c.ready &^= loop.In
		return nil
	case e != 0:
		c.lost()
		return nil
	case n == 0:
		c.flags |= ended
		return nil
	}
	if n < len(window) && c.ready&loop.HalfClosed == 0 {
		// A short read has taken all that there was; what comes later is
		// announced. The end that was announced with it is not said twice.
		c.ready &^= loop.In
	}
	c.read = c.worker.now()
	return window[:n]
}

// send gives the client's stream bytes; what it does not take is kept. It is
// false where the client has gone.
func (c *client) send(p []byte) bool {
	rest := c.rest()
	if rest.empty() && c.ready&loop.Out != 0 {
		n, e := c.stream.Write(p)
		switch {
		case e == 0:
			c.wrote = c.worker.now()
			if n == len(p) {
				c.x.down.pace.excused = true
				return true
			}
			p = p[n:]
			c.ready &^= loop.Out
		case e == syscall.EAGAIN:
			c.ready &^= loop.Out
		default:
			c.lost()
			return false
		}
	}
	begins := rest.empty()
	rest.keep(&c.worker.buffers, p)
	if begins {
		// What is kept now is not taken yet.
		c.wrote = c.worker.now()
		c.x.down.pace.begin(c.wrote, c.taken())
	}
	return true
}

// flush says whether the client's stream has taken all that it was given.
func (c *client) flush() bool {
	rest := c.rest()
	for !rest.empty() {
		if c.ready&loop.Out == 0 {
			return false
		}
		n, e := c.stream.Write(rest.bytes())
		switch {
		case e == syscall.EAGAIN:
			c.ready &^= loop.Out
			return false
		case e != 0:
			c.lost()
			return false
		}
		c.wrote = c.worker.now()
		if n < rest.len() {
			c.ready &^= loop.Out
		}
		rest.took(&c.worker.buffers, n)
	}
	return true
}

// full says that no more is read of the instance until the client has taken
// some. In an answer's body one read more than it has taken is kept, so that a
// slow client does not hold the instance for the sake of little (X7).
func (c *client) full() bool {
	if c.step == stepRelay {
		return c.rest().len() >= readSize
	}
	return !c.rest().empty()
}

// taken is how much of the answer's body has left.
func (c *client) taken() int64 { return c.x.down.sent - int64(c.rest().len()) }

// rest is what the client's stream has not taken yet.
func (c *client) rest() *pending { return &c.x.down.rest }
