package proxy

import (
	"context"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/snapshot"
)

const (
	// tickEvery is how often the proxy looks at what time changes: leases,
	// ramps, who waits, who is back.
	tickEvery = 100 * time.Millisecond
	// restEvery is how often it looks where nothing is under way: a proxy that
	// nobody asks is to cost next to nothing, and a turn of a process that
	// sleeps costs some 150 microseconds.
	restEvery = time.Second
	// hearsayTrust is how long what a unit was reported as in another process
	// is taken for true. Whoever follows units reports anew within it; where
	// nobody does, a check that succeeds knows better.
	hearsayTrust = 5 * time.Second
	// wantedPending is how many upstreams may want to be started between two
	// looks of the ticker; one that finds no room asks again in a second.
	wantedPending = 64
)

// keepTime ticks until ctx is done.
func (p *Proxy) keepTime(ctx context.Context) {
	next := time.NewTimer(tickEvery)
	defer next.Stop()
	resting := false
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-p.wanted:
			p.sayWanted(time.Now(), name)
		case <-p.stirred:
			if resting {
				resting = false
				next.Reset(tickEvery)
			}
		case now := <-next.C:
			p.tick(now)
			every := tickEvery
			if resting = p.atRest(); resting {
				every = restEvery
			}
			next.Reset(every)
		}
	}
}

// stir ends the ticker's rest. It never waits.
func (p *Proxy) stir() {
	select {
	case p.stirred <- struct{}{}:
	default: // it is to be ended already
	}
}

// atRest says that nothing will change but by what stirs, or by a client that
// connects.
func (p *Proxy) atRest() bool {
	if p.engine.Connections() > 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.seen {
		if s.State == balance.Draining || s.State == balance.Down {
			return false
		}
	}
	return len(p.pauses)+len(p.hearsay) == 0 && !p.unsaved
}

func (p *Proxy) tick(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, list := range [...][]*snapshot.Upstream{p.current.Upstreams, p.retired} {
		for _, u := range list {
			u.Group.Tick(now)
		}
	}
	p.endPauses(now)
	p.observe(now)
	p.doubt(now)
	p.save()
}

// endPauses resumes what was paused with a lease.
func (p *Proxy) endPauses(now time.Time) {
	for name, l := range p.pauses {
		if !l.over(now) {
			continue
		}
		delete(p.pauses, name)
		p.unsaved = true
		if u, err := p.upstream(name); err == nil {
			p.pause(now, u, false, "its lease is over")
		}
	}
}

// doubt takes back what was reported in another process and by nobody since,
// where a check says otherwise, or where none is made.
func (p *Proxy) doubt(now time.Time) {
	if len(p.hearsay) == 0 || now.Sub(p.started) < hearsayTrust {
		return
	}
	for at, s := range p.seen {
		if p.hearsay[at.id] && (s.Probe == balance.ProbeUp || !p.probed[at]) {
			p.takeBack(now, at.id)
		}
	}
}

// takeBack forgets what was reported of an instance.
func (p *Proxy) takeBack(now time.Time, id string) {
	p.inGroups(func(g *balance.Group) bool { return g.Report(now, id, balance.UnitUnknown, "") })
	delete(p.hearsay, id)
	p.unsaved = true
}

// want is what a loop calls when requests wait for an upstream whose instances
// are started on demand. It never waits.
func (p *Proxy) want(upstream string) {
	select {
	case p.wanted <- upstream:
	default:
	}
}

func (p *Proxy) sayWanted(now time.Time, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u, err := p.upstream(name)
	if err != nil {
		return // a reload has taken it away meanwhile
	}
	e := control.NewEvent(now, control.EventWanted)
	e.Upstream, e.App = u.Name, u.App
	p.events.Publish(e)
}
