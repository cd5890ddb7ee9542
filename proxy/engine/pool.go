package engine

import (
	"net/netip"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/snapshot"
)

// pool is the idle connections to one instance, the last used on top: what
// the load does not need grows old at the bottom.
type pool struct {
	worker   *worker
	instance *balance.Instance
	// address is the instance's, once known is true: a literal one from the
	// beginning, a name's when it was looked up, at lookedUp.
	address  rawAddress
	known    bool
	lookedUp loop.Instant
	waiting  []*client
	idle     []*backend
	// retired: no snapshot has the instance any more.
	retired bool
}

// pool is the instance's pool in this loop.
func (w *worker) pool(in *balance.Instance) *pool {
	if p := w.pools[in]; p != nil {
		return p
	}
	p := &pool{worker: w, instance: in}
	switch {
	case in.Network == "unix":
		p.address, p.known = unixAddress(in.Address)
	default:
		if ap, err := netip.ParseAddrPort(in.Address); err == nil {
			p.address, p.known = tcpAddress(ap), true
		}
	}
	w.pools[in] = p
	return p
}

// take is an idle connection that was good when last heard of, or nil.
func (p *pool) take() *backend {
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		b := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		if b.ready&(loop.In|loop.HalfClosed|loop.Gone) != 0 {
			b.close()
			continue
		}
		b.reused, b.written = true, false
		return b
	}
	return nil
}

// keep puts a connection that has served its exchange into the pool, for a
// while. It is false where there is no room.
func (w *worker) keep(b *backend, most int, idle time.Duration) bool {
	p := b.pool
	if p.retired || len(p.idle) >= most || b.ready&(loop.HalfClosed|loop.Gone) != 0 || w.engine.stopping.Load() {
		return false
	}
	b.client = nil
	p.idle = append(p.idle, b)
	w.deadlines.Set(&b.timer, w.now()+loop.Instant(idle))
	return true
}

// forget takes a connection out.
func (p *pool) forget(b *backend) {
	for i, other := range p.idle {
		if other == b {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return
		}
	}
}

// close closes all that are idle.
func (p *pool) close() {
	for _, b := range p.idle {
		b.close()
	}
	clear(p.idle)
	p.idle = p.idle[:0]
}

// retain closes the pools of instances that a snapshot has no more. What is
// in use ends with its exchange.
func (w *worker) retain(s *snapshot.Snapshot) {
	stays := map[*balance.Instance]bool{}
	for _, u := range s.Upstreams {
		u.Group.Each(time.Time{}, func(in *balance.Instance, v balance.View) {
			stays[in] = v.State != balance.Removed
		})
	}
	for in, p := range w.pools {
		if !stays[in] {
			p.close()
			p.retired = true
			delete(w.pools, in)
		}
	}
}
