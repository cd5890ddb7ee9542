package engine

import (
	"net/netip"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/loop"
)

// client is a client's connection. It is plain values and at most one
// exchange: nothing else holds its progress.
type client struct {
	worker *worker
	stream stream
	socket socket
	// ready is what the stream can do, as far as it has said.
	ready loop.Events
	step  step
	flags flags

	listener *listener
	// peer is who is at the other end; invalid for a unix socket's.
	peer netip.Addr

	// ahead is what was read and not used: part of a head, or what came
	// behind a request.
	ahead pending
	x     *exchange

	timer loop.Timer
	// waker is there once it has waited in a queue.
	waker *waker
	// since is when the connection fell idle, or when a head began; read when
	// the client last sent something, wrote when it last took something.
	since, read, wrote loop.Instant

	// prev and next are its neighbours in the worker's list.
	prev, next *client
	list       *clientList
}

// flags are what a connection remembers by yes and no.
type flags uint16

const (
	// registered: the stream announces readiness.
	registered flags = 1 << iota
	// ended: the client has sent its last byte.
	ended
	// failed: a call on the stream came back with an error.
	failed
	// put: the worker goes on with it in its next turn.
	put
	// begun: part of a head has come, so that it is not idle.
	begun
	// answered: it has had an answer.
	answered
	// counted: it counts against its client's limit.
	counted
	// bodied: the last request had a body, so that no empty line may come
	// behind it (R2).
	bodied
)

func (f flags) has(one flags) bool { return f&one != 0 }

// Ready is the stream's: something has become possible.
func (c *client) Ready(ev loop.Events) {
	c.ready |= ev
	if c.step == stepClosed {
		return
	}
	if client, _ := wants(c.step, c.fill()); ev&(client|loop.Gone) != 0 {
		c.run()
	}
}

// Expire is the timer's: a deadline may have passed. It may also have been
// moved since: then the timer is set anew.
func (c *client) Expire() {
	if c.step == stepClosed {
		return
	}
	c.worker.attend(c)
	now := c.worker.now()
	if at, what := c.deadline(); at <= now {
		c.expired(what)
	}
	c.run()
}

// run goes on with the connection until it has to wait.
func (c *client) run() {
	w := c.worker
	w.attend(c)
	for c.step != stepClosed {
		if c.ready&loop.Gone != 0 && c.gone() {
			break
		}
		if c.act() == wait {
			break
		}
	}
	w.saveFresh()
	if c.step == stepClosed {
		return
	}
	if !c.flags.has(registered) && !c.leaves() {
		c.register()
	}
	at, _ := c.deadline()
	w.deadlines.Set(&c.timer, at)
}

// leaves says that the client has asked for the end of the connection with its
// request, and can be expected to be gone soon: registering it would cost more
// than it is worth (deadline.go has how long).
func (c *client) leaves() bool {
	return c.x != nil && c.x.front.Close && c.rest().empty() && c.x.up.done && c.worker.now()-c.since < loop.Instant(quick)
}

// lost notes that a call on the stream came back with an error: there is no
// connection any more.
func (c *client) lost() {
	c.flags |= failed
	c.ready |= loop.Gone
}

// to moves the connection to another step.
func (c *client) to(next step) verdict {
	if !successors[c.step].has(next) {
		c.worker.defect(c, next)
		return wait
	}
	c.step = next
	return again
}

// gone handles a connection that is no more, in both directions or by a
// reset: it says whether there is nothing left to do. What has come before is
// still read where it matters, in a tunnel.
func (c *client) gone() bool {
	switch c.step {
	case stepTunnel:
		return false
	case stepPreface, stepHead, stepLinger:
		c.close()
	default:
		c.abandon(statusGone)
	}
	return true
}

// abandon ends a connection in the middle of an exchange: the client has gone,
// or its answer cannot be completed, and sees by the close that it is not
// whole (RFC 9112 section 8).
func (c *client) abandon(status int) {
	if x := c.x; x != nil {
		if x.status == 0 || status == statusGone {
			x.status = status
		}
		c.endTry(balance.Abandoned, "")
		c.account()
	}
	c.close()
}

// retire closes a connection that is idle, unless its client has just spoken:
// what has come and was not announced yet is a request that it would lose.
func (c *client) retire() {
	if c.stream.Quiet() {
		c.close()
		return
	}
	c.ready |= loop.In
	c.worker.putOff(c)
}

// close ends the connection at the end of the turn; until then its stream is
// only not used any more.
func (c *client) close() {
	if c.step == stepClosed {
		return
	}
	c.step = stepClosed
	c.releaseHead()
	c.list.remove(c)
	c.worker.closing = append(c.worker.closing, c)
}

// act does the connection's step.
func (c *client) act() verdict {
	switch c.step {
	case stepPreface:
		return c.stepPreface()
	case stepHead:
		return c.stepHead()
	case stepChoose:
		return c.stepChoose()
	case stepSpool:
		return c.stepSpool()
	case stepPick:
		return c.stepPick()
	case stepQueue:
		return c.stepQueue()
	case stepConnect:
		return c.stepConnect()
	case stepAsk:
		return c.stepAsk()
	case stepAnswer:
		return c.stepAnswer()
	case stepRelay:
		return c.stepRelay()
	case stepTunnel:
		return c.stepTunnel()
	case stepOpen:
		return c.stepOpen()
	case stepFile:
		return c.stepFile()
	case stepOwn:
		return c.stepOwn()
	case stepFinish:
		return c.stepFinish()
	case stepLinger:
		return c.stepLinger()
	}
	return wait
}
