package engine

import (
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/snapshot"
)

// mark is something that somebody says of an instance, or of the upstream.
func (s *simulation) mark() {
	if s.calm && s.plan.settings.Hold == 0 {
		return // somebody would not be served, and rightly
	}
	g := s.engine.snap.Upstreams[0].Group
	id := s.plan.instances[s.rng.IntN(len(s.plan.instances))]
	s.countChosen()
	switch s.rng.IntN(9) {
	case 8:
		if s.calm {
			return
		}
		s.maintain(s.once(3))
	case 0:
		s.note("drain %s", id)
		g.Drain(s.wall, id, "simulation", time.Time{})
	case 1:
		s.note("drain %s for a second", id)
		g.Drain(s.wall, id, "lease", s.wall.Add(time.Second))
	case 2:
		s.note("undrain %s", id)
		g.Undrain(s.wall, id, "")
	case 3:
		on := s.once(3)
		s.note("pause: %t", on)
		g.Pause(s.wall, on)
	case 4:
		ok := s.once(2)
		s.note("probed %s: %t", id, ok)
		g.Probed(s.wall, id, ok, "simulation")
	case 5:
		g.Tick(s.wall)
	default:
		states := []balance.UnitState{
			balance.UnitUnknown, balance.UnitStarting, balance.UnitUp, balance.UnitUp, balance.UnitStopped, balance.UnitDown,
		}
		state := states[s.rng.IntN(len(states))]
		s.note("unit %s: %s", id, state)
		g.Report(s.wall, id, state, "simulation")
	}
}

// unmark has everybody well again.
func (s *simulation) unmark() {
	g := s.engine.snap.Upstreams[0].Group
	for _, id := range s.plan.instances {
		g.Undrain(s.wall, id, "")
		g.Report(s.wall, id, balance.UnitUp, "")
	}
	g.Pause(s.wall, false)
	s.maintain(false)
}

// maintain puts the site under maintenance, or ends that.
func (s *simulation) maintain(on bool) {
	s.note("maintenance: %t", on)
	var m *snapshot.Maintenance
	if on {
		m = &snapshot.Maintenance{Page: "back soon"}
	}
	s.engine.snap.Sites[0].Maintenance.Store(m)
}

// countChosen counts who has an instance and is not connected to it yet.
func (s *simulation) countChosen() {
	clear(s.chosen)
	s.engine.snap.Upstreams[0].Group.Each(s.wall, func(in *balance.Instance, _ balance.View) {
		s.chosen[in.ID] = in.InFlight()
	})
	for _, d := range s.scripts {
		for c := d.worker.busy.first; c != nil; c = c.next {
			if c.x != nil && c.x.instance != nil && c.x.backend != nil {
				s.chosen[c.x.instance.ID]--
			}
		}
	}
}

// checkPick finds a connect to an instance that was not to be chosen.
func (s *simulation) checkPick(in *balance.Instance) {
	s.chosen[in.ID]--
	s.engine.snap.Upstreams[0].Group.Each(s.wall, func(other *balance.Instance, v balance.View) {
		out := v.DrainedBy != "" || v.Unit != balance.UnitUnknown && v.Unit != balance.UnitUp
		if other == in && out && s.chosen[in.ID] < 0 {
			s.problem("%s is connected to, and it is %s", in.ID, v.State)
		}
	})
}
