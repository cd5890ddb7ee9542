package engine

import (
	"strings"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/http1"
)

// maxInterim is how many 1xx an instance may send before its answer.
const maxInterim = 32

// stepAnswer has a head of the instance's, in worker.response, and what came
// behind it in worker.rest; both are gone when the connection waits, so this
// step does not.
func (c *client) stepAnswer() verdict {
	w, x := c.worker, c.x
	r := &w.response
	switch {
	case r.Status == 101:
		return c.switched(r)
	case r.Status < 200:
		return c.interim(r)
	}
	x.times.answered = w.now()
	x.last = x.instance
	x.route.Upstream.Group.Heard(x.instance, r.Status)
	x.back.On(http1.AnswerHead)
	x.back.Close = x.back.Close || !r.KeepAlive || r.Body.Kind == http1.UntilClose
	if to, ok := c.sentElsewhere(r); ok {
		return c.redirectInternally(to, r)
	}
	return c.beginAnswer(r)
}

// interim passes on a 1xx (F13), and waits for what follows.
func (c *client) interim(r *http1.Response) verdict {
	w, x := c.worker, c.x
	if x.interim++; x.interim > maxInterim {
		w.reason = "it sent too many interim answers"
		return c.tryFailed(balance.Garbage, 0)
	}
	x.back.On(http1.InterimHead)
	b := x.backend
	b.head.keep(&w.buffers, w.rest)
	b.unparsed = len(w.rest) > 0
	if http1.ForwardsInterim(r.Status, x.req.Minor, x.req.Expect100 && !x.up.invited) {
		x.up.invited = x.up.invited || r.Status == 100
		w.fields = header.AppendResponse(w.fields[:0], r.Fields, nil, &header.Relay{Vars: &x.vars})
		w.text = http1.AppendStatusLine(w.text[:0], r.Status)
		w.text = http1.AppendFields(w.text, w.fields)
		w.text = append(w.text, http1.EndOfHead...)
		c.send(w.text)
	}
	return c.to(stepAsk)
}

// beginAnswer gives the client the head of the final answer, with what came of
// the body behind it in one send.
func (c *client) beginAnswer(r *http1.Response) verdict {
	w, x := c.worker, c.x
	d := &x.down
	d.body, d.left, d.begun = r.Body, r.Body.Length, true
	d.done = r.Body.Kind == http1.NoBody || r.Body.Kind == http1.Sized && r.Body.Length == 0
	c.answers(r.Status)
	x.endless = eventStream(r)
	x.front.On(http1.AnswerHead)
	if !x.up.done || w.engine.stopping.Load() {
		// A body that is not read to its end stands before the next request.
		x.front.Close = true
	}
	relay := header.Relay{Date: w.now1123(), Vars: &x.vars}
	w.fields = header.AppendResponse(w.fields[:0], r.Fields, x.route.ResponseHeaders, &relay)
	head := http1.AppendStatusLine(w.head[:0], r.Status)
	head = http1.AppendFields(head, w.fields)
	head = c.frameAnswer(head, r)
	head = c.appendConnection(head)
	w.head = append(head, http1.EndOfHead...)
	if d.done {
		x.back.On(http1.AnswerEnd)
		if len(w.rest) > 0 {
			x.back.On(http1.Stray)
		}
		c.freeInstance()
		c.send(w.head)
		return c.to(stepRelay)
	}
	return c.relayPiece(w.head, w.rest, stepRelay)
}

// frameAnswer says how the client finds the end of the body.
func (c *client) frameAnswer(head []byte, r *http1.Response) []byte {
	x := c.x
	switch r.Body.Kind {
	case http1.NoBody:
		// It may be 0, or what a body would have, of HEAD and 304. RFC 9110
		// section 8.6: there is none in 1xx and 204, which have -1 here.
		if r.Body.Length >= 0 {
			head = http1.AppendContentLength(head, r.Body.Length)
		}
	case http1.Sized:
		head = http1.AppendContentLength(head, r.Body.Length)
	default:
		if x.req.Minor == 0 {
			// RFC 9112 section 6.1: a server never sends it to HTTP/1.0.
			x.front.Close = true
			break
		}
		x.down.chunked = true
		head = append(head, http1.ChunkedField...)
	}
	return head
}

// appendConnection says whether the connection goes on, where the version does
// not say it.
func (c *client) appendConnection(head []byte) []byte {
	x := c.x
	switch {
	case x.front.Close:
		return append(head, closeField...)
	case x.req.Minor == 0:
		return append(head, keepAliveField...)
	}
	return head
}

// eventStream says that the answer has no end of its own.
func eventStream(r *http1.Response) bool {
	kind := fieldOf(r.Fields, "content-type")
	const events = "text/event-stream"
	return len(kind) >= len(events) && strings.EqualFold(kind[:len(events)], events)
}

// fieldOf is the value of the first field of that name, which is in lower
// case; "" where there is none.
func fieldOf(fields []header.Field, name string) string {
	for i := range fields {
		if header.Same(fields[i].Name, name) {
			return fields[i].Value
		}
	}
	return ""
}
