package proxy

import (
	"fmt"
	"slices"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/snapshot"
)

// maxOwners is how many may drain one instance at a time: more are no owners but
// somebody who calls himself otherwise each time.
const maxOwners = 32

// operate does what somebody asks for over the control socket, and looks at
// what came of it at once. It is refused when the state has been written for
// the next process: who asked must not believe that it will be known there.
func (p *Proxy) operate(do func(now time.Time) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return control.ErrStopping
	}
	now := time.Now()
	if err := do(now); err != nil {
		return err
	}
	p.unsaved = true
	p.observe(now)
	p.stir()
	return nil
}

// Drain gives an instance nothing new, in every upstream that has it.
func (p *Proxy) Drain(d control.DrainRequest) error {
	return p.operate(func(now time.Time) error {
		if err := p.mayDrain(d); err != nil {
			return err
		}
		until := control.Lease(now, d.LeaseMS)
		if !p.inGroups(func(g *balance.Group) bool { return g.Drain(now, d.Instance, d.By, until) }) {
			return p.unknownInstance(d.Instance)
		}
		p.say.Info("an instance is drained", "instance", d.Instance, "by", d.By, "lease", time.Duration(d.LeaseMS)*time.Millisecond)
		return nil
	})
}

// mayDrain bounds the owners of an instance's drains.
func (p *Proxy) mayDrain(d control.DrainRequest) error {
	for _, u := range p.current.Upstreams {
		m, _ := u.Group.Marks(d.Instance)
		asked := slices.ContainsFunc(m.Drains, func(o balance.Drain) bool { return o.By == d.By })
		if len(m.Drains) >= maxOwners && !asked {
			return fmt.Errorf("instance %q is drained by %d already", d.Instance, len(m.Drains))
		}
	}
	return nil
}

// Undrain ends what d.By asked for, or all that anybody did. When nobody
// drains the instance any more, its failures are forgotten, too.
func (p *Proxy) Undrain(d control.DrainRequest) error {
	err := p.operate(func(now time.Time) error {
		if !p.inGroups(func(g *balance.Group) bool { return g.Undrain(now, d.Instance, d.By) }) {
			return p.unknownInstance(d.Instance)
		}
		p.say.Info("an instance is drained no more", "instance", d.Instance, "by", d.By)
		return nil
	})
	if err == nil {
		p.prober.Hurry(d.Instance)
	}
	return err
}

// Report takes what systemd knows of instances, and returns how many of them
// no upstream has.
func (p *Proxy) Report(r control.ReportRequest) (unknown int, err error) {
	err = p.operate(func(now time.Time) error {
		for _, one := range r.Reports {
			if r.Sent != 0 && r.Sent < p.heard[one.Instance] {
				continue // it was overtaken
			}
			state := balance.UnitState(one.State)
			if !p.inGroups(func(g *balance.Group) bool { return g.Report(now, one.Instance, state, one.Reason) }) {
				unknown++
				continue
			}
			p.heard[one.Instance] = r.Sent
			delete(p.hearsay, one.Instance)
		}
		return nil
	})
	for _, one := range r.Reports {
		if err == nil && one.State == control.UnitUp {
			p.prober.Hurry(one.Instance)
		}
	}
	return unknown, err
}

// Pause has an upstream's requests wait.
func (p *Proxy) Pause(r control.PauseRequest) error {
	return p.operate(func(now time.Time) error {
		u, err := p.upstream(r.Upstream)
		if err != nil {
			return err
		}
		p.pauses[u.Name] = lease{now, control.Lease(now, r.LeaseMS)}
		p.pause(now, u, true, "")
		return nil
	})
}

// Resume ends that.
func (p *Proxy) Resume(r control.PauseRequest) error {
	return p.operate(func(now time.Time) error {
		u, err := p.upstream(r.Upstream)
		if err != nil {
			return err
		}
		delete(p.pauses, u.Name)
		p.pause(now, u, false, "")
		return nil
	})
}

// pause pauses or resumes, and says so where that changes something. It is
// called with the lock held, as is all that follows.
func (p *Proxy) pause(now time.Time, u *snapshot.Upstream, on bool, reason string) {
	if u.Group.Paused() == on {
		return
	}
	u.Group.Pause(now, on)
	p.say.Info("an upstream is paused or resumed", "upstream", u.Name, "paused", on)
	e := control.NewEvent(now, control.EventPause)
	e.Upstream, e.App, e.State, e.Reason = u.Name, u.App, onOff(on), reason
	p.events.Publish(e)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// inGroups does something to every upstream's group. true: to one at least it
// meant something.
func (p *Proxy) inGroups(do func(*balance.Group) bool) bool {
	found := false
	for _, u := range p.current.Upstreams {
		found = do(u.Group) || found
	}
	return found
}

func (p *Proxy) upstream(name string) (*snapshot.Upstream, error) {
	unknown := &control.Unknown{Kind: "upstream", Name: name}
	for _, u := range p.current.Upstreams {
		if u.Name == name {
			return u, nil
		}
		unknown.Known = append(unknown.Known, u.Name)
	}
	return nil, unknown
}

func (p *Proxy) unknownInstance(id string) error {
	unknown := &control.Unknown{Kind: "instance", Name: id}
	for i := range p.config.Upstreams {
		for _, in := range p.config.Upstreams[i].Instances {
			unknown.Known = append(unknown.Known, in.ID)
		}
	}
	return unknown
}
