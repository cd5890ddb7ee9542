package engine

import (
	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// stepRelay passes the answer's body on as it comes, only as fast as the
// client takes it, and goes on with the request's body where that has not
// come to its end.
func (c *client) stepRelay() verdict {
	x := c.x
	if x.backend != nil && !x.up.finished() && !x.up.broken {
		if state := c.pump(); state > bodyMore {
			// The answer has begun and may well be whole: it goes on, and the
			// rest of the request is nobody's.
			x.up.broken = true
		}
	}
	for range share {
		switch flushed := c.flush(); {
		case x.down.done && flushed:
			return c.to(stepFinish)
		case x.down.done || c.full():
			return wait
		}
		b := x.backend
		if b.ready&(loop.In|loop.Gone) == 0 {
			return wait
		}
		in, end := b.read()
		switch {
		case end:
			return c.answerEnded()
		case in == nil:
			return wait
		}
		if v := c.relayPiece(nil, in, stepRelay); v == wait || c.step != stepRelay {
			return v
		}
	}
	c.worker.putOff(c)
	return wait
}

// relayPiece gives the client a piece of the answer, as it came from the
// instance, with head in front of it, and goes on with the step next.
func (c *client) relayPiece(head, in []byte, next step) verdict {
	w, x := c.worker, c.x
	d := &x.down
	data, extra, refused := d.decode(in)
	d.sent += int64(len(data))
	if refused != nil {
		c.sendPiece(head, data)
		w.reason = refused.Reason
		return c.breakOff()
	}
	if d.done {
		x.back.On(http1.AnswerEnd)
		if len(extra) > 0 {
			// Bytes behind the answer are nobody's (F15).
			x.back.On(http1.Stray)
		}
		c.freeInstance()
	}
	if !c.sendPiece(head, data) {
		return again // gone, which run sees
	}
	if c.step == next {
		return again
	}
	return c.to(next)
}

// sendPiece frames and sends a piece that stands in the scratch.
func (c *client) sendPiece(head, data []byte) bool {
	w, d := c.worker, &c.x.down
	if d.chunked {
		if len(data) == 0 && !d.done {
			return c.send(head)
		}
		if whole, ok := w.chunk(head, data, d.done); ok {
			return c.send(whole)
		}
		whole, _ := w.chunk(nil, data, d.done)
		return c.send(head) && c.send(whole)
	}
	switch whole, ok := w.scratch.before(head, data); {
	case len(data) == 0:
		return len(head) == 0 || c.send(head)
	case len(head) == 0:
		return c.send(data)
	case ok:
		return c.send(whole)
	}
	return c.send(head) && c.send(data)
}

// answerEnded is an instance whose connection has ended in the answer's body.
// That is its proper end only where nothing else says where it is, and only
// when it was no reset (F14, F16).
func (c *client) answerEnded() verdict {
	x := c.x
	d := &x.down
	if d.body.Kind != http1.UntilClose || x.backend.fault != 0 {
		return c.breakOff()
	}
	d.done = true
	x.back.On(http1.AnswerEnd)
	c.freeInstance()
	if d.chunked {
		c.send([]byte(http1.LastChunk))
	}
	return again
}

// breakOff ends an answer that cannot be completed so that the client sees
// that it is not whole (F16): the last chunk or the announced length is
// missing, and where neither was to be, the connection is reset. What has come
// is the client's.
func (c *client) breakOff() verdict {
	w, x := c.worker, c.x
	why := x.fault(w)
	w.tryLine(x.instance, balance.Broken, why)
	// It has answered: how, is no verdict on whether it can be reached.
	c.endTry(balance.Answered, "")
	if c.flush(); !c.rest().empty() || !x.down.chunked && x.down.body.Kind != http1.Sized {
		c.stream.Reset()
	}
	x.front.On(http1.Cut)
	c.abandon(x.status)
	return wait
}
