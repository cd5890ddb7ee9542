package rollout

import "slices"

// Settings is how a roll goes about it.
type Settings struct {
	// MaxUnavailable is how many instances may be out at a time; 1 where it is
	// less.
	MaxUnavailable int
	// Canaries is how many instances have their turns, and are watched, before
	// any other; 0 is none.
	Canaries int
	// TurnBack gives the instances that were changed back what they ran, after
	// a failure.
	TurnBack bool
}

// Machine is one roll of some instances, which it knows by their numbers.
type Machine struct {
	set   Settings
	turns []turn
	// follow are actions of turns that go on, not handed out yet.
	follow []Action
	watch  watch
	// failed: something did, and no forward turn begins any more. stopped: no
	// turn of any kind does.
	failed, stopped bool
	// suspects are instances that failed, in the order in which they did.
	suspects []int
}

// turn is an instance's.
type turn struct {
	state state
	// back: it is to give back what the instance ran.
	back bool
	// changed: its Change was begun, and nothing has taken that back.
	changed bool
	// ill: an action of this turn has failed, or was abandoned.
	ill bool
}

// state is how far an instance's turn is.
type state int

const (
	waiting state = iota // it has had none
	inHand               // an action of it goes on
	well                 // it had its turn and is in rotation
	ill                  // its turn failed
	back                 // it runs again what it ran before
)

// watch is how far the canaries' watch is.
type watch int

const (
	ahead watch = iota
	underWay
	passed
	given // up: it failed, or was abandoned
)

// New makes a machine for so many instances. It begins with the event Begun.
func New(instances int, set Settings) *Machine {
	set.MaxUnavailable = max(set.MaxUnavailable, 1)
	set.Canaries = min(max(set.Canaries, 0), instances)
	m := &Machine{set: set, turns: make([]turn, instances)}
	if set.Canaries == 0 {
		m.watch = passed
	}
	return m
}

// Step takes an event and returns what is to be done now, side by side.
func (m *Machine) Step(e Event) []Action {
	m.follow = nil
	switch e.Kind {
	case Begun:
	case Interrupted:
		m.stopped = true
	case Lost:
		m.lost(e.Action.Instance)
	default:
		m.stopped = m.stopped || e.Kind == Abandoned
		m.ended(e.Action, e.Kind)
	}
	return append(m.follow, m.begin()...)
}

// lost is a failure of an instance that had its turn. One that is in hand
// again tells by itself.
func (m *Machine) lost(i int) {
	if t := &m.turns[i]; t.state == well {
		t.state = ill
		m.suspect(i)
	}
}

func (m *Machine) suspect(i int) {
	m.failed = true
	if !slices.Contains(m.suspects, i) {
		m.suspects = append(m.suspects, i)
	}
}

func (m *Machine) ended(a Action, how Kind) {
	if a.Verb == Watch {
		m.watched(how)
		return
	}
	t := &m.turns[a.Instance]
	if how == Failed && !(t.back && a.Verb == Drain) {
		t.ill = true
		m.suspect(a.Instance)
	}
	t.ill = t.ill || how == Abandoned
	if a.Verb == Return {
		m.over(a.Instance)
		return
	}
	next := after[a.Verb].well
	switch {
	case t.back && a.Verb == Drain && how != Abandoned:
		next = Restore // what is broken may not drain, and is restored all the same
	case how != Succeeded:
		next = after[a.Verb].failed
	case next == Change && m.failed:
		next = Return // another has failed meanwhile: it goes back unchanged
	}
	t.changed = t.changed || next == Change
	m.follow = append(m.follow, Action{next, a.Instance})
}

func (m *Machine) watched(how Kind) {
	m.watch = given
	if how == Succeeded {
		m.watch = passed
	}
	m.failed = m.failed || how == Failed
}

// over ends an instance's turn.
func (m *Machine) over(i int) {
	t := &m.turns[i]
	switch {
	case t.ill:
		t.state = ill
		m.stopped = m.stopped || t.back
	case t.back:
		t.state, t.changed = back, false
	case t.changed:
		t.state = well
	default:
		t.state = waiting
	}
}

// begin begins as many turns as may be out of rotation at a time.
func (m *Machine) begin() []Action {
	var list []Action
	out := m.count(inHand)
	if m.failed && out > 0 && !m.turningBack() {
		return nil // those in hand are seen through first
	}
	for !m.stopped && out < m.set.MaxUnavailable {
		i, again := m.nextTurn()
		if i < 0 {
			break
		}
		m.turns[i] = turn{state: inHand, back: again, changed: m.turns[i].changed}
		list = append(list, Action{Drain, i})
		out++
	}
	if m.watchIsDue(out) {
		m.watch = underWay
		list = append(list, Action{Verb: Watch})
	}
	return list
}

// nextTurn is whose turn it is, and whether it is turned back; -1 for nobody.
func (m *Machine) nextTurn() (i int, again bool) {
	if !m.failed {
		until := len(m.turns)
		if m.watch != passed {
			until = m.set.Canaries
		}
		return slices.IndexFunc(m.turns[:until], func(t turn) bool { return t.state == waiting }), false
	}
	if !m.set.TurnBack {
		return -1, false
	}
	due := func(i int) bool { return m.turns[i].changed && m.turns[i].state != inHand }
	for _, i := range m.suspects {
		if due(i) {
			return i, true
		}
	}
	for i := len(m.turns) - 1; i >= 0; i-- {
		if due(i) {
			return i, true
		}
	}
	return -1, false
}

// watchIsDue: all canaries are well and nobody else is in hand.
func (m *Machine) watchIsDue(out int) bool {
	return m.watch == ahead && out == 0 && !m.failed && !m.stopped && m.count(well) == m.set.Canaries
}

func (m *Machine) turningBack() bool {
	return slices.ContainsFunc(m.turns, func(t turn) bool { return t.state == inHand && t.back })
}

func (m *Machine) count(s state) int {
	n := 0
	for _, t := range m.turns {
		if t.state == s {
			n++
		}
	}
	return n
}
