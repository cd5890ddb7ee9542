package engine

import (
	"time"

	"github.com/webstack/webstack/proxy/loop"
)

// askAgain is how long a request that was refused by all whom it may ask waits
// until it asks again: nobody says when a process listens.
const askAgain = 200 * time.Millisecond

// A request that finds nobody ready waits instead of failing, for as long as
// its upstream holds requests. Where there is nobody to ask, it waits in the
// queue and is told. Where all have refused the connection, it stands by
// outside of the queue and asks again every askAgain. What it may wait for
// counts from when it was first held; a request that an instance has seen is
// at most once more in that place (the retry rule), and then begins anew.

// standBy waits until it may ask again those who have refused.
func (c *client) standBy() verdict {
	x := c.x
	if !x.route.Upstream.Group.StandBy(c.worker.driver.Wall(), &x.ticket) {
		return c.unheld()
	}
	x.standing = true
	c.held(c.worker.now())
	return c.queue()
}

// held notes since when it is held.
func (c *client) held(since loop.Instant) {
	if t := &c.x.times; t.held == 0 {
		t.held = since
	}
}

// unheld answers a request that nobody is there for: where a try has failed,
// as that did.
func (c *client) unheld() verdict {
	if lost := c.x.lost; lost != 0 {
		return c.fail(lost)
	}
	return c.fail(503)
}

// askedAgain is the end of the time that it has stood by.
func (c *client) askedAgain() {
	x := c.x
	if x.route.Upstream.Group.MayAsk(c.worker.driver.Wall()) {
		c.newRound()
		return
	}
	x.polled = c.worker.now()
}

// newRound forgets who has refused the connection, and asks. An instance
// that has seen the request stays out of it: the replay is another's.
func (c *client) newRound() {
	x := c.x
	c.leaveQueue()
	clear(x.tried)
	x.tried = x.tried[:0]
	if x.met != nil {
		x.tried = append(x.tried, x.met)
	}
	x.attempts.NewRound()
	x.refused, x.spent = false, false
	c.to(stepPick)
}

// queueOver is the end of the time that it may wait for an instance that is
// full. When none is ready any more, it is held like any other, and no longer
// than those.
func (c *client) queueOver() {
	x := c.x
	up := x.route.Upstream
	left := x.times.queued + loop.Instant(up.Hold) - c.worker.now()
	if left <= 0 || !up.Group.Remain(c.worker.driver.Wall(), &x.ticket) {
		c.fail(503)
		return
	}
	c.held(x.times.queued)
}
