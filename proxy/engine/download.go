package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// download is an answer's body on its way to the client.
type download struct {
	body   http1.Body
	left   int64 // of a sized body, what has not come
	chunks http1.ChunkReader
	// chunked: the client gets it in chunks.
	chunked bool
	// begun: the final answer's head was given to the client's stream.
	begun bool
	// done: the whole body has come.
	done bool
	// rest is what the client's stream has not taken yet.
	rest pending
	pace pace
	// sent is how much of the body the client was given.
	sent int64
}

func (d *download) drop(w *worker) { d.rest.drop(&w.buffers) }

// decode takes a piece of the body out of what came. extra is what came behind
// its end.
func (d *download) decode(in []byte) (data, extra []byte, refused *http1.Error) {
	switch d.body.Kind {
	case http1.NoBody:
		d.done = true
		return nil, in, nil
	case http1.Sized:
		n := int(min(int64(len(in)), d.left))
		d.left -= int64(n)
		d.done = d.left == 0
		return in[:n], in[n:], nil
	case http1.Chunked:
		data, used, done, refused := d.chunks.Next(in)
		d.done = done
		return data, in[used:], refused
	}
	return in, nil, nil
}

// send gives the client's stream bytes; what it does not take is kept. It is
// false where the client has gone.
func (c *client) send(p []byte) bool {
	rest := c.rest()
	if rest.empty() && c.ready&loop.Out != 0 {
		n, e := c.stream.Write(p)
		switch {
		case e == 0:
			c.wrote = c.worker.now()
			if n == len(p) {
				c.x.down.pace.excused = true
				return true
			}
			p = p[n:]
			c.ready &^= loop.Out
		case e == syscall.EAGAIN:
			c.ready &^= loop.Out
		default:
			c.lost()
			return false
		}
	}
	begins := rest.empty()
	rest.keep(&c.worker.buffers, p)
	if begins {
		// What is kept now is not taken yet.
		c.wrote = c.worker.now()
		c.x.down.pace.begin(c.wrote, c.taken())
	}
	return true
}

// flush says whether the client's stream has taken all that it was given.
func (c *client) flush() bool {
	rest := c.rest()
	for !rest.empty() {
		if c.ready&loop.Out == 0 {
			return false
		}
		n, e := c.stream.Write(rest.bytes())
		switch {
		case e == syscall.EAGAIN:
			c.ready &^= loop.Out
			return false
		case e != 0:
			c.lost()
			return false
		}
		c.wrote = c.worker.now()
		if n < rest.len() {
			c.ready &^= loop.Out
		}
		rest.took(&c.worker.buffers, n)
	}
	return true
}

// taken is how much of the answer's body has left.
func (c *client) taken() int64 { return c.x.down.sent - int64(c.rest().len()) }

// rest is what the client's stream has not taken yet.
func (c *client) rest() *pending { return &c.x.down.rest }
