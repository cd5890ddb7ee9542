package proxy

import (
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/control"
)

// spot is an instance in an upstream.
type spot struct{ upstream, id string }

// sight is what was last seen at a spot.
type sight struct {
	balance.View
	app string
	// look is which look it was seen in.
	look uint64
}

// observe compares every instance with what the last look found, and tells of
// what has changed. What the loops and the clock change is found by looking:
// so no loop ever has to tell.
func (p *Proxy) observe(now time.Time) {
	p.looks++
	n := 0
	for _, u := range p.current.Upstreams {
		u.Group.Each(now, func(in *balance.Instance, v balance.View) {
			n++
			at := spot{u.Name, in.ID}
			before := p.seen[at]
			failing, failed := v.Probe == balance.ProbeDown, before.Probe == balance.ProbeDown
			if before.State != v.State || failing != failed {
				p.tell(now, at, before, v)
			}
			p.seen[at] = sight{v, u.App, p.looks}
		})
	}
	if len(p.seen) == n {
		return
	}
	for at, s := range p.seen {
		if s.look != p.looks {
			delete(p.seen, at)
			if s.State != balance.Removed {
				p.tell(now, at, s, balance.View{State: balance.Removed})
			}
		}
	}
}

// tell says that an instance has become something else, or its checks say
// something else. Going down and coming back is for the log, too.
func (p *Proxy) tell(now time.Time, at spot, before sight, v balance.View) {
	e := instanceEvent(now, at, v)
	e.App, e.From = before.app, string(before.State)
	if u, err := p.upstream(at.upstream); err == nil {
		e.App = u.App
	}
	p.events.Publish(e)
	switch {
	case v.State == before.State:
	case v.State == balance.Down:
		p.say.Warn("an instance is down", "instance", at.id, "upstream", at.upstream, "reason", v.Reason)
	case before.State == balance.Down && v.State == balance.Up:
		p.say.Info("an instance is up again", "instance", at.id, "upstream", at.upstream)
	}
}

func instanceEvent(now time.Time, at spot, v balance.View) control.Event {
	e := control.NewEvent(now, control.EventInstance)
	e.Upstream, e.Instance = at.upstream, at.id
	e.State, e.Reason, e.Probe = string(v.State), v.Reason, string(v.Probe)
	if v.State == balance.Draining && v.Reason == "" {
		e.Reason = "drained by " + v.DrainedBy
	}
	return e
}

// Subscribe begins to listen to events: the present state first, each thing
// with the time since when it is so.
func (p *Proxy) Subscribe() (*control.Subscriber, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.observe(now)
	var present []control.Event
	add := func(e control.Event) {
		e.Now = true
		present = append(present, e)
	}
	for _, u := range p.current.Upstreams {
		u.Group.Each(now, func(in *balance.Instance, v balance.View) {
			since := now
			if !v.Since.IsZero() {
				since = v.Since
			}
			e := instanceEvent(since, spot{u.Name, in.ID}, v)
			e.App = u.App
			add(e)
		})
		if u.Group.Paused() {
			e := control.NewEvent(now, control.EventPause)
			e.Upstream, e.App, e.State = u.Name, u.App, onOff(true)
			add(e)
		}
	}
	for _, s := range p.current.Sites {
		if maintained(s) {
			add(maintenanceEvent(now, s, true))
		}
	}
	return p.events.Subscribe(present)
}

// reloaded tells of a config that was taken, or of why it was not.
func (p *Proxy) reloaded(generation int, reason string) {
	e := control.NewEvent(time.Now(), control.EventReload)
	e.Generation, e.Reason = generation, reason
	p.events.Publish(e)
}
