package engine

import (
	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// stepAsk sends the request and waits for the head of the answer, which may
// come before the body has gone.
func (c *client) stepAsk() verdict {
	w, x := c.worker, c.x
	b := x.backend
	if !x.up.finished() && !x.up.broken {
		if state := c.pump(); state > bodyMore {
			return c.bodyFailed(state)
		}
	}
	if !c.flush() || b.ready&(loop.In|loop.Gone) == 0 && !b.unparsed {
		return wait
	}
	in, end := b.read()
	if end {
		return c.noAnswer()
	}
	if in == nil {
		return wait
	}
	n, refused := w.response.Parse(in, x.req.Method == "HEAD", &responseLimits)
	switch {
	case refused != nil:
		w.reason = refused.Reason
		return c.tryFailed(balance.Garbage, 0)
	case n == 0 && len(in) == readSize:
		w.reason = "its head is too long"
		return c.tryFailed(balance.Garbage, 0)
	case n == 0:
		b.head.keep(&w.buffers, in)
		return again
	}
	w.rest = in[n:]
	return c.to(stepAnswer)
}

// noAnswer is an instance that closed its connection, or lost it, before its
// answer's head was whole.
func (c *client) noAnswer() verdict {
	x := c.x
	b := x.backend
	switch {
	case !b.head.empty() || x.interim > 0:
		return c.tryFailed(balance.CutHead, b.fault)
	case !b.written && !x.replayable():
		// Nothing reached the instance, but a piece of the body is lost with
		// the connection.
	case !b.written && b.reused:
		return c.askAnew()
	case !b.written:
		return c.tryFailed(balance.Unreached, b.fault)
	case b.reused:
		return c.tryFailed(balance.Stale, b.fault)
	}
	return c.tryFailed(balance.Died, b.fault)
}

// askAnew goes on from a pooled connection that took no byte of the request.
// That was no try, whatever the method: the next connection is a new one.
func (c *client) askAnew() verdict {
	c.endTry(balance.Abandoned, "")
	c.x.fresh = true
	return c.to(stepPick)
}

// bodyFailed answers a client whose body cannot be passed on. The instance
// got half a request: its connection is of no use (F12, X22).
func (c *client) bodyFailed(why bodyState) verdict {
	c.endTry(balance.Abandoned, "")
	c.x.front.Close = true
	switch why {
	case bodyLong:
		return c.fail(413)
	case bodyLost:
		return c.fail(500)
	}
	return c.fail(400)
}

// responseLimits bound an instance's head.
var responseLimits = http1.Limits{RequestLine: maxAnswerHead, Head: maxAnswerHead, Fields: http1.DefaultFields}

// maxAnswerHead is four times what an application writes with large cookies
// and policies.
const maxAnswerHead = 64 << 10
