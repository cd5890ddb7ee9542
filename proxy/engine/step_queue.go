package engine

import "github.com/webstack/webstack/proxy/balance"

// enqueue joins the upstream's queue, where it has room.
func (c *client) enqueue() verdict {
	x := c.x
	if c.waker == nil {
		c.waker = &waker{c.worker, c}
	}
	x.ticket.Waker = c.waker
	x.times.queued = c.worker.now()
	x.polled = x.times.queued
	x.ticket.Tried = x.tried
	if x.route.Upstream.Group.Wait(c.worker.driver.Wall(), &x.ticket) == balance.Refused {
		return c.fail(503)
	}
	x.queued = true
	return c.to(stepQueue)
}

// stepQueue waits until an instance is free.
func (c *client) stepQueue() verdict {
	x := c.x
	in := x.route.Upstream.Group.Granted(&x.ticket)
	if in == nil {
		return wait
	}
	x.queued = false
	return c.picked(in)
}

// leaveQueue gives the place in the queue up.
func (c *client) leaveQueue() {
	if x := c.x; x.queued {
		x.queued = false
		x.route.Upstream.Group.Leave(c.worker.driver.Wall(), &x.ticket)
	}
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
