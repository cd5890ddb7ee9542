package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
)

// endTry closes what began with the choice of an instance: the use of it is
// accounted for, and its connection, if there is one still, is given up.
func (c *client) endTry(o balance.Outcome, reason string) {
	w, x := c.worker, c.x
	c.leaveQueue()
	if b := x.backend; b != nil {
		x.backend = nil
		b.close()
	}
	if in := x.instance; in != nil {
		g := x.route.Upstream.Group
		x.instance = nil
		g.End(w.driver.Wall(), in, o, reason)
		if x.apart {
			// Behind the verdict: nobody who is sent again follows one that
			// has killed.
			x.apart = false
			g.Cleared(in)
		}
	}
}

// freeInstance is the end of a try that was answered, as soon as the answer
// has come: a client that reads slowly does not hold the instance (X7).
func (c *client) freeInstance() {
	w, x := c.worker, c.x
	b := x.backend
	dial := &x.route.Upstream.Dial
	if dial.KeepaliveRequests > 0 && b.requests >= dial.KeepaliveRequests {
		x.back.Close = true
	}
	if x.up.finished() && x.back.Reusable(http1.Instance) && w.keep(b, dial.Keepalive, dial.KeepaliveTimeout) {
		x.backend = nil
	}
	c.endTry(balance.Answered, "")
}

// tryFailed is a try that came to nothing. The retry rule says what follows.
func (c *client) tryFailed(p balance.Phase, e errno) verdict {
	w, x := c.worker, c.x
	if x.backend != nil && x.backend.fault == 0 {
		x.backend.fault = e
	}
	why := x.fault(w)
	if e != 0 && x.backend == nil {
		why = e.Error()
	}
	in := x.instance
	if x.times.held == 0 || !p.Unsent() {
		// Who is held and asks again says once that he was refused.
		w.tryLine(in, p, why)
	}
	x.last = in
	outcome, reason := balance.Failed, ""
	if ours(p, e) {
		// Our own want of descriptors, ports or memory: no verdict on the
		// instance, and no better elsewhere.
		c.endTry(balance.Abandoned, "")
		return c.fail(503)
	}
	if p == balance.Stale {
		// Whoever closes an idle connection is well.
		outcome = balance.Abandoned
	} else {
		reason = p.String() + ": " + why
	}
	replayable := x.replayable()
	c.endTry(outcome, reason)
	x.tried, x.sameAllowed = append(x.tried, in), false
	return c.follow(x.attempts.Next(p, replayable), p, in)
}

// follow does what the retry rule says of a try on the instance that failed.
func (c *client) follow(action balance.Action, p balance.Phase, in *balance.Instance) verdict {
	x := c.x
	status := 502
	if p == balance.ConnectTimeout || action == balance.GatewayTimeout {
		status = 504
	}
	switch {
	case action == balance.Elsewhere:
		x.refused = true
	case action == balance.Replay:
		x.met = in
		x.times.held = 0
	case action == balance.Fresh:
		x.sameAllowed = true
		x.times.held = 0
	case p.Unsent() && !x.attempts.Never:
		// No more may be asked now. Nothing was sent, so there is no harm in
		// asking later.
		x.spent = true
	default:
		return c.fail(status)
	}
	x.fresh, x.lost = true, status
	return c.to(stepPick)
}

// ours says that a failure to connect was the proxy's own.
func ours(p balance.Phase, e errno) bool {
	if p != balance.Unreached {
		return false
	}
	switch e {
	case syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL:
		return true
	}
	return outOfFiles(e)
}

// fault is why the instance's connection failed, as the log and the status
// have it: the kernel's own word where there is one, and no addresses (X23).
func (x *exchange) fault(w *worker) string {
	why := w.reason
	w.reason = ""
	switch {
	case why != "":
		return why
	case x.backend == nil:
		return "no connection"
	case x.backend.fault != 0:
		return x.backend.fault.Error()
	}
	return "connection closed"
}

// tryLine is the one line that each failed try has in the error log.
func (w *worker) tryLine(in *balance.Instance, p balance.Phase, why string) {
	if in == nil {
		return
	}
	w.log.Warn("a try failed", "instance", in.ID, "phase", p.String(), "error", why)
}
