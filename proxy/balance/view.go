package balance

import "time"

// Verdict is what a group thinks of an instance.
type Verdict string

// Of those that hold, the first in this order is shown.
const (
	// Removed: no longer in the config, and something is still in flight.
	Removed Verdict = "removed"
	// Draining: somebody has asked that it be given nothing new.
	Draining Verdict = "draining"
	// Stopped: its unit is.
	Stopped Verdict = "stopped"
	// Starting: its unit is.
	Starting Verdict = "starting"
	// Down: its unit is, or its checks fail, or its requests do.
	Down Verdict = "down"
	// Up: in rotation.
	Up Verdict = "up"
)

// View is how an instance is at one moment.
type View struct {
	State Verdict
	// Since is when State began, zero where it always was. Reason is why, ""
	// where there is nothing to say.
	Since  time.Time
	Reason string
	// DrainedBy are those who drain it.
	DrainedBy string
	Unit      UnitState
	Probe     ProbeState
}

// Each calls f with every instance and how it is, in the config's order, then
// with those removed that have not finished. f may call the group.
func (g *Group) Each(now time.Time, f func(*Instance, View)) {
	for _, in := range g.members {
		f(in, g.view(now, in))
	}
	for _, in := range g.removed {
		if in.InFlight() > 0 {
			v := g.view(now, in)
			v.State = Removed
			f(in, v)
		}
	}
}

// view looks at one instance.
func (g *Group) view(now time.Time, in *Instance) View {
	g.board.lock.Lock()
	defer g.board.lock.Unlock()
	m, p := &in.marks, &in.probe
	v := View{DrainedBy: m.owners(), Unit: m.Unit, Probe: p.state.public()}
	switch {
	case len(m.Drains) > 0:
		v.State, v.Since = Draining, in.drainedAt
	case m.Unit == UnitStopped:
		v.State, v.Since, v.Reason = Stopped, m.UnitSince, m.Reason
	case m.Unit == UnitStarting:
		v.State, v.Since, v.Reason = Starting, m.UnitSince, m.Reason
	case m.Unit == UnitDown:
		v.State, v.Since, v.Reason = Down, m.UnitSince, m.Reason
	case p.state == probeDown:
		v.State, v.Since, v.Reason = Down, p.since, p.reason
	case !g.single && in.out(now, g.settings.Passive):
		v.State, v.Since, v.Reason = Down, in.clock.shown(now, in.outAt.Load()), in.LastError()
	default:
		v.State, v.Since = Up, in.clock.shown(now, in.backSince(g))
	}
	return v
}
