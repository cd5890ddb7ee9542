package engine

import (
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// stepHead waits for a request. A head that comes in one piece is parsed where
// it will stay; of one that comes in several, what has come is kept ahead.
func (c *client) stepHead() verdict {
	w := c.worker
	in := w.fresh // behind a request that was answered at once
	if len(in) == 0 {
		in = c.ahead.bytes()
	}
	if len(in) == 0 || c.flags.has(begun) {
		piece := c.receive(readAhead)
		if len(piece) == 0 {
			if c.flags.has(ended) {
				// It has half-closed or closed between two requests, or in
				// the middle of one: there is nothing to answer.
				c.close()
			}
			return wait
		}
		if len(in) == 0 {
			in = piece
			w.fresh = piece
		} else {
			c.holdHead(piece)
			in = c.ahead.bytes()
		}
	}
	if end := http1.HeadEnd(in); end >= 0 {
		return c.parseHead(in, end)
	}
	return c.partialHead(in)
}

// parseHead parses a head whose end is there.
func (c *client) parseHead(in []byte, end int) verdict {
	w := c.worker
	if !c.flags.has(begun) {
		c.since = w.now()
	}
	x := w.begin(c)
	x.head = append(w.buffers.grow(x.head, end), in[:end]...)
	limits := requestLimits
	limits.NoEmptyLines = c.flags.has(bodied)
	n, refused := x.req.Parse(x.head, &limits)
	c.consume(in, end)
	w.busy.move(c)
	switch {
	case refused != nil:
		x.misread()
		return c.refuse(refused)
	case n != end:
		// HeadEnd and Parse see the same end, unless one of them is wrong.
		return c.refuse(&http1.Error{Status: 400, Reason: "the head has no end"})
	}
	x.up.begin(w.now(), &x.req)
	x.front.On(http1.RequestHead)
	x.front.Close = !x.req.KeepAlive
	c.flags &^= bodied
	if x.up.done {
		x.front.On(http1.RequestEnd)
	} else {
		c.flags |= bodied
	}
	return c.to(stepChoose)
}

// consume takes n bytes of what has come.
func (c *client) consume(in []byte, n int) {
	w := c.worker
	if len(w.fresh) > 0 {
		w.fresh = in[n:]
	} else {
		c.releaseHead()
		c.ahead.took(&w.buffers, n)
	}
}

// partialHead keeps what has come of a head, or refuses what cannot become
// one: it does not wait for the rest of garbage.
func (c *client) partialHead(in []byte) verdict {
	w := c.worker
	_, refused := w.partial.Parse(in, &requestLimits)
	if refused == nil && !c.flags.has(begun) {
		c.flags |= begun
		c.since = w.now()
		w.busy.move(c)
		if len(w.fresh) > 0 {
			w.fresh = nil
			c.ahead.keep(&w.buffers, in)
		}
		w.headBytes += cap(c.ahead.buf)
	}
	if refused == nil && w.headBytes > maxHeadBytes {
		refused = &headsFull
	}
	if refused != nil {
		return c.refusePart(in, refused)
	}
	if c.ready&loop.In != 0 {
		// It came behind the request before, whose answer it waited for; what
		// has come meanwhile was announced already.
		return again
	}
	return wait
}

// holdHead keeps another piece of a head.
func (c *client) holdHead(piece []byte) {
	w := c.worker
	w.headBytes -= cap(c.ahead.buf)
	c.ahead.keep(&w.buffers, piece)
	w.headBytes += cap(c.ahead.buf)
}

// releaseHead says that what is ahead is no unfinished head any more.
func (c *client) releaseHead() {
	if c.flags.has(begun) {
		c.flags &^= begun
		c.worker.headBytes -= cap(c.ahead.buf)
	}
}

// maxHeadBytes bounds what a loop's unfinished heads take together, so that
// many slow clients cannot take all memory (X11): 4,000 of the smallest.
const maxHeadBytes = 16 << 20

// headsFull is the answer beyond it.
var headsFull = http1.Error{Status: 503, Reason: "too many unfinished heads"}

// refusePart answers a head that is not whole and will not be waited for.
func (c *client) refusePart(in []byte, why *http1.Error) verdict {
	w := c.worker
	x := w.begin(c)
	// What of it can be read is for the log.
	x.head = append(x.head, in[:min(len(in), cap(x.head))]...)
	_, _ = x.req.Parse(x.head, &requestLimits)
	x.misread()
	c.releaseHead()
	w.busy.move(c)
	return c.refuse(why)
}

// maxMisread is how much of what is no request the log gets: enough to tell
// TLS on the wrong port from an attack.
const maxMisread = 128

// misread is for a head without a request line that could be read: the log
// then has how it began.
func (x *exchange) misread() {
	if x.req.Target == "" {
		x.req.Method, x.req.Target = "", view(x.head[:min(len(x.head), maxMisread)])
	}
}

// headLate is the answer to a head that did not come to its end in time.
var headLate = http1.Error{Status: 408, Reason: "the head took too long"}

// refuse answers a request that was not understood. Where the next one begins
// is not known, so the connection ends.
func (c *client) refuse(why *http1.Error) verdict {
	c.x.front.Close = true
	// What comes behind is not looked at.
	c.worker.fresh = nil
	c.ahead.drop(&c.worker.buffers)
	c.ready |= loop.In
	return c.fail(why.Status)
}
