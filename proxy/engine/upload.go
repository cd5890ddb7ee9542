package engine

import (
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// upload is a request's body on its way to an instance.
type upload struct {
	body   http1.Body
	left   int64 // of a sized body, what has not come
	chunks http1.ChunkReader
	// done: the whole body has come from the client.
	done bool
	// received is how much of the body has come, sent how much of it an
	// instance was given.
	received, sent int64
	// asked: the head was given to the instance's connection.
	asked bool
	// broken: the instance's connection takes no more.
	broken bool
	pace   pace
	// dropped: the request goes on without its body, of which not all came.
	dropped bool
	// invited: the client was told to go on (100 Continue), or did not ask.
	invited bool
	// rest is what the instance's connection has not taken yet.
	rest  pending
	spool spool
}

func (u *upload) begin(now loop.Instant, r *http1.Request) {
	u.pace.begin(now, 0)
	u.body = r.Body
	u.left = r.Body.Length
	u.done = r.Body.Kind == http1.NoBody || r.Body.Kind == http1.Sized && r.Body.Length == 0
	u.invited = !r.Expect100 || u.done
}

func (u *upload) drop(w *worker) {
	u.rest.drop(&w.buffers)
	u.spool.drop(w)
}

// restart is for another try: nothing was given to the next connection.
func (u *upload) restart(w *worker) {
	u.rest.drop(&w.buffers)
	u.asked, u.broken, u.sent = false, false, 0
	u.spool.rewind()
}

// finished says that the instance's connection has taken all of the request.
func (u *upload) finished() bool { return u.asked && u.done && u.rest.empty() && u.spool.sent() }

// decode takes a piece of the body out of what came: data is the part of in
// that is body, used what was consumed.
func (u *upload) decode(in []byte) (data []byte, used int, refused *http1.Error) {
	if u.body.Kind == http1.Sized {
		n := int(min(int64(len(in)), u.left))
		u.left -= int64(n)
		u.received += int64(n)
		u.done = u.left == 0
		return in[:n], n, nil
	}
	data, used, u.done, refused = u.chunks.Next(in)
	u.received += int64(len(data))
	return data, used, refused
}

// expected is how much of the body is known to come.
func (u *upload) expected() int {
	left := u.left
	if u.body.Kind == http1.Chunked {
		left = u.chunks.Left()
	}
	return int(min(left, readSize))
}

// bodyState is what came of looking for more of a body.
type bodyState uint8

const (
	// bodyNone: nothing more for now.
	bodyNone bodyState = iota
	// bodyMore: there is a piece.
	bodyMore
	// bodyCut: the client ended in the middle of it.
	bodyCut
	// bodyBad: its framing is broken.
	bodyBad
	// bodyLong: it is longer than the route allows.
	bodyLong
	// bodyLost: it had come, and cannot be read of the disk.
	bodyLost
)

// nextBody takes the next piece of the request's body, which stands in the
// scratch.
func (c *client) nextBody() (data []byte, state bodyState) {
	w, u := c.worker, &c.x.up
	if u.done {
		return nil, bodyNone
	}
	in := c.unread()
	if len(in) == 0 {
		if c.flags.has(ended) {
			return nil, bodyCut
		}
		return nil, bodyNone
	}
	data, used, refused := u.decode(in)
	w.fresh = in[used:]
	if u.done {
		c.x.front.On(http1.RequestEnd)
	}
	if refused != nil {
		return nil, bodyBad
	}
	if limit := c.x.route.MaxBody; limit > 0 && u.received > limit {
		return nil, bodyLong
	}
	return data, bodyMore
}

// frame puts a piece of the body into the framing that the instance gets (F10:
// written anew, never as it came), with head in front of it.
func (c *client) frame(head, data []byte) (whole []byte, ok bool) {
	w, u := c.worker, &c.x.up
	if u.body.Kind != http1.Chunked {
		return w.scratch.before(head, data)
	}
	return w.chunk(head, data, u.done)
}

// chunk makes one chunk of a piece in the scratch, with head in front of it
// and, behind the last one, the end of the body.
func (w *worker) chunk(head, data []byte, last bool) (whole []byte, ok bool) {
	w.text = append(w.text[:0], head...)
	if len(data) == 0 {
		if last {
			w.text = append(w.text, http1.LastChunk...)
		}
		return w.text, true
	}
	w.text = http1.AppendChunkHead(w.text, len(data))
	tail := http1.ChunkTail
	if last {
		tail = http1.ChunkTail + http1.LastChunk
	}
	return w.scratch.before(w.text, w.scratch.behind(data, tail))
}

// pump passes on what there is of the request: its head, and its body as the
// client sends it, only as fast as the instance takes it.
func (c *client) pump() bodyState {
	x := c.x
	u, b := &x.up, x.backend
	for range share {
		if !c.flushUpload() {
			return bodyNone
		}
		if u.finished() {
			c.asked()
			return bodyNone
		}
		data, state := c.moreBody()
		if state == bodyNone && !u.asked {
			head := x.ask
			if u.done && u.body.Kind == http1.Chunked {
				// There is nothing in it, and its end came with an earlier try.
				head, _ = c.worker.chunk(head, nil, true)
			}
			u.asked = true
			c.sendUpload(head, 0)
			c.invite()
			continue
		}
		if state != bodyMore {
			return state
		}
		var head []byte
		if !u.asked {
			head = x.ask
		}
		whole, fits := c.frame(head, data)
		if !fits {
			// A head that is larger than the room in front goes by itself.
			u.rest.keep(&c.worker.buffers, head)
			whole, _ = c.frame(nil, data)
			u.rest.keep(&c.worker.buffers, whole)
			u.asked, u.sent = true, u.sent+int64(len(data))
			continue
		}
		u.asked = true
		c.sendUpload(whole, len(data))
		if b.ready&loop.Out == 0 {
			return bodyNone
		}
	}
	if u.finished() {
		c.asked()
		return bodyNone
	}
	c.worker.putOff(c)
	return bodyNone
}

// asked has given the whole request to the instance's connection.
func (c *client) asked() {
	x := c.x
	if !x.up.broken && x.back.On(http1.RequestEnd) {
		x.times.asked = c.worker.now()
		x.backend.heard = x.times.asked
	}
}

// share is how many pieces a connection may pass on in one turn; the others
// have theirs before it goes on.
const share = 4

// moreBody is the next piece, of the spool where the body is in it.
func (c *client) moreBody() ([]byte, bodyState) {
	if s := &c.x.up.spool; s.whole() {
		return s.next(c.worker)
	}
	return c.nextBody()
}

// sendUpload gives the instance's connection a piece of the request, of which
// body bytes are body.
func (c *client) sendUpload(p []byte, body int) {
	x := c.x
	x.up.sent += int64(body)
	if x.up.broken {
		return
	}
	n := x.backend.write(p)
	if n < 0 {
		x.up.broken = true
		return
	}
	x.up.rest.keep(&c.worker.buffers, p[n:])
}

// flushUpload says whether the instance's connection has taken all that it was
// given.
func (c *client) flushUpload() bool {
	u, b := &c.x.up, c.x.backend
	if u.rest.empty() {
		return true
	}
	u.pace.excused = true
	if u.broken {
		u.rest.drop(&c.worker.buffers)
		return true
	}
	if b.ready&loop.Out == 0 {
		return false
	}
	n := b.write(u.rest.bytes())
	if n < 0 {
		u.broken = true
		u.rest.drop(&c.worker.buffers)
		return true
	}
	u.rest.took(&c.worker.buffers, n)
	return u.rest.empty()
}

// continueHead is the interim answer that a client waits for.
var continueHead = []byte("HTTP/1.1 100 Continue\r\n\r\n")

// invite tells a client that waits for it to send the body (F12): only when
// there is a connection that takes it.
func (c *client) invite() {
	if u := &c.x.up; !u.invited && !c.x.down.begun {
		u.invited = true
		c.send(continueHead)
	}
}
