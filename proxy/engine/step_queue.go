package engine

import (
	"time"

	"github.com/webstack/webstack/proxy/balance"
)

// enqueue joins the upstream's queue, where it may: room is what there was to
// have.
func (c *client) enqueue(room balance.Room) verdict {
	x := c.x
	if c.waker == nil {
		c.waker = &waker{c.worker, c}
	}
	x.ticket.Waker = c.waker
	x.ticket.Tried = x.tried
	switch x.route.Upstream.Group.Wait(c.worker.driver.Wall(), &x.ticket) {
	case balance.Held:
		c.held(c.worker.now())
	case balance.Refused:
		if room == balance.Nobody {
			return c.unheld()
		}
		return c.fail(503)
	}
	return c.queue()
}

// queue has a ticket.
func (c *client) queue() verdict {
	x := c.x
	x.queued = true
	x.times.queued = c.worker.now()
	x.polled = x.times.queued
	return c.to(stepQueue)
}

// stepQueue waits until an instance is free, or ready at all.
func (c *client) stepQueue() verdict {
	x := c.x
	in := x.route.Upstream.Group.Granted(&x.ticket)
	if in == nil {
		return wait
	}
	c.waited()
	return c.picked(in)
}

// leaveQueue gives the place in the queue up.
func (c *client) leaveQueue() {
	if x := c.x; x.queued {
		c.waited()
		x.route.Upstream.Group.Leave(c.worker.driver.Wall(), &x.ticket)
	}
}

// waited is the end of a wait, which the log has with the others.
func (c *client) waited() {
	x := c.x
	x.queued, x.standing = false, false
	x.waited += time.Duration(c.worker.now() - x.times.queued)
}

// waker is what the queue calls on whatever thread has freed an instance. That
// may come when the connection has left the queue, or even gone: so it is
// apart from the connection, and nothing in it changes.
type waker struct {
	worker *worker
	client *client
}

func (k *waker) Wake() {
	k.worker.driver.Post(func() {
		// It may have left meanwhile, and even be another client's.
		if c := k.client; c.step == stepQueue {
			c.run()
		}
	})
}
