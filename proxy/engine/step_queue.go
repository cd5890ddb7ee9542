package engine

// enqueue joins the upstream's queue, where it has room.
func (c *client) enqueue() verdict {
	x := c.x
	if c.waiter == nil {
		c.waiter = &waiter{c.worker, c}
	}
	x.ticket.Waker = c.waiter
	x.times.queued = c.worker.now()
	x.polled = x.times.queued
	x.ticket.Tried = x.tried
	if !x.route.Upstream.Group.Wait(c.worker.driver.Wall(), &x.ticket) {
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

// waiter is who waits in a queue, as other threads know it. It never changes,
// for it may be called when its connection has left the queue and gone.
type waiter struct {
	worker *worker
	client *client
}

// Wake is the queue's, on whatever thread has freed an instance.
func (w *waiter) Wake() {
	w.worker.driver.Post(func() {
		// It may have left meanwhile, and even be another client's.
		if w.client.step == stepQueue {
			w.client.run()
		}
	})
}
