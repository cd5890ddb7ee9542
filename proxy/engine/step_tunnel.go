package engine

import (
	"strings"
	"syscall"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// tunnel is bytes both ways, whatever they are.
type tunnel struct {
	// up is what the instance's connection has not taken yet; what the
	// client's has not is in download.rest.
	up pending
	// The ends: nothing more comes from there, and the other was told.
	clientEnded, instanceEnded bool
	toldClient, toldInstance   bool
	// passed is when a byte last went through, in either direction: one that
	// only one side speaks in is not idle.
	passed loop.Instant
}

func (t *tunnel) drop(w *worker) { t.up.drop(&w.buffers) }

// switched is a 101. RFC 9110 section 7.8: "A server MUST NOT switch to a
// protocol that was not indicated by the client in the corresponding request's
// Upgrade header field" (F11).
func (c *client) switched(r *http1.Response) verdict {
	w, x := c.worker, c.x
	if !x.back.On(http1.SwitchHead) || !strings.EqualFold(fieldOf(r.Fields, "upgrade"), x.upgrade) {
		w.reason = "it switched to a protocol that was not asked for"
		return c.tryFailed(balance.Garbage, 0)
	}
	x.times.answered = w.now()
	x.last = x.instance
	x.route.Upstream.Group.Heard(x.instance, r.Status)
	c.answers(101)
	x.down.begun, x.endless = true, true
	x.front.Upgrade = true
	x.front.On(http1.SwitchHead)
	relay := header.Relay{Date: w.now1123(), Upgrade: x.upgrade, Vars: &x.vars}
	w.fields = header.AppendResponse(w.fields[:0], r.Fields, x.route.ResponseHeaders, &relay)
	head := http1.AppendStatusLine(w.head[:0], 101)
	head = http1.AppendFields(head, w.fields)
	w.head = append(head, http1.EndOfHead...)
	c.send(w.head)
	// Both may have spoken already (X18): what the instance said stands in
	// the scratch, what the client said is ahead.
	x.down.sent += int64(len(w.rest))
	if len(w.rest) > 0 {
		c.send(w.rest)
	}
	if len(w.fresh) == 0 && !c.ahead.empty() {
		x.tun.up, c.ahead = c.ahead, pending{}
	} else {
		x.tun.up.keep(&w.buffers, w.fresh)
		w.fresh = nil
	}
	x.tun.passed = w.now()
	return c.to(stepTunnel)
}

// stepTunnel passes what has come either way. It ends when both sides have
// ended, or one has failed.
func (c *client) stepTunnel() verdict {
	w, x := c.worker, c.x
	t := &x.tun
	for range share {
		moved := c.tunnelUp()
		moved = c.tunnelDown() || moved
		if x.backend.fault != 0 || c.ready&loop.Gone != 0 && c.broken() {
			return c.endTunnel()
		}
		if t.toldClient && t.toldInstance {
			return c.endTunnel()
		}
		if !moved {
			return wait
		}
		t.passed = w.now()
	}
	w.putOff(c)
	return wait
}

// broken says that the client's stream can no longer be used at all. The
// stream tells its error once, to whoever comes first.
func (c *client) broken() bool { return c.flags.has(failed) || c.stream.Err() != 0 }

// tunnelUp passes on what the client has sent, and its end.
func (c *client) tunnelUp() (moved bool) {
	w, t, b := c.worker, &c.x.tun, c.x.backend
	if t.up.empty() && !t.clientEnded {
		p := c.receive(readSize)
		t.clientEnded = c.flags.has(ended)
		if len(p) > 0 {
			moved = true
			c.x.up.received += int64(len(p))
			n := 0
			if b.ready&loop.Out != 0 {
				n = max(0, b.write(p))
			}
			t.up.keep(&w.buffers, p[n:])
		}
	} else if !t.up.empty() && b.ready&loop.Out != 0 {
		n := max(0, b.write(t.up.bytes()))
		t.up.took(&w.buffers, n)
		moved = n > 0
	}
	if t.clientEnded && t.up.empty() && !t.toldInstance {
		t.toldInstance = true
		b.stream.CloseWrite()
		moved = true
	}
	return moved
}

// tunnelDown passes on what the instance has sent, and its end.
func (c *client) tunnelDown() (moved bool) {
	t, b := &c.x.tun, c.x.backend
	if !c.flush() {
		return false
	}
	if !t.instanceEnded && b.ready&(loop.In|loop.Gone) != 0 {
		in, end := b.read()
		t.instanceEnded = end
		if len(in) > 0 {
			moved = true
			c.x.down.sent += int64(len(in))
			c.send(in)
		}
	}
	if t.instanceEnded && c.rest().empty() && !t.toldClient {
		t.toldClient = true
		c.stream.CloseWrite()
		moved = true
	}
	return moved
}

// endTunnel ends both connections.
func (c *client) endTunnel() verdict {
	x := c.x
	x.front.On(http1.Cut)
	if x.backend.fault == syscall.ECONNRESET {
		c.stream.Reset()
	}
	c.endTry(balance.Answered, "")
	return c.to(stepFinish)
}
