package engine

import (
	"net/netip"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/snapshot"
)

// frozen is a connection between two turns: its state as bytes, and its one or
// two streams, which are open and of no loop. Sites, routes and instances are
// in it by name.
type frozen struct {
	state            []byte
	client, instance stream
}

// iceVersion changes with the list of fields: a process that does not know it
// cannot go on with such a connection.
const iceVersion = 2

// freezes are the steps in which a connection can be frozen. Of a file there
// would be a third descriptor, and a connect that is under way is begun anew.
// All the others do not wait.
var freezes = set(stepPreface, stepHead, stepSpool, stepQueue, stepConnect, stepAsk, stepRelay, stepTunnel, stepOwn, stepLinger)

// freeze takes a connection out of the worker, which must be between two
// turns. It is false for one that cannot be frozen now, and goes on here: it
// sends a file, has a spool on the disk, or has its share of the next turn
// coming.
func (w *worker) freeze(c *client) (frozen, bool) {
	x := c.x
	if !freezes.has(c.step) || c.flags.has(put) || x != nil && x.up.spool.file != nil {
		return frozen{}, false
	}
	if c.step == stepConnect {
		// Nothing was sent: that was no try yet.
		c.endTry(balance.Abandoned, "")
		x.tries--
		c.step = stepPick
	}
	i := ice{now: w.now(), buffers: &w.buffers}
	i.client(c)
	f := frozen{state: i.seal(), client: c.stream.Release()}
	if x != nil && x.backend != nil {
		f.instance = x.backend.stream.Release()
		w.deadlines.Clear(&x.backend.timer)
		x.backend.head.drop(&w.buffers)
		w.spareBackends = append(w.spareBackends, x.backend)
		x.backend = nil
	}
	if x != nil {
		c.endTry(balance.Abandoned, "")
	}
	c.releaseHead()
	c.list.remove(c)
	c.step = stepClosed
	c.discard()
	return f, true
}

// client is what a connection is made of.
func (i *ice) client(c *client) {
	version := iceVersion
	if num(i, &version); version != iceVersion {
		i.broken = true
		return
	}
	num(i, &c.step)
	// What is not of the connection, but of the worker that has it.
	const kept = ended | failed | begun | answered | bodied
	f := c.flags & kept
	num(i, &f)
	peer := ""
	if c.peer.IsValid() {
		peer = c.peer.String()
	}
	listener := c.listenerName()
	i.texts(&listener, &peer)
	if i.thawing {
		c.flags = f & kept
		c.listener = c.worker.listenerOf(listener)
		if addr, err := netip.ParseAddr(peer); err == nil {
			c.peer = addr
		}
		if c.listener == nil || c.step >= steps || !(freezes | set(stepPick)).has(c.step) {
			i.broken = true
			return
		}
	}
	i.pending(&c.ahead)
	i.moments(&c.since, &c.read, &c.wrote)
	there := c.x != nil
	if i.flags(&there); !there {
		return
	}
	if i.thawing {
		c.x = &exchange{snap: c.worker.snap}
		c.x.setPeer(c.peer)
	}
	i.exchange(c)
}

// exchange is one request and its answer, as far as they have come.
func (i *ice) exchange(c *client) {
	x := c.x
	i.buffer(&x.head)
	i.buffer(&x.ask)
	if i.thawing {
		// What it could not make sense of was refused by then.
		_, _ = x.req.Parse(x.head, &requestLimits)
	}
	id, ip := string(x.id[:]), ""
	if x.vars.ClientIP.IsValid() {
		ip = x.vars.ClientIP.String()
	}
	i.texts(&id, &x.method, &x.upgrade, &ip)
	i.texts(&x.vars.Target, &x.vars.Path, &x.vars.Query, &x.vars.Host, &x.vars.Scheme)
	if i.thawing {
		copy(x.id[:], id)
		x.vars.ClientIP, _ = netip.ParseAddr(ip)
	}
	i.list(&x.carried)
	num(i, &x.hops)
	num(i, &x.tries)
	num(i, &x.lost)
	num(i, &x.interim)
	num(i, &x.status)
	num(i, &x.waited)
	i.flags(&x.internal, &x.sameAllowed, &x.fresh, &x.endless, &x.standing, &x.refused, &x.spent)
	t := &x.times
	i.moments(&t.began, &t.picked, &t.connected, &t.asked, &t.answered, &t.queued, &t.held, &x.polled, &x.starved)
	i.cycle(&x.front)
	i.cycle(&x.back)
	i.upload(&x.up)
	i.download(&x.down)
	tun := &x.tun
	i.pending(&tun.up)
	i.flags(&tun.clientEnded, &tun.instanceEnded, &tun.toldClient, &tun.toldInstance)
	i.moments(&tun.passed)
	i.route(c)
}

func (i *ice) upload(u *upload) {
	i.body(&u.body)
	num(i, &u.left)
	i.chunks(&u.chunks)
	num(i, &u.received)
	num(i, &u.sent)
	i.flags(&u.done, &u.asked, &u.broken, &u.dropped, &u.invited)
	i.pace(&u.pace)
	i.pending(&u.rest)
	s := &u.spool
	i.flags(&s.used, &s.closed)
	i.pending(&s.memory)
	num(i, &s.size)
	num(i, &s.read)
}

func (i *ice) download(d *download) {
	i.body(&d.body)
	num(i, &d.left)
	i.chunks(&d.chunks)
	num(i, &d.sent)
	i.flags(&d.chunked, &d.begun, &d.done)
	i.pace(&d.pace)
	i.pending(&d.rest)
}

// route is where the request goes, by names: the other process has a snapshot
// of its own.
func (i *ice) route(c *client) {
	x := c.x
	var site, kind, path string
	if x.route != nil {
		site, kind, path = x.route.Site.Name, string(x.route.Kind), x.route.Path
	}
	i.texts(&site, &kind, &path)
	if i.thawing && path != "" {
		if x.route = findRoute(x.snap, site, kind, path); x.route == nil {
			i.broken = true
		}
	}
	if i.broken || x.route == nil || x.route.Upstream == nil {
		return
	}
	others, resent := x.attempts.Spent()
	num(i, &others)
	i.flags(&resent)
	tried := make([]string, 0, len(x.tried))
	for _, in := range x.tried {
		tried = append(tried, in.ID)
	}
	i.list(&tried)
	i.instances(c, tried)
	if i.thawing {
		x.attempts = balance.Attempts{Method: x.method, Never: x.route.NeverRetry, Tries: x.route.Tries}
		x.attempts.Resume(others, resent)
	}
}

// instances are those of the exchange: tried, answered, and at work for it.
func (i *ice) instances(c *client, tried []string) {
	x := c.x
	group := x.route.Upstream.Group
	var last, now, met string
	if x.last != nil {
		last = x.last.ID
	}
	if x.instance != nil {
		now = x.instance.ID
	}
	if x.met != nil {
		met = x.met.ID
	}
	i.texts(&last, &now, &met)
	if i.thawing {
		for _, id := range tried {
			if in := group.Find(id); in != nil {
				x.tried = append(x.tried, in)
			}
		}
		x.last, x.instance, x.met = group.Find(last), group.Find(now), group.Find(met)
		if x.instance != nil {
			group.Resume(x.instance)
		}
	}
	there := x.backend != nil
	if i.flags(&there); !there || i.broken {
		return
	}
	if i.thawing {
		if x.instance == nil {
			i.broken = true
			return
		}
		x.backend = c.worker.newBackend(c.worker.pool(x.instance))
		x.backend.client = c
	}
	b := x.backend
	num(i, &b.requests)
	num(i, &b.fault)
	i.flags(&b.reused, &b.written, &b.unparsed)
	i.pending(&b.head)
	i.moments(&b.heard, &b.wrote)
}

func (i *ice) list(v *[]string) {
	n := len(*v)
	if num(i, &n); n < 0 || i.thawing && n > len(i.data) {
		i.broken = true
		return
	}
	if i.thawing {
		*v = make([]string, n)
	}
	for k := range *v {
		i.texts(&(*v)[k])
	}
}

func findRoute(s *snapshot.Snapshot, site, kind, path string) *snapshot.Route {
	for _, r := range s.Routes {
		if r.Site.Name == site && string(r.Kind) == kind && r.Path == path {
			return r
		}
	}
	return nil
}
