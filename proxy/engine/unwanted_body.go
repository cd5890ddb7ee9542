package engine

import "github.com/webstack/webstack/proxy/http1"

// settleBody takes what has come of a request's body that nobody wants. Where
// that is not all of it, the connection ends with the answer: what comes then
// must not be taken for the next request (F4).
func (c *client) settleBody() {
	x := c.x
	for !x.up.done {
		in := c.unread()
		if len(in) == 0 {
			break
		}
		_, used, refused := x.up.decode(in)
		c.worker.fresh = in[used:]
		if refused != nil {
			break
		}
		if x.up.done {
			x.front.On(http1.RequestEnd)
		}
		if x.up.received > maxSettled {
			break
		}
	}
	if !x.up.done {
		x.front.Close = true
	}
}

// dropBody is for a request that goes to another route without its body: what
// has come of it is taken. Not sent without a framing, either: there it would
// be taken for a request.
func (c *client) dropBody() {
	c.settleBody()
	u := &c.x.up
	u.dropped = u.dropped || !u.done
	u.drop(c.worker)
	u.body, u.done, u.sent = http1.Body{Length: -1}, true, 0
}

// maxSettled is how much of an unwanted body is read at once: more is cheaper
// to end with the connection.
const maxSettled = 256 << 10
