package engine

import (
	"errors"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/loop"
)

// errThaw is a connection that cannot go on here: its state is of another
// version, or its route, its instance or its listener are not known.
var errThaw = errors.New("cannot go on with a connection: its state does not fit")

// thaw goes on with a connection that was frozen in another worker. When it
// fails, the streams are closed.
//
// What both of its streams can do is not known here, so it is tried: a stream
// that cannot says so, and announces when it can.
func (w *worker) thaw(f frozen) error {
	c := w.newClient()
	c.stream, c.timer.Owner = w.adopt(f.client, &c.socket), c
	i := ice{data: f.state, thawing: true, now: w.now(), buffers: &w.buffers}
	if i.broken = !i.open(); !i.broken {
		i.client(c)
	}
	broken := i.broken || len(i.data) > 0 || (f.instance != nil) != (c.x != nil && c.x.backend != nil)
	if c.x != nil && c.x.backend != nil {
		if f.instance != nil {
			c.x.backend.stream = w.adopt(f.instance, &c.x.backend.socket)
		}
	} else if f.instance != nil {
		f.instance.Close()
	}
	w.engine.joined(c)
	w.busy.add(c)
	if broken {
		w.giveUp(c)
		return errThaw
	}
	c.ready = loop.In | loop.Out
	if c.flags.has(begun) {
		// Of the unfinished heads here from now on.
		w.headBytes += cap(c.ahead.buf)
	}
	if c.step == stepHead && !c.flags.has(begun) && c.flags.has(answered) {
		w.idle.move(c)
	}
	if err := c.goOnHere(); err != nil {
		w.giveUp(c)
		return err
	}
	c.run()
	return nil
}

// goOnHere takes up what a connection had in the worker that it was in.
func (c *client) goOnHere() error {
	x := c.x
	if x == nil {
		return nil
	}
	if b := x.backend; b != nil {
		b.ready = loop.In | loop.Out
		return b.stream.Watch(b)
	}
	if c.step != stepQueue {
		return nil
	}
	// It waits again, at the end of the queue but no longer than before.
	queued := x.times.queued
	c.step = stepPick
	if x.standing {
		x.standing, x.spent = false, true
		c.stepPick()
	} else {
		c.enqueue(balance.Full)
	}
	if x.queued {
		x.times.queued = queued
	}
	return nil
}

// giveUp closes what could not be thawed, without a line in the log: here the
// request is not known.
func (w *worker) giveUp(c *client) {
	if x := c.x; x != nil {
		if b := x.backend; b != nil && b.stream == nil {
			// The stream that its state speaks of did not come with it.
			b.head.drop(&w.buffers)
			x.backend = nil
		}
		if x.route != nil && x.route.Upstream != nil {
			c.endTry(balance.Abandoned, "")
		}
	}
	c.step = stepHead
	c.flags &^= begun // it was not counted yet
	c.close()
}

// listenerName is the name of the listener that the connection came by.
func (c *client) listenerName() string {
	if c.listener == nil {
		return ""
	}
	return c.listener.name
}

// listenerOf is the worker's listener of that name, nil where it has none.
func (w *worker) listenerOf(name string) *listener {
	for _, l := range w.listeners {
		if l.name == name {
			return l
		}
	}
	return nil
}
