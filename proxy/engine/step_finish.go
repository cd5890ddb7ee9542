package engine

import (
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// statusGone is what the log and the counters have for a client that went
// away before it was answered; nothing is sent (nginx's 499).
const statusGone = 499

// stepFinish has an answer that the client has taken.
func (c *client) stepFinish() verdict {
	w, x := c.worker, c.x
	x.front.On(http1.AnswerEnd)
	c.endTry(balance.Answered, "")
	c.account()
	next := x.front.Reusable(http1.Client)
	whole := x.up.done && !x.up.dropped
	c.x = nil
	w.release(x)
	if next {
		c.flags |= answered
		c.since = w.now()
		c.to(stepHead)
		if len(w.fresh) == 0 && c.ahead.empty() {
			w.idle.move(c)
			if w.engine.stopping.Load() {
				// It was promised that it may go on before the stop began.
				c.retire()
				return wait
			}
			return again
		}
		// One request in each turn: who sends many ahead does not keep the
		// others waiting.
		w.putOff(c)
		return wait
	}
	if whole && len(w.fresh) == 0 && c.ahead.empty() && c.ready&loop.In == 0 {
		// Nothing has come that the client could lose its answer by.
		c.close()
		return wait
	}
	return c.linger()
}

// answers notes the status that the client gets, before it has it.
func (c *client) answers(status int) {
	x := c.x
	x.status = status
	if x.route != nil && status >= 500 {
		x.route.Site.Counters.Errors.Add(1)
	}
}

// account writes the exchange into the access log.
func (c *client) account() {
	w, x := c.worker, c.x
	if x.route != nil && !x.route.AccessLog || w.access == nil {
		return
	}
	now := w.now()
	e := &w.entry
	*e = accesslog.Entry{
		Time:      w.driver.Wall(),
		Client:    c.who(),
		Method:    x.req.Method,
		Target:    x.req.Target,
		Host:      x.req.Host,
		Referer:   fieldOf(x.req.Fields, "referer"),
		UserAgent: fieldOf(x.req.Fields, "user-agent"),
		RequestID: x.requestID(),
		Minor:     x.req.Minor,
		Status:    x.status,
		Tries:     x.tries,
		Sent:      x.down.sent,
		Received:  x.up.received,
		Queue:     x.queueTime(),
		Connect:   between(x.times.picked, x.times.connected),
		FirstByte: between(x.times.connected, x.times.answered),
		Total:     between(x.times.began, now),
	}
	if x.route != nil {
		e.Site = x.route.Site.Name
		if x.route.Upstream != nil {
			e.Upstream = x.route.Upstream.Name
		}
	}
	if x.last != nil {
		e.Instance = x.last.ID
	}
	w.access.Write(e)
}

// who is the client's address as text: the peer's, or where that is trusted,
// the one that it speaks for. It is good until the next text.
func (c *client) who() string {
	client := c.x.vars.ClientIP
	if !client.IsValid() || client == c.peer.Unmap() {
		return c.x.peerString()
	}
	c.worker.text = client.AppendTo(c.worker.text[:0])
	return view(c.worker.text)
}

// queueTime is how long the request has waited for an instance, -1 where it
// did not.
func (x *exchange) queueTime() time.Duration {
	if x.times.queued == 0 {
		return -1
	}
	return x.waited
}

// between is the time between two moments, -1 where one was not.
func between(from, to loop.Instant) time.Duration {
	if from == 0 || to == 0 || to < from {
		return -1
	}
	return time.Duration(to - from)
}
