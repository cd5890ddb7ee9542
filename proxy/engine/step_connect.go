package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// stepConnect gets a connection to the instance: one of the pool for a first
// try, else a new one. A second pooled one that turned out stale would use up
// what the retry rule allows for real deaths.
func (c *client) stepConnect() verdict {
	w, x := c.worker, c.x
	if x.backend == nil {
		p := w.pool(x.instance)
		if len(x.tried) == 0 && !x.fresh {
			if b := c.pooled(p); b != nil {
				return c.connected(b)
			}
		}
		if !p.known || p.stale(w.now()) {
			return c.resolve(p)
		}
		b := w.newBackend(p)
		e := w.dial(p, b)
		if outOfFiles(e) {
			w.shed()
			w.engine.elsewhere(w, (*worker).shed)
			e = w.dial(p, b)
		}
		if outOfFiles(e) {
			// Other loops give theirs back meanwhile.
			w.spareBackends = append(w.spareBackends, b)
			x.starved = w.now()
			return wait
		}
		if e != 0 && e != syscall.EINPROGRESS {
			w.spareBackends = append(w.spareBackends, b)
			return c.tryFailed(balance.Unreached, e)
		}
		x.backend, b.client = b, c
		b.heard = w.now()
		if err := b.stream.Watch(b); err != nil {
			return c.tryFailed(balance.Unreached, syscall.ENOMEM)
		}
		if e == 0 {
			b.ready |= loop.Out
		}
	}
	b := x.backend
	if b.ready&(loop.Out|loop.Gone) == 0 {
		return wait
	}
	if e := b.stream.Err(); e != 0 {
		return c.tryFailed(balance.Unreached, e)
	}
	return c.connected(b)
}

// pooled is an idle connection to the instance. A request that must not be
// sent twice, or cannot, for its body is gone with the first time, gets it only
// when it is quiet at this moment too: one that the instance has just closed
// would cost it.
func (c *client) pooled(p *pool) *backend {
	for b := p.take(); b != nil; b = p.take() {
		if c.x.idempotent() && c.x.up.body.Kind == http1.NoBody || b.stream.Quiet() {
			return b
		}
		b.close()
	}
	return nil
}

func (c *client) connected(b *backend) verdict {
	x := c.x
	now := c.worker.now()
	x.backend, b.client = b, c
	x.times.connected = now
	if x.times.held != 0 {
		x.route.Upstream.Group.Reached()
	}
	x.interim = 0
	x.up.restart(c.worker)
	// Until now nobody took its body.
	x.up.pace.begin(now, x.up.received)
	x.back = http1.Cycle{Upgrade: x.upgrade != ""}
	x.back.On(http1.RequestHead)
	b.heard, b.wrote = now, now
	b.requests++
	return c.to(stepAsk)
}

// newBackend is a connection to an instance that is not begun yet.
func (w *worker) newBackend(p *pool) *backend {
	var b *backend
	if last := len(w.spareBackends) - 1; last >= 0 {
		b = w.spareBackends[last]
		w.spareBackends = w.spareBackends[:last]
	} else {
		b = new(backend)
	}
	*b = backend{worker: w, pool: p}
	b.timer.Owner = b
	return b
}

// outOfFiles says that there was no descriptor left, in the process or on the
// machine.
func outOfFiles(e errno) bool { return e == syscall.EMFILE || e == syscall.ENFILE }
