package engine

import (
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/snapshot"
	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// driver is what turns a worker: a loop, or a script in tests.
type driver interface {
	// Now and Wall are the moment of the turn.
	Now() loop.Instant
	Wall() time.Time
	// Post runs f in the worker's thread.
	Post(f func()) bool
}

// worker is one loop's share of the proxy: its clients, its connections to
// instances, its buffers. All of it is used by one thread only.
type worker struct {
	engine *Engine
	driver driver
	// loop is the driver, where it is the kernel's.
	loop *loop.Loop
	// dial begins a connection to an instance: a stream that is connected, or
	// that announces Out when it is (EINPROGRESS).
	dial func(p *pool, b *backend) errno
	log  *slog.Logger
	snap *snapshot.Snapshot

	listeners []*listener
	pools     map[*balance.Instance]*pool
	access    *accesslog.Handle

	// idle are the clients between two requests, the longest idle first; busy
	// are the others, also those that have not spoken yet.
	idle, busy clientList
	// spare are closed clients and finished exchanges, for the next.
	spareClients   []*client
	spareExchanges []*exchange
	spareBackends  []*backend
	buffers        buffers
	// headBytes is what unfinished heads take.
	headBytes int

	deadlines loop.Deadlines
	// later are connections that go on in the next turn, closing those whose
	// streams are closed at the end of this one.
	later          []*client
	closing        []*client
	closedBackends []*backend

	// What follows is scratch of the connection that runs.
	running *client
	scratch scratch
	fresh   []byte // read of the client and not used yet, in the scratch
	rest    []byte // read of the instance and not used yet, in the scratch
	// partial is a head that is not whole, response an answer's.
	partial  http1.Request
	response http1.Response
	// fields and ours are fields that are being put together, head, text and
	// own what is being written, entry a line of the access log.
	fields, ours    []header.Field
	head, text, own []byte
	entry           accesslog.Entry
	// reason is why a try failed, where it was not the kernel.
	reason string

	files  *open.Cache
	static static.Scratch
	// asides is how much was done aside so far.
	asides  uint64
	spooled int64 // what spools take on the disk

	date      []byte
	dateAt    int64
	ids       *rand.PCG
	stop      *stop
	stopTimer loop.Timer
}

func newWorker(e *Engine, d driver) *worker {
	w := &worker{
		engine:  e,
		driver:  d,
		log:     e.log,
		snap:    e.snap,
		pools:   map[*balance.Instance]*pool{},
		scratch: newScratch(),
		ids:     rand.NewPCG(rand.Uint64(), rand.Uint64()),
		access:  e.access.Handle(),
		files:   open.NewCache(open.DefaultDescriptors),
	}
	return w
}

// now is the moment of the turn.
func (w *worker) now() loop.Instant { return w.driver.Now() }

// Turn is called by the loop after each batch of events.
func (w *worker) Turn() loop.Instant {
	now := w.now()
	w.deadlines.Fire(now)
	w.goOn()
	w.bury()
	w.access.Flush(w.driver.Wall())
	files := w.files.Expire(int64(now))
	if w.stop != nil {
		w.stop.look(w)
	}
	if len(w.later) > 0 {
		return now
	}
	next := min(w.deadlines.Next(), loop.Instant(files))
	if w.access.Pending() {
		next = min(next, now+loop.Instant(accesslog.FlushAge))
	}
	return next
}

// putOff goes on with a connection in the next turn: it has had its share of
// this one.
func (w *worker) putOff(c *client) {
	if !c.flags.has(put) {
		c.flags |= put
		w.later = append(w.later, c)
	}
}

// goOn runs those that were put off, once each.
func (w *worker) goOn() {
	n := len(w.later)
	for i := range n {
		c := w.later[i]
		c.flags &^= put
		if c.step != stepClosed {
			c.run()
		} else if c.stream == nil {
			w.spare(c)
		}
	}
	w.later = w.later[:copy(w.later, w.later[n:])]
}

// bury closes what was given up in this turn. Until now nothing was closed,
// so that no descriptor that an event of the batch speaks of was used anew.
func (w *worker) bury() {
	for _, b := range w.closedBackends {
		b.stream.Close()
		w.spareBackends = append(w.spareBackends, b)
	}
	w.closedBackends = w.closedBackends[:0]
	for i := 0; i < len(w.closing); i++ {
		w.closing[i].free()
	}
	if len(w.closing) > 0 {
		w.closing = w.closing[:0]
		w.room()
	}
}

// free gives back all that a closed connection had.
func (c *client) free() {
	c.stream.Close()
	c.discard()
}

// discard is free but for the stream, which may live on elsewhere.
func (c *client) discard() {
	w := c.worker
	w.deadlines.Clear(&c.timer)
	c.ahead.drop(&w.buffers)
	if c.x != nil {
		w.release(c.x)
		c.x = nil
	}
	w.engine.left(c)
	c.stream = nil
	if !c.flags.has(put) {
		w.spare(c)
	}
	// Else it stands in later still, and must not be used again before.
}

// spare keeps a connection's struct for the next.
func (w *worker) spare(c *client) {
	*c = client{worker: w, waker: c.waker}
	w.spareClients = append(w.spareClients, c)
}

// newClient is a connection that was just accepted.
func (w *worker) newClient() *client {
	if last := len(w.spareClients) - 1; last >= 0 {
		c := w.spareClients[last]
		w.spareClients = w.spareClients[:last]
		return c
	}
	return &client{worker: w}
}

// begin gives a connection an exchange.
func (w *worker) begin(c *client) *exchange {
	var x *exchange
	if last := len(w.spareExchanges) - 1; last >= 0 {
		x = w.spareExchanges[last]
		w.spareExchanges = w.spareExchanges[:last]
	} else {
		x = new(exchange)
	}
	x.snap = w.snap
	x.head = w.buffers.get(classes[0])
	x.times.began = c.since
	x.name(w.ids)
	x.setPeer(c.peer)
	c.x = x
	return x
}

// release takes an exchange back.
func (w *worker) release(x *exchange) {
	w.buffers.put(x.head)
	w.buffers.put(x.ask)
	x.up.drop(w)
	x.down.drop(w)
	x.tun.drop(w)
	x.file.drop()
	x.reset()
	w.spareExchanges = append(w.spareExchanges, x)
}

// window is where a read goes. There is no other way to it: what the
// connection that runs has read and not used must not be overwritten.
func (w *worker) window() []byte {
	w.saveFresh()
	return w.scratch.window()
}

// attend makes it the connection that runs. Whoever does something for a
// connection does it first: what is read is kept for the one that runs.
func (w *worker) attend(c *client) {
	w.saveFresh()
	w.running = c
}

// saveFresh keeps what the connection that runs has read and not used.
func (w *worker) saveFresh() {
	if len(w.fresh) > 0 {
		w.running.ahead.keep(&w.buffers, w.fresh)
		w.fresh = nil
	}
}

// defect is a connection that would do what the table of steps does not know.
// It ends alone.
func (w *worker) defect(c *client, next step) {
	w.log.Error("a connection is closed for a defect of the proxy; please report it", "step", c.step.String(), "next", next.String())
	c.abandon(statusGone)
}
