package balance

import (
	"strings"
	"time"
)

// UnitState is what systemd says of an instance's unit, by whoever reports it.
type UnitState string

const (
	// UnitUnknown: nobody has said, or it was taken back.
	UnitUnknown UnitState = "unknown"
	// UnitStarting: it runs and is not ready, or is about to be started.
	UnitStarting UnitState = "starting"
	// UnitUp: it is ready.
	UnitUp UnitState = "up"
	// UnitStopped: it was stopped, or is being stopped.
	UnitStopped UnitState = "stopped"
	// UnitDown: its process is gone by itself.
	UnitDown UnitState = "down"
)

// ready says that nothing is against an instance by its unit.
func (s UnitState) ready() bool { return s == UnitUnknown || s == UnitUp }

// What stands at an instance's gate. The choice reads it with one load, and
// nearly always finds nothing. Passive failures are not here: they end by
// themselves as time passes.
const (
	// gateDrained: somebody has asked that it be given nothing.
	gateDrained uint32 = 1 << iota
	// gateUnit: its unit is starting, stopped or down.
	gateUnit
	// gateAsleep: so is that of one that a connection wakes. Those that are
	// awake come first.
	gateAsleep
	// gateProbe: its checks have failed.
	gateProbe
	// gateRamp: it came back of late and has part of its share.
	gateRamp

	// gateShut is what even panic mode does not pass, gateOut what it does.
	gateShut = gateDrained | gateUnit
	gateOut  = gateAsleep | gateProbe
)

// gateSet puts one bit up or takes it away.
func (in *Instance) gateSet(bit uint32, on bool) {
	if on {
		in.gate.Or(bit)
	} else {
		in.gate.And(^bit)
	}
}

// gateByUnit sets what the unit's state means.
func (in *Instance) gateByUnit() {
	out := !in.marks.Unit.ready()
	in.gateSet(gateUnit, out && !in.Woken)
	in.gateSet(gateAsleep, out && in.Woken)
}

// Drain is one owner's wish that an instance be given nothing new.
type Drain struct {
	// By is who asked, for people and for the undrain.
	By    string    `json:"by,omitempty"`
	Since time.Time `json:"since"`
	// Until is when it ends by itself; zero is never.
	Until time.Time `json:"until,omitzero"`
}

// Marks are what others have said of an instance, and what is to outlive the
// process: all else is learned anew within seconds.
type Marks struct {
	Drains []Drain   `json:"drains,omitempty"`
	Unit   UnitState `json:"unit"`
	// UnitSince is when it was first reported so, Reason why.
	UnitSince time.Time `json:"unit_since,omitzero"`
	Reason    string    `json:"reason,omitempty"`
}

// owners are the names of those who drain it.
func (m *Marks) owners() string {
	switch len(m.Drains) {
	case 0:
		return ""
	case 1:
		return m.Drains[0].By
	}
	names := make([]string, 0, len(m.Drains))
	for _, d := range m.Drains {
		names = append(names, d.By)
	}
	return strings.Join(names, ", ")
}

// copy is the marks without their memory: who has it may keep it.
func (m *Marks) copy() Marks {
	c := *m
	c.Drains = append([]Drain(nil), m.Drains...)
	return c
}

// Drain gives the instance nothing new, until by takes that back, or until the
// lease has run out where there is one; asking again replaces the lease. It
// reports whether the group has such an instance, as do all that take an id.
//
// It may race with a Take, which can hand out an instance that was drained an
// instant ago: a drain is done when in flight is zero, not when Drain returns.
func (g *Group) Drain(now time.Time, id, by string, until time.Time) bool {
	return g.mark(now, id, func(in *Instance) {
		d := Drain{By: by, Since: now, Until: until}
		in.gateSet(gateDrained, true)
		if len(in.marks.Drains) == 0 {
			in.drainedAt = now
		}
		for i := range in.marks.Drains {
			if in.marks.Drains[i].By == by {
				d.Since = in.marks.Drains[i].Since
				in.marks.Drains[i] = d
				return
			}
		}
		in.marks.Drains = append(in.marks.Drains, d)
	})
}

// Undrain takes back by's drain, or everybody's where by is "". When it was
// the last, passive failures are forgotten: whoever gives an instance back
// knows that it is well.
func (g *Group) Undrain(now time.Time, id, by string) bool {
	return g.mark(now, id, func(in *Instance) {
		if in.undrain(now, &g.settings, func(d *Drain) bool { return by == "" || d.By == by }) {
			in.clear(in.clock.at(now), g)
		}
	})
}

// undrain ends the drains that match, and says whether the instance was drained
// before and is not any more.
func (in *Instance) undrain(now time.Time, s *Settings, match func(*Drain) bool) bool {
	if len(in.marks.Drains) == 0 {
		return false
	}
	kept := in.marks.Drains[:0]
	for _, d := range in.marks.Drains {
		if !match(&d) {
			kept = append(kept, d)
		}
	}
	clear(in.marks.Drains[len(kept):])
	in.marks.Drains = kept
	if len(kept) > 0 {
		return false
	}
	in.gateSet(gateDrained, false)
	in.backAt.Store(in.clock.at(now))
	if in.rampFrom.Load() > in.clock.at(in.drainedAt) {
		// It came back while it was drained: its ramp begins when it is used.
		in.rise(in.clock.at(now), s)
	}
	return true
}

// Report says what the instance's unit is; a state that has no name here is
// unknown. A report replaces the one before, and one of up forgets the passive
// failures. What probes have learned of a process that is gone says nothing of
// the one that is up now.
func (g *Group) Report(now time.Time, id string, s UnitState, reason string) bool {
	switch s {
	case UnitStarting, UnitUp, UnitStopped, UnitDown:
	default:
		s = UnitUnknown
	}
	return g.mark(now, id, func(in *Instance) {
		m := &in.marks
		before := m.Unit
		if s != before {
			m.UnitSince = now
		}
		m.Unit, m.Reason = s, reason
		in.gateByUnit()
		if s == UnitUp {
			in.clear(in.clock.at(now), g)
			g.Reached()
		}
		if s.ready() && !before.ready() {
			in.probe = probe{}
			in.gateSet(gateProbe, false)
			in.rise(in.clock.at(now), &g.settings)
			in.backAt.Store(in.clock.at(now))
		}
	})
}

// Probed is the result of one active check.
func (g *Group) Probed(now time.Time, id string, ok bool, reason string) bool {
	return g.mark(now, id, func(in *Instance) {
		before := in.probe.state
		in.probe.observe(now, ok, reason, g.settings.Rise, g.settings.Fall)
		in.gateSet(gateProbe, in.probe.state == probeDown)
		if before == probeDown && in.probe.state == probeUp {
			in.rise(in.clock.at(now), &g.settings)
			in.backAt.Store(in.clock.at(now))
		}
	})
}

// Marks are those of the instance, and whether the group has it.
func (g *Group) Marks(id string) (Marks, bool) {
	for _, in := range g.members {
		if in.ID == id {
			g.board.lock.Lock()
			defer g.board.lock.Unlock()
			return in.marks.copy(), true
		}
	}
	return Marks{}, false
}

// Restore gives an instance the marks that it had in another process, but for
// leases that have run out meanwhile.
func (g *Group) Restore(now time.Time, id string, m Marks) bool {
	return g.mark(now, id, func(in *Instance) {
		if m.Unit == "" {
			m.Unit = UnitUnknown
		}
		in.marks = m.copy()
		in.marks.expire(now)
		in.drainedAt = now
		for _, d := range in.marks.Drains {
			if d.Since.Before(in.drainedAt) {
				in.drainedAt = d.Since
			}
		}
		in.gateSet(gateDrained, len(in.marks.Drains) > 0)
		in.gateByUnit()
	})
}

// expire drops the drains whose leases have run out. None has more left than
// its whole length, though the clock was set back since it began.
func (m *Marks) expire(now time.Time) {
	kept := m.Drains[:0]
	for _, d := range m.Drains {
		if d.over(now) {
			continue
		}
		if whole := d.Until.Sub(d.Since); !d.Until.IsZero() && d.Until.Sub(now) > whole {
			d.Until = now.Add(whole)
		}
		kept = append(kept, d)
	}
	m.Drains = kept
}

// over says that a drain's lease has run out.
func (d *Drain) over(now time.Time) bool { return !d.Until.IsZero() && !now.Before(d.Until) }

// mark changes the instance of that ID with the board's lock held, and then
// gives the queue what there is to have.
func (g *Group) mark(now time.Time, id string, change func(*Instance)) bool {
	found := false
	g.board.lock.Lock()
	for _, in := range g.members {
		if in.ID == id {
			found = true
			change(in)
		}
	}
	g.board.lock.Unlock()
	if found {
		g.Poll(now)
	}
	return found
}
