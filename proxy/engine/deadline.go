package engine

import (
	"syscall"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/loop"
)

// due is what a deadline that has passed means.
type due uint8

const (
	// dueNever: nothing is waited for that has a bound.
	dueNever due = iota
	// dueRegister: a client that would close soon has not; its stream is
	// registered now, so that its going is seen.
	dueRegister
	// dueIdle: no request came.
	dueIdle
	// dueHead: a head did not come to its end in time (absolute: slowloris).
	dueHead
	// dueBody: the client has not sent more of its body.
	dueBody
	// dueBodyPace: a span is over in which its body should have come on.
	dueBodyPace
	// dueSend: the client has not taken more of its answer.
	dueSend
	// dueSendPace: a span is over in which it should have taken some.
	dueSendPace
	// duePoll: who waits in a queue asks again: an instance may be back in
	// rotation, for which nobody calls.
	duePoll
	// dueQueue: no instance was free in time.
	dueQueue
	// dueAgain: those who have refused the connection are asked again.
	dueAgain
	// dueHold: no instance was ready in time.
	dueHold
	// dueRetry: there may be a descriptor again to connect with.
	dueRetry
	// dueConnect: the instance was not reached.
	dueConnect
	// dueAnswer: the instance has not begun its answer.
	dueAnswer
	// dueGap: the instance has not gone on with it, or takes no more of the
	// request.
	dueGap
	// dueDisk: a file was not opened or read.
	dueDisk
	// dueTunnel: nobody has spoken in a tunnel.
	dueTunnel
	// dueLinger: the client has not closed.
	dueLinger
)

const (
	// quick is how long a client that will close is left unregistered: most
	// are answered in that time.
	quick = 50 * time.Millisecond
	// lingerGap and lingerAll bound how long we read on after the last word,
	// as nginx does (lingering_timeout and lingering_time).
	lingerGap = 5 * time.Second
	lingerAll = 30 * time.Second
)

// diskTimeout is how long a file is waited for that is opened or read on
// another thread. A disk spins up in less; a server of files that is gone
// never answers.
const diskTimeout = 30 * time.Second

// starvedWait is how long other loops get to give descriptors back.
const starvedWait = 5 * time.Millisecond

// pollEvery is how often who waits in a queue asks by itself.
const pollEvery = time.Second

// bound keeps the earliest of the deadlines that it is told.
type bound struct {
	at   loop.Instant
	what due
}

func (b *bound) add(from loop.Instant, after time.Duration, what due) {
	if at := from + loop.Instant(after); at < b.at {
		b.at, b.what = at, what
	}
}

// deadline is when something must have happened, and what it means when it
// has not. It is derived from the state alone, every time.
func (c *client) deadline() (loop.Instant, due) {
	b := bound{loop.Never, dueNever}
	if !c.flags.has(registered) {
		b.add(c.since, quick, dueRegister)
	}
	limits := &c.worker.snap.Limits
	if c.x != nil {
		limits = &c.x.snap.Limits
	}
	switch c.step {
	case stepPreface:
		b.add(c.since, limits.Head, dueIdle)
	case stepHead:
		switch {
		case c.flags.has(begun):
			b.add(c.since, limits.Head, dueHead)
		case c.flags.has(answered):
			b.add(c.since, limits.Keepalive, dueIdle)
		default:
			b.add(c.since, limits.Head, dueIdle)
		}
	case stepLinger:
		b.add(c.read, lingerGap, dueLinger)
		b.add(c.since, lingerAll, dueLinger)
	default:
		if c.x != nil {
			c.exchangeDeadline(&b)
		}
	}
	return b.at, b.what
}

// owed says that there is something that the client could take now.
func (c *client) owed() bool { return !c.rest().empty() || c.step == stepFile }

// exchangeDeadline adds the bounds of the exchange.
func (c *client) exchangeDeadline(b *bound) {
	x := c.x
	limits := &x.snap.Limits
	if c.owed() {
		b.add(c.wrote, limits.Send, dueSend)
		b.add(x.down.pace.from, limits.Send, dueSendPace)
	}
	switch c.step {
	case stepSpool:
		b.add(max(c.read, x.times.began), limits.Body, dueBody)
		b.add(x.up.pace.from, limits.Body, dueBodyPace)
	case stepQueue:
		if x.standing {
			b.add(x.polled, askAgain, dueAgain)
		} else {
			b.add(x.polled, pollEvery, duePoll)
		}
		// Who was held once waits as long as that, also for one that is full.
		if x.times.held != 0 {
			b.add(x.times.held, x.route.Upstream.Hold, dueHold)
		} else {
			b.add(x.times.queued, x.route.Upstream.QueueTimeout, dueQueue)
		}
	case stepConnect:
		b.add(x.times.picked, x.route.Upstream.Dial.ConnectTimeout, dueConnect)
		if x.starved != 0 {
			b.add(x.starved, starvedWait, dueRetry)
		}
	case stepAsk:
		switch {
		case !x.up.rest.empty():
			b.add(x.backend.wrote, x.route.IdleTimeout, dueGap)
		case !x.up.done && !x.up.broken:
			b.add(max(c.read, x.times.connected), limits.Body, dueBody)
			b.add(x.up.pace.from, limits.Body, dueBodyPace)
		default:
			b.add(x.backend.heard, x.route.ResponseTimeout, dueAnswer)
		}
	case stepRelay:
		if x.backend != nil && x.down.rest.empty() {
			// One that answered early may wait for the rest of the request.
			b.add(max(x.backend.heard, x.backend.wrote, c.wrote), x.route.IdleTimeout, dueGap)
		}
	case stepOpen:
		b.add(x.file.since, diskTimeout, dueDisk)
	case stepTunnel:
		b.add(max(x.tun.passed, c.wrote), x.route.IdleTimeout, dueTunnel)
	}
}

// expired does what a deadline that has passed means.
func (c *client) expired(what due) {
	switch what {
	case dueRegister:
		c.register()
	case dueIdle, dueLinger:
		c.close()
	case dueHead:
		c.refusePart(c.ahead.bytes(), &headLate)
	case dueBody:
		c.x.front.Close = true
		if c.x.down.begun {
			c.breakOff()
			return
		}
		c.fail(408)
	case dueBodyPace:
		if up := &c.x.up; !up.pace.end(c.worker.now(), up.received, c.x.snap.Limits.MinRate) {
			c.expired(dueBody)
		}
	case dueSendPace:
		if !c.x.down.pace.end(c.worker.now(), c.taken(), c.x.snap.Limits.MinRate) {
			c.expired(dueSend)
		}
	case duePoll:
		c.x.polled = c.worker.now()
		c.x.route.Upstream.Group.Poll(c.worker.driver.Wall())
	case dueSend:
		// It sees a cut answer; the unsent part must not keep the socket.
		c.stream.Reset()
		c.abandon(statusGone)
	case dueQueue:
		c.queueOver()
	case dueAgain:
		c.askedAgain()
	case dueHold:
		c.unheld()
	case dueRetry:
		c.x.starved = 0
	case dueConnect:
		if c.x.starved != 0 {
			c.tryFailed(balance.Unreached, syscall.EMFILE)
			return
		}
		c.tryFailed(balance.ConnectTimeout, syscall.ETIMEDOUT)
	case dueAnswer:
		c.tryFailed(balance.AnswerTimeout, syscall.ETIMEDOUT)
	case dueGap:
		c.x.backend.fault = syscall.ETIMEDOUT
		if c.x.down.begun {
			c.breakOff()
			return
		}
		c.tryFailed(balance.AnswerTimeout, syscall.ETIMEDOUT)
	case dueDisk:
		c.diskHangs()
	case dueTunnel:
		c.endTunnel()
	}
}
