package engine

import (
	"strconv"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/http1"
)

// serverToken is the Server field of the answers that are the proxy's own. It
// has no version: that helps nobody but an attacker (X23).
const serverToken = "webstack"

// retryAfter is what a 503 of ours tells the client to wait, in seconds: an
// instance that is being replaced is back in about that.
const retryAfter = "1"

// ownMethods are the methods that a 405 of ours says are possible.
const ownMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// fail answers with an error of the proxy's own: small, and without a word
// about what is behind the proxy.
func (c *client) fail(status int) verdict { return c.explain(status, "") }

// explain is fail with a sentence for people.
func (c *client) explain(status int, detail string) verdict {
	w := c.worker
	c.endTry(balance.Abandoned, "")
	w.ours = w.ours[:0]
	if status == 503 {
		w.ours = append(w.ours, header.Field{Name: "Retry-After", Value: retryAfter})
	}
	return c.failWith(status, detail)
}

// failWith is explain with the fields that stand in worker.ours.
func (c *client) failWith(status int, detail string) verdict {
	w := c.worker
	w.own = strconv.AppendInt(w.own[:0], int64(status), 10)
	w.own = append(append(append(w.own, ' '), http1.Reason(status)...), '\n')
	if detail != "" {
		w.own = append(append(w.own, detail...), '\n')
	}
	w.ours = append(w.ours, header.Field{Name: "Server", Value: serverToken}, plainText)
	return c.answer(status, w.own)
}

var plainText = header.Field{Name: "Content-Type", Value: "text/plain; charset=utf-8"}

// refuseMethod answers a method that the proxy never forwards.
func (c *client) refuseMethod() verdict {
	// RFC 9110 section 15.5.6: "The origin server MUST generate an Allow
	// header field in a 405 response".
	c.x.front.Close = true
	c.worker.ours = append(c.worker.ours[:0], header.Field{Name: "Allow", Value: ownMethods})
	return c.failWith(405, "")
}

// text answers with a plain text of the proxy's own.
func (c *client) text(status int, text string) verdict {
	w := c.worker
	w.ours = append(w.ours[:0], header.Field{Name: "Server", Value: serverToken})
	w.own = append(w.own[:0], text...)
	return c.answer(status, w.own)
}

// ruled adds the fields that stand in worker.ours, as response_headers changes
// them, to an answer of the proxy's own.
func (c *client) ruled() {
	w, x := c.worker, c.x
	w.ours = append(w.ours, header.Field{Name: "Server", Value: serverToken})
	if x.route.ResponseHeaders == nil {
		return
	}
	w.fields = x.route.ResponseHeaders.Append(w.fields[:0], w.ours, &x.vars)
	w.ours, w.fields = w.fields, w.ours
}

// redirect answers with the route's Location.
func (c *client) redirect() verdict {
	w, x := c.worker, c.x
	w.text = x.route.Redirect.Location.Append(w.text[:0], &x.vars)
	w.ours = append(w.ours[:0], header.Field{Name: "Location", Value: view(w.text)})
	c.ruled()
	return c.answer(x.route.Redirect.Status, nil)
}

// respond answers with the route's fixed body.
func (c *client) respond() verdict {
	w, x := c.worker, c.x
	r := x.route.Respond
	w.ours = w.ours[:0]
	if r.Body != "" {
		w.ours = append(w.ours, plainText)
	}
	c.ruled()
	w.own = append(w.own[:0], r.Body...)
	return c.answer(r.Status, w.own)
}

// answer gives the client an answer with the fields of worker.ours and a body
// of our own, in one send.
func (c *client) answer(status int, body []byte) verdict {
	w, x := c.worker, c.x
	w.head = c.ownHead(w.head[:0], status, int64(len(body)))
	if x.req.Method != "HEAD" && !bodiless(status) {
		w.head = append(w.head, body...)
		x.down.sent = int64(len(body))
	}
	x.down.done = true
	c.send(w.head)
	return c.to(stepOwn)
}

// ownHead writes the head of an answer of our own, whose body has length
// octets.
func (c *client) ownHead(head []byte, status int, length int64) []byte {
	w, x := c.worker, c.x
	c.settleBody()
	if w.engine.stopping.Load() {
		x.front.Close = true
	}
	c.answers(status)
	x.down.begun = true
	x.front.On(http1.AnswerHead)
	head = http1.AppendStatusLine(head, status)
	head = http1.AppendFields(head, w.ours)
	if fieldOf(w.ours, "date") == "" {
		// RFC 9110 section 6.6.1: an origin server with a clock sends it.
		head = append(append(append(head, "Date: "...), w.now1123()...), "\r\n"...)
	}
	if !bodiless(status) {
		head = http1.AppendContentLength(head, length)
	}
	head = c.appendConnection(head)
	return append(head, http1.EndOfHead...)
}

// bodiless statuses have no body and no length (RFC 9110 sections 15.3.5 and
// 15.4.5; the length of a 304 may be left out).
func bodiless(status int) bool { return status == 204 || status == 304 }
