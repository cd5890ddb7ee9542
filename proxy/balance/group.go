package balance

import (
	"sync/atomic"
	"time"
)

// Member is one instance as the config names it.
type Member struct {
	ID      string
	Network string
	Address string
	Weight  int
	// Backup instances are used only when no other is in rotation.
	Backup bool
}

// Passive is what takes an instance out of rotation by its own failures.
type Passive struct {
	// MaxFails failures put an instance out for FailTimeout; 0 never does.
	MaxFails    int
	FailTimeout time.Duration
}

// Group is the instances of one upstream. Its members never change; a new
// config makes a new Group out of the old.
type Group struct {
	passive Passive
	// single: a group of one instance has no better choice, so it is never
	// out (nginx's `single`).
	single  bool
	primary rotation
	backup  rotation
	members []*Instance
	// removed were in an earlier config and still had something in flight
	// when this group was made.
	removed []*Instance
}

// NewGroup makes the group of an upstream. An instance that prev (nil at
// first) has too, by ID and address, is the same instance, with its health,
// its counters and its drain mark; an ID whose address changed keeps only the
// mark, since the rest was learned about another address.
func NewGroup(passive Passive, members []Member, prev *Group) *Group {
	g := &Group{passive: passive, single: len(members) == 1}
	known := map[string]*Instance{}
	if prev != nil {
		for _, in := range prev.removed {
			known[in.ID] = in
		}
		for _, in := range prev.members {
			known[in.ID] = in
		}
	}
	kept := map[*Instance]bool{}
	var primary, backup []*Instance
	var primaryWeights, backupWeights []int
	for _, m := range members {
		in := reconcile(m, known[m.ID])
		kept[in] = true
		g.members = append(g.members, in)
		if m.Backup {
			backup, backupWeights = append(backup, in), append(backupWeights, m.Weight)
		} else {
			primary, primaryWeights = append(primary, in), append(primaryWeights, m.Weight)
		}
	}
	g.primary = rotation{sequence(primary, primaryWeights), new(atomic.Uint64)}
	g.backup = rotation{sequence(backup, backupWeights), new(atomic.Uint64)}
	if prev != nil {
		// The turn goes on where it was: a reload per second must not give
		// the first instance everything.
		g.primary.cursor.Store(prev.primary.cursor.Load())
		g.backup.cursor.Store(prev.backup.cursor.Load())
		for _, list := range [][]*Instance{prev.removed, prev.members} {
			for _, in := range list {
				if !kept[in] && in.InFlight() > 0 {
					kept[in] = true
					g.removed = append(g.removed, in)
				}
			}
		}
	}
	return g
}

// reconcile is the instance for m, given the one of the same ID before.
func reconcile(m Member, before *Instance) *Instance {
	if before != nil && before.Network == m.Network && before.Address == m.Address {
		return before
	}
	in := &Instance{ID: m.ID, Network: m.Network, Address: m.Address}
	if before != nil {
		in.draining.Store(before.Draining())
	}
	return in
}

// Pick chooses the instance for a try, or nil when there is none that was not
// tried and is not drained. Those out by passive failures are passed over
// unless every other is out too: then they are tried anyway (panic mode), for
// an answer that may be bad is better than one that surely is.
func (g *Group) Pick(now time.Time, tried ...*Instance) *Instance {
	offered := func(in *Instance) bool {
		if in.Draining() {
			return false
		}
		for _, t := range tried {
			if t == in {
				return false
			}
		}
		return true
	}
	inRotation := func(in *Instance) bool {
		return offered(in) && (g.single || in.admit(now, g.passive.MaxFails, g.passive.FailTimeout))
	}
	for _, usable := range []func(*Instance) bool{inRotation, offered} {
		for _, r := range []rotation{g.primary, g.backup} {
			if in := r.next(usable); in != nil {
				return in
			}
			if in := r.sweep(usable); in != nil {
				return in
			}
		}
	}
	return nil
}

// Begin counts a use of the instance; each is followed by exactly one End.
func (g *Group) Begin(in *Instance) {
	in.inFlight.Add(1)
	in.requests.Add(1)
}

// Heard says that a whole response head came. A stream's End may be hours
// away, and its instance is known to be well now.
func (g *Group) Heard(in *Instance) { in.forgive() }

// End closes what Begin opened, with the verdict on the try and the reason of
// a failure.
func (g *Group) End(now time.Time, in *Instance, outcome Outcome, reason string) {
	switch outcome {
	case Answered:
		in.forgive()
	case Failed:
		in.failed.Add(1)
		in.lastErr.Store(&reason)
		if !g.single {
			in.fail(now)
		}
	case Abandoned:
	}
	in.inFlight.Add(-1)
}

// Drain gives the instance nothing new, or with on false takes it back and
// clears its passive failures: whoever takes it back knows that it is well.
// It reports whether the group has such an instance.
func (g *Group) Drain(id string, on bool) bool {
	found := false
	for _, in := range g.members {
		if in.ID == id {
			found = true
			in.draining.Store(on)
			if !on {
				in.fails.Store(0)
			}
		}
	}
	return found
}

// Verdict is what a group thinks of an instance.
type Verdict string

const (
	// Up: in rotation.
	Up Verdict = "up"
	// Down: out of rotation by passive failures.
	Down Verdict = "down"
	// Draining: given nothing new.
	Draining Verdict = "draining"
	// Removed: no longer in the config, and something is still in flight.
	Removed Verdict = "removed"
)

// Each calls f with every instance and its verdict, in the config's order,
// then with those removed that have not finished.
func (g *Group) Each(now time.Time, f func(*Instance, Verdict)) {
	for _, in := range g.members {
		switch {
		case in.Draining():
			f(in, Draining)
		case !g.single && in.out(now, g.passive.MaxFails, g.passive.FailTimeout):
			f(in, Down)
		default:
			f(in, Up)
		}
	}
	for _, in := range g.removed {
		if in.InFlight() > 0 {
			f(in, Removed)
		}
	}
}
