package engine

import (
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/snapshot"
)

// listener is one listening socket in one loop. The loops have the same
// socket, and the kernel wakes one of them for each connection.
type listener struct {
	worker *worker
	name   string
	fd     int
	token  loop.Token
	// sites are the current snapshot's, nil where it has none.
	sites *snapshot.Listener
	// paused: it is not accepting, until the timer or until there is room.
	paused bool
	backoff
	// took is how many it has accepted since it stepped back.
	took  int
	timer loop.Timer
}

// acceptBatch is how many connections one listener accepts in a turn, so that
// a burst of newcomers does not stop who is there.
const acceptBatch = 64

// Ready is the loop's: connections wait.
func (l *listener) Ready(loop.Events) {
	w := l.worker
	for range acceptBatch {
		if l.paused {
			return
		}
		if w.full() && w.idle.n == 0 {
			if connectionWaits(l.fd) {
				l.hold()
			}
			// Else another loop has taken it, and nobody has to go for it.
			return
		}
		c := w.newClient()
		peer, e := c.socket.accept(w.loop, l.fd)
		switch {
		case e == 0:
			l.backoff = backoff{}
			w.replaceIdle()
			w.accepted(c, l, &c.socket, peer.Addr())
			l.stepBack()
		case e == syscall.EAGAIN:
			// Another loop has taken it.
			w.spareClients = append(w.spareClients, c)
			return
		case e == syscall.ECONNABORTED || e == syscall.EPERM:
			// accept(2): this one is lost, not the next. EPERM is a firewall's.
			w.spareClients = append(w.spareClients, c)
		default:
			w.spareClients = append(w.spareClients, c)
			l.failed(e)
			return
		}
	}
}

// turns is how many connections a loop takes before another is asked first.
// The kernel wakes the one that has listened the longest; where few
// connections come that would be the same loop each time.
const turns = 32

func (l *listener) stepBack() {
	w := l.worker
	if l.took++; l.took < turns || len(w.engine.workers) == 1 || l.paused {
		return
	}
	l.took = 0
	if err := w.loop.Requeue(l.token, l.fd); err != nil {
		w.log.Error("cannot listen any more", "listener", l.name, "error", err)
		l.paused = true
		w.deadlines.Set(&l.timer, w.now()+loop.Instant(maxBackoff))
	}
}

// accepted begins a client's connection. It is read from at once: most clients
// have sent their request by now (TCP_DEFER_ACCEPT makes sure of it).
func (w *worker) accepted(c *client, l *listener, s stream, peer netip.Addr) {
	now := w.now()
	c.stream, c.listener = s, l
	c.timer.Owner = c
	c.peer = peer
	c.ready = loop.In | loop.Out
	c.since, c.read, c.wrote = now, now, now
	c.step = stepHead
	w.busy.add(c)
	if l.sites != nil && l.sites.ProxyProtocol.Has(peer) {
		c.step = stepPreface
	}
	if !w.engine.joined(c) && c.step != stepPreface {
		c.turnAway()
		return
	}
	c.run()
}

// register has the stream announce readiness. What is ready already is
// announced at once.
func (c *client) register() {
	if c.flags.has(registered) {
		return
	}
	if err := c.stream.Watch(c); err != nil {
		c.worker.log.Warn("cannot watch a client's connection", "error", err)
		c.abandon(statusGone)
		return
	}
	c.flags |= registered
}

// failed is an accept that was refused by the kernel: out of descriptors or
// memory. That is not cured by asking again at once (X10): what is idle is
// closed, and after a while, longer each time, it is asked again.
func (l *listener) failed(e errno) {
	w := l.worker
	wait := l.backoff.next()
	w.log.Warn("cannot accept a connection", "listener", l.name, "error", e.Error(), "next_try_in", wait)
	w.shed()
	w.engine.elsewhere(w, (*worker).shed)
	l.pause(wait)
}

// pause stops accepting for a while. The kernel would announce what waits in
// the backlog again and again.
func (l *listener) pause(wait time.Duration) {
	w := l.worker
	if !l.paused {
		l.paused = true
		if err := w.loop.Detach(l.token, l.fd); err != nil {
			w.log.Error("cannot stop listening for a while", "listener", l.name, "error", err)
		}
	}
	w.deadlines.Set(&l.timer, w.now()+loop.Instant(wait))
}

// Expire is the timer's: it accepts again.
func (l *listener) Expire() { l.resume() }

func (l *listener) resume() {
	w := l.worker
	if !l.paused || w.stop != nil {
		return
	}
	w.deadlines.Clear(&l.timer)
	token, err := w.loop.Listen(l.fd, l)
	if err != nil {
		w.log.Error("cannot listen again", "listener", l.name, "error", err)
		w.deadlines.Set(&l.timer, w.now()+loop.Instant(maxBackoff))
		return
	}
	l.token, l.paused = token, false
}

// backoff is the wait after a failed accept, doubled from the first to the
// last: 5 ms is what another process may need to close one, and in half a
// second nobody takes the site for dead.
type backoff struct{ wait time.Duration }

const (
	minBackoff = 5 * time.Millisecond
	maxBackoff = 500 * time.Millisecond
)

func (b *backoff) next() time.Duration {
	b.wait = min(max(b.wait*2, minBackoff), maxBackoff)
	return b.wait
}

// listenFD is the descriptor of a listening socket for the loops to keep.
func listenFD(f *os.File) (int, error) {
	fd := int(f.Fd())
	dup, err := syscall.Dup(fd)
	if err != nil {
		return -1, err
	}
	syscall.CloseOnExec(dup)
	return dup, syscall.SetNonblock(dup, true)
}
