package engine

import (
	"strings"
	"syscall"

	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// sendfile is a file on its way to a client.
type sendfile struct {
	entry *open.Entry
	fd    int
	// at and left are of the piece that is being sent.
	at, left int64
	// parts and tail are what else there is of a multipart/byteranges body.
	parts []static.Part
	tail  string
	// warmed is up to where the file was read into memory for this answer.
	warmed int64
	// aside says that another thread is at work for it, by ticket, since when.
	aside  bool
	since  loop.Instant
	ticket uint64
}

func (f *sendfile) drop() {
	if f.entry != nil {
		f.entry.Release()
	}
	*f = sendfile{}
}

// small is up to what size a piece of a file is read and sent with what stands
// before it: one call for both. Beyond it the kernel sends the file itself.
const small = 64 << 10

// filePiece is how much of a file is sent at once, so that a fast client does
// not keep the loop.
const filePiece = 512 << 10

// beginFile gives the client the head of a file's answer.
func (c *client) beginFile(a *static.Answer) verdict {
	w, x := c.worker, c.x
	f := &x.file
	w.head = c.ownHead(w.head[:0], a.Status, a.Length)
	if !a.SendBody {
		x.down.done = true
		c.send(w.head)
		return c.to(stepFile)
	}
	f.at, f.left = a.Offset, a.Length
	x.down.pace.begin(w.now(), 0)
	if len(a.Parts) > 0 {
		// The answer's memory is another's soon.
		f.parts = append([]static.Part(nil), a.Parts...)
		for i := range f.parts {
			f.parts[i].Head = strings.Clone(f.parts[i].Head)
		}
		f.tail = strings.Clone(a.Tail)
		f.left = 0
		c.send(w.head)
		return c.to(stepFile)
	}
	if f.left > small || !c.sendSmall(w.head) {
		c.send(w.head)
	}
	return c.to(stepFile)
}

// sendSmall sends a small file with its head in one call. It is false where
// that cannot be done at once: the file is not in memory, or not what it was.
func (c *client) sendSmall(head []byte) bool {
	w, f := c.worker, &c.x.file
	p := w.window()[:f.left]
	n, err := open.ReadNow(f.fd, p, f.at)
	if err != nil || n < len(p) {
		return false
	}
	f.at, f.left = f.at+int64(n), 0
	c.x.down.sent += int64(n)
	whole, ok := w.scratch.before(head, p)
	if !ok {
		c.send(head)
		whole = p
	}
	c.send(whole)
	return true
}

// stepFile sends a file, piece by piece.
func (c *client) stepFile() verdict {
	x := c.x
	f := &x.file
	for range share {
		if !c.flush() {
			return wait
		}
		if f.left == 0 {
			if !c.nextPart() {
				x.down.done = true
				f.drop()
				return c.to(stepFinish)
			}
			continue
		}
		if c.ready&loop.Out == 0 {
			return wait
		}
		if f.at >= f.warmed {
			stretch := min(f.left, open.MaxWarm)
			if open.Resident(f.fd, f.at, stretch) {
				f.warmed = f.at + stretch
			} else if v := c.warm(stretch); c.step != stepFile {
				return v
			}
		}
		piece := min(f.left, filePiece)
		n, e := c.stream.SendFile(f.fd, f.at, int(piece))
		switch {
		case e == syscall.EAGAIN:
			c.ready &^= loop.Out
			return wait
		case e == syscall.EPIPE || e == syscall.ECONNRESET || e == syscall.ETIMEDOUT:
			c.lost()
			return again
		case e != 0:
			return c.fileBroken(e)
		case n == 0:
			return c.fileBroken(0)
		}
		if int64(n) < piece {
			c.ready &^= loop.Out
		} else {
			x.down.pace.excused = true
		}
		f.at, f.left = f.at+int64(n), f.left-int64(n)
		x.down.sent += int64(n)
		c.wrote = c.worker.now()
	}
	c.worker.putOff(c)
	return wait
}

// nextPart begins the next range of a multipart/byteranges body, and at last
// its end. It is false where there is nothing more.
func (c *client) nextPart() bool {
	f := &c.x.file
	switch {
	case len(f.parts) > 0:
		p := f.parts[0]
		f.parts = f.parts[1:]
		c.send([]byte(p.Head))
		c.x.down.sent += int64(len(p.Head))
		f.at, f.left = p.Offset, p.Length
	case f.tail != "":
		c.send([]byte(f.tail))
		c.x.down.sent += int64(len(f.tail))
		f.tail = ""
	default:
		return false
	}
	return true
}

// fileBroken ends an answer whose file is not what it was.
func (c *client) fileBroken(e errno) verdict {
	w, x := c.worker, c.x
	why := "it became shorter"
	if e != 0 {
		why = e.Error()
	}
	w.log.Warn("a file was broken off", "site", x.route.Site.Name, "error", why)
	x.front.On(http1.Cut)
	c.flush()
	c.abandon(x.status)
	return wait
}
