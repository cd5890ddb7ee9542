package engine

import (
	"syscall"
	"time"

	"github.com/webstack/webstack/proxy/loop"
)

// stop is a loop's part of the end.
type stop struct {
	// patience is when whoever may be about to speak is given up where nobody
	// else is waited for, grace when
	// what has no end is ended, last when all is.
	patience, grace, last loop.Instant
	// done is told how many connections were cut.
	done func(cut int)
	cut  int
}

// stallTimeout is how long a stopping proxy lets a client take nothing of what
// was sent to it: its kernel has acknowledged no byte.
const stallTimeout = 10 * time.Second

// A connection on which an exchange ended less than lately ago may have the
// next request on its way: it is left open for lastWord, and closed with the
// answer. To close it at once would lose what crosses the end, and of that a
// client may not repeat a POST (RFC 9112 section 9.3.1). Who has been idle for
// longer sends seldom, and hardly just now.
const (
	lately   = time.Second
	lastWord = 500 * time.Millisecond
)

// stallPoll is how often a stopping proxy looks for such clients.
const stallPoll = 200 * time.Millisecond

// Stop ends the engine, in the order that loses nobody:
//
//  1. The listening sockets are left; whoever holds them (PID 1) keeps them,
//     and newcomers wait in their backlogs for the next process.
//  2. Idle connections are closed, those that were in use a moment ago after a
//     moment in which they may speak. What was accepted is answered, with
//     Connection: close, also a connection that has not sent a byte yet: its
//     client was let in and will not ask again.
//  3. After grace, what has no end of its own is ended: tunnels and event
//     streams, connections that have still sent nothing, and from then on
//     whoever takes nothing of its answer for stallTimeout. Without the last
//     one client that does not read would keep everybody else waiting.
//  4. After timeout, counted from the beginning, everything is closed.
//
// It returns how many connections were cut in the middle of an answer. It is
// called once.
func (e *Engine) Stop(grace, timeout time.Duration) int {
	e.mu.Lock()
	e.stopping.Store(true)
	workers := e.workers
	e.mu.Unlock()
	cuts := make(chan int, len(workers))
	for _, w := range workers {
		w.driver.Post(func() {
			w.beginStop(grace, timeout, func(cut int) { cuts <- cut })
		})
	}
	cut := 0
	for range workers {
		cut += <-cuts
	}
	for _, w := range workers {
		w.loop.Stop()
	}
	e.running.Wait()
	for _, w := range workers {
		_ = w.loop.Close()
	}
	for _, fd := range e.fds {
		_ = syscall.Close(fd)
	}
	return cut
}

func (w *worker) beginStop(grace, timeout time.Duration, done func(int)) {
	now := w.now()
	grace = min(grace, timeout)
	w.stop = &stop{
		patience: now + loop.Instant(min(lastWord, grace)), grace: now + loop.Instant(grace),
		last: now + loop.Instant(timeout), done: done,
	}
	w.stopTimer.Owner = w.stop
	for _, l := range w.listeners {
		// What waits there was not accepted: it is the next process's.
		if !l.paused {
			_ = w.loop.Detach(l.token, l.fd)
			l.paused = true
		}
		w.deadlines.Clear(&l.timer)
	}
	for _, p := range w.pools {
		p.close()
	}
	w.stop.retire(w, now)
}

// retire closes who is between two requests: a client knows that it may be.
func (s *stop) retire(w *worker, now loop.Instant) {
	// While others make the stop wait, it costs nothing to wait for these.
	patient := now < s.patience || now < s.grace && w.busy.n > 0
	for c, next := w.idle.first, (*client)(nil); c != nil; c = next {
		next = c.next
		if patient && c.flags.has(answered) && now-c.since < loop.Instant(lately) {
			continue
		}
		c.retire()
	}
}

// look is called in each turn of a stopping loop.
func (s *stop) look(w *worker) {
	if s.done == nil {
		return
	}
	now := w.now()
	if now >= s.patience {
		s.retire(w, now)
	}
	if now >= s.grace {
		s.endEndless(w, now)
	}
	if now >= s.last {
		s.endAll(w)
	}
	w.bury()
	if w.idle.n+w.busy.n == 0 {
		w.deadlines.Clear(&w.stopTimer)
		w.access.Finish()
		w.files.Close()
		s.done(s.cut)
		s.done = nil
		return
	}
	next := s.patience
	if now >= s.patience {
		next = s.grace
	}
	if now >= s.grace {
		next = min(s.last, now+loop.Instant(stallPoll))
	}
	w.deadlines.Set(&w.stopTimer, next)
}

// Expire is the timer's: the turn that it has made looks.
func (s *stop) Expire() {}

// endEndless ends what has no end of its own, who has not spoken, and who does
// not read.
func (s *stop) endEndless(w *worker, now loop.Instant) {
	for _, list := range []*clientList{&w.idle, &w.busy} {
		for c, next := list.first, (*client)(nil); c != nil; c = next {
			next = c.next
			switch {
			case c.step == stepPreface, c.step == stepHead && !c.flags.has(begun), c.step == stepLinger:
				c.close()
			case c.x == nil:
			case c.x.endless:
				c.endEndless()
			case c.stalls(now):
				s.cut++
				c.stream.Reset()
				c.abandon(statusGone)
			}
		}
	}
}

// endEndless ends an answer or a tunnel that would go on for ever.
func (c *client) endEndless() {
	w := c.worker
	if c.step == stepTunnel {
		c.endTunnel()
		c.account()
		c.close()
		return
	}
	w.reason = "the proxy is stopping"
	c.breakOff()
}

// stalls says that a client has acknowledged nothing for stallTimeout of what
// was sent to it.
func (c *client) stalls(now loop.Instant) bool {
	if !c.owed() {
		return false
	}
	unsent := c.stream.Unsent()
	x := c.x
	if unsent != x.unsent || x.unsentAt == 0 {
		x.unsent, x.unsentAt = unsent, now
		return false
	}
	return now-x.unsentAt >= loop.Instant(stallTimeout)
}

// endAll closes what is left.
func (s *stop) endAll(w *worker) {
	for _, list := range []*clientList{&w.idle, &w.busy} {
		for list.first != nil {
			s.cut++
			list.first.abandon(statusGone)
		}
	}
}
