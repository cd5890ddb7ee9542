package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/loop"
)

// backend is one connection to an instance: of an exchange, or idle in the
// pool of its instance.
type backend struct {
	worker *worker
	stream stream
	socket socket
	ready  loop.Events
	pool   *pool
	// client is whose exchange it serves; nil while it is idle.
	client *client
	// reused: it has served a request before; requests is how many.
	reused   bool
	requests int
	// written says that a byte of the present request was taken.
	written bool
	// head is the part of an answer's head that has come; unparsed that it
	// may be a whole one.
	head     pending
	unparsed bool
	// heard is when something last came, or when the waiting for it began;
	// wrote when it last took something.
	heard, wrote loop.Instant
	// fault is the kernel's word on why it can no longer be used.
	fault errno
	timer loop.Timer
	dead  bool
}

// Ready is the stream's: something has become possible.
func (b *backend) Ready(ev loop.Events) {
	b.ready |= ev
	switch {
	case b.dead:
	case b.client != nil:
		c := b.client
		if _, instance := wants(c.step, c.fill()); ev&(instance|loop.Gone) != 0 {
			c.run()
		}
	case ev&^loop.Out != 0:
		// Bytes that nobody asked for, or the end: of no use any more (F15).
		if ev&(loop.HalfClosed|loop.Gone) == 0 {
			b.worker.log.Warn("an instance sent what nobody asked for; its connection is closed", "instance", b.pool.instance.ID)
		}
		b.pool.forget(b)
		b.close()
	}
}

// Expire is the timer's: it was idle for too long.
func (b *backend) Expire() {
	if b.client == nil && !b.dead {
		b.pool.forget(b)
		b.close()
	}
}

// write gives the stream bytes and says how many it took, or -1 where it
// takes none any more.
func (b *backend) write(p []byte) int {
	n, e := b.stream.Write(p)
	switch {
	case e == syscall.EAGAIN:
		b.ready &^= loop.Out
		return 0
	case e != 0:
		b.fault = e
		// It may have said why before it closed.
		b.ready |= loop.In
		return -1
	}
	if n < len(p) {
		b.ready &^= loop.Out
	}
	b.written = true
	b.wrote = b.worker.now()
	return n
}

// read reads what has come, behind the part of a head that came before. end
// says that nothing more will come, fault why if it is not a proper end.
func (b *backend) read() (in []byte, end bool) {
	w := b.worker
	window := w.window()
	held := copy(window, b.head.bytes())
	b.head.drop(&w.buffers)
	if b.unparsed {
		b.unparsed = false
		return window[:held], false
	}
	if b.ready&(loop.In|loop.Gone) == 0 {
		b.head.keep(&w.buffers, window[:held])
		return nil, false
	}
	// Where it is gone the call says how: a reset is no proper end (F16).
	n, e := b.stream.Read(window[held:])
	switch {
	case e == syscall.EAGAIN:
		b.ready &^= loop.In
		b.head.keep(&w.buffers, window[:held])
		return nil, false
	case e != 0:
		b.fault = e
		b.head.keep(&w.buffers, window[:held])
		return nil, true
	case n == 0:
		b.head.keep(&w.buffers, window[:held])
		return nil, true
	}
	if held+n < len(window) && b.ready&loop.HalfClosed == 0 {
		b.ready &^= loop.In
	}
	b.heard = w.now()
	return window[:held+n], false
}

// close gives the connection up at the end of the turn.
func (b *backend) close() {
	if b.dead {
		return
	}
	b.dead = true
	b.client = nil
	b.worker.deadlines.Clear(&b.timer)
	b.head.drop(&b.worker.buffers)
	b.worker.closedBackends = append(b.worker.closedBackends, b)
}
