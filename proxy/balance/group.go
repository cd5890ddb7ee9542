package balance

import "time"

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

// Settings are an upstream's, apart from its members.
type Settings struct {
	Passive
	Method Method
	// MaxInFlight is how many uses one instance has at a time, 0 for any
	// number; Queue is how many wait at most while every instance is full.
	MaxInFlight int
	Queue       int
	// Lock guards the queue. It comes from outside because what blocks a
	// thread does not replay; nil will do where there is one thread. Seed is
	// where the drawing by lot begins. Both are read when a group has no
	// group before it.
	Lock Locker
	Seed uint64
}

// Group is the instances of one upstream. Its members never change; a new
// config makes a new Group out of the old, and both share a board.
type Group struct {
	settings Settings
	// single: a group of one instance has no better choice, so it is never
	// out (nginx's `single`).
	single bool
	// tiers are the primaries and, used only when none of these is in
	// rotation, the backups.
	tiers   [2]tier
	members []*Instance
	// removed were in an earlier config; those with something in flight are
	// still shown.
	removed []*Instance
	board   *board
}

// NewGroup makes the group of an upstream. An instance that prev (nil at
// first) has too, by ID and address, is the same instance, with its health,
// its counters and its drain mark; an ID whose address changed keeps only the
// mark, since the rest was learned about another address.
//
// prev goes on as it was until [Group.TakeOver]: a config may yet be rejected.
func NewGroup(s Settings, members []Member, prev *Group) *Group {
	g := &Group{settings: s, single: len(members) == 1}
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
	for _, m := range members {
		in := reconcile(m, known[m.ID])
		kept[in] = true
		g.members = append(g.members, in)
		t := &g.tiers[0]
		if m.Backup {
			t = &g.tiers[1]
		}
		t.seats = append(t.seats, seat{in, int64(max(m.Weight, 1))})
	}
	if prev == nil {
		g.board = newBoard(s)
		g.board.current.Store(g)
	} else {
		g.board = prev.board
		g.removed = gone(prev, kept)
	}
	for i := range g.tiers {
		// The turn goes on where it was: a reload per second must not give
		// the first instance everything.
		g.tiers[i].turn = &g.board.turns[i]
		g.tiers[i].slots = sequence(g.tiers[i].seats)
	}
	return g
}

// gone are the instances of prev that are not kept. What its members have in
// flight is still growing until the new group takes over, so all are listed.
func gone(prev *Group, kept map[*Instance]bool) []*Instance {
	var list []*Instance
	for _, in := range prev.members {
		if !kept[in] {
			list = append(list, in)
		}
	}
	for _, in := range prev.removed {
		if !kept[in] && in.InFlight() > 0 {
			list = append(list, in)
		}
	}
	return list
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

// TakeOver makes the group the one that serves, also for exchanges that began
// with the group before it: what waits is granted by it, and nothing more goes
// to an instance that it lacks.
func (g *Group) TakeOver(now time.Time) {
	g.board.current.Store(g)
	g.board.poll(now)
}

// Heard says that a whole response head came. A stream's End may be hours
// away, and its instance is known to be well now.
func (g *Group) Heard(in *Instance) { in.forgive() }

// End closes a use of the instance, with the verdict on the try and the reason
// of a failure. The room that it makes goes to who has waited longest.
func (g *Group) End(now time.Time, in *Instance, outcome Outcome, reason string) {
	switch outcome {
	case Answered:
		in.forgive()
	case Failed:
		in.failed.Add(1)
		why := reason // a copy, so that only failures allocate
		in.lastErr.Store(&why)
		if !g.single {
			in.fail(now)
		}
	case Abandoned:
	}
	in.inFlight.Add(-1)
	if g.board.waiting.Load() > 0 {
		g.board.poll(now)
	}
}

// Drain gives the instance nothing new, or with on false takes it back and
// clears its passive failures: whoever takes it back knows that it is well.
// It reports whether the group has such an instance. [Group.Poll] then gives
// the queue what there is to have.
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
		case !g.single && in.out(now, g.settings.Passive):
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
