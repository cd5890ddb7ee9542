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
	// Woken instances start by being connected to, so that a unit that is not
	// up is no reason never to try them.
	Woken bool
}

// Passive is what takes an instance out of rotation by its own failures.
type Passive struct {
	// MaxFails failures put an instance out for FailTimeout; 0 never does.
	MaxFails    int
	FailTimeout time.Duration
}

// Active is what takes an instance out of rotation by active checks.
type Active struct {
	// Fall failures in a row put it out, Rise successes in a row back.
	Rise, Fall int
}

// Settings are an upstream's, apart from its members.
type Settings struct {
	Passive
	Active
	Method Method
	// SlowStart is how long an instance that has come back takes to get its
	// whole share; 0 gives it at once.
	SlowStart time.Duration
	// Hold is how long somebody waits while no instance is ready, 0 for not
	// at all. The group does not measure it, but holds nobody where it is 0.
	Hold time.Duration
	// OnDemand: somebody starts instances when Wanted says that they are. It
	// is called on any thread, at most once a second, and only posts.
	OnDemand bool
	Wanted   func()
	// MaxInFlight is how many uses one instance has at a time, 0 for any
	// number; Queue is how many wait at most while every instance is full.
	MaxInFlight int
	Queue       int
	// Lock guards the queue. It comes from outside because what blocks a
	// thread does not replay; nil will do where there is one thread. Seed is
	// where the drawing by lot begins. Epoch is a time that has passed, with
	// the monotonic clock where the times that the group is told have it. They
	// are read when a group has no group before it.
	Lock  Locker
	Seed  uint64
	Epoch time.Time
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
// its counters and its marks; an ID whose address changed keeps only the
// marks, since the rest was learned about another address.
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
	g.board = boardOf(s, prev)
	for _, m := range members {
		in := g.board.reconcile(m, known[m.ID])
		kept[in] = true
		g.members = append(g.members, in)
		t := &g.tiers[0]
		if m.Backup {
			t = &g.tiers[1]
		}
		t.seats = append(t.seats, seat{in, int64(max(m.Weight, 1))})
	}
	if prev == nil {
		g.board.current.Store(g)
	} else {
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

// boardOf is the board of the group before, or a new one.
func boardOf(s Settings, prev *Group) *board {
	if prev == nil {
		return newBoard(s)
	}
	return prev.board
}

// reconcile is the instance for m, given the one of the same ID before.
func (b *board) reconcile(m Member, before *Instance) *Instance {
	if before != nil && before.Network == m.Network && before.Address == m.Address && before.Woken == m.Woken {
		return before
	}
	in := &Instance{clock: b.clock, ID: m.ID, Network: m.Network, Address: m.Address, Woken: m.Woken, marks: Marks{Unit: UnitUnknown}}
	if before != nil {
		b.lock.Lock()
		in.marks, in.drainedAt = before.marks.copy(), before.drainedAt
		b.lock.Unlock()
		in.gateSet(gateDrained, len(in.marks.Drains) > 0)
		in.gateByUnit()
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

// Heard says that a whole response head came, with its status. A stream's End
// may be hours away, and its instance is known to be well now: whatever the
// status, which is the application's business, it is only counted.
func (g *Group) Heard(in *Instance, status int) {
	if status >= 500 {
		in.errors.Add(1)
	}
	in.forgive(g)
}

// End closes a use of the instance, with the verdict on the try and the reason
// of a failure. The room that it makes goes to who has waited longest.
func (g *Group) End(now time.Time, in *Instance, outcome Outcome, reason string) {
	switch outcome {
	case Answered:
		in.forgive(g)
	case Failed:
		in.failed.Add(1)
		why := reason // a copy, so that only failures allocate
		in.lastErr.Store(&why)
		if !g.single {
			in.fail(now, g.settings.Passive)
		}
	case Abandoned:
	}
	in.inFlight.Add(-1)
	if g.board.waiting.Load() > 0 {
		g.board.poll(now)
	}
}
