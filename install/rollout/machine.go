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
}

// Machine is one roll of some instances, which it knows by their numbers.
type Machine struct {
	set   Settings
	turns []turn
	watch watch
	// failed: an action did, or an instance was lost. stopped: who ordered the
	// roll wants it to end. Either way no turn begins any more.
	failed, stopped bool
}

// turn is an instance's.
type turn struct {
	state state
	// changed: its Change was begun.
	changed bool
	// ill: an action of this turn has failed, or was abandoned.
	ill bool
}

// state is how far an instance's turn is.
type state int

const (
	waiting state = iota // it has had none, or went back unchanged
	inHand               // an action of it goes on
	well                 // it had its turn and is in rotation
	ill                  // its turn failed
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
	var list []Action
	switch {
	case e.Kind == Begun:
	case e.Kind == Interrupted:
		m.stopped = true
	case e.Kind == Lost:
		m.lost(e.Action.Instance)
	case e.Action.Verb == Watch:
		m.watched(e.Kind)
	case e.Action.Verb == Return:
		m.over(e.Action.Instance, e.Kind)
	default:
		list = append(list, m.follow(e.Action, e.Kind))
	}
	return append(list, m.begin()...)
}

// lost is a failure of an instance that had its turn. One that is in hand
// tells by itself.
func (m *Machine) lost(i int) {
	if t := &m.turns[i]; t.state == well {
		t.state, m.failed = ill, true
	}
}

func (m *Machine) watched(how Kind) {
	m.watch = given
	if how == Succeeded {
		m.watch = passed
	}
	m.note(how)
}

// note takes over what an action's end means for the roll.
func (m *Machine) note(how Kind) {
	m.failed = m.failed || how == Failed
	m.stopped = m.stopped || how == Abandoned
}

// follow is what comes after an action in an instance's turn.
func (m *Machine) follow(a Action, how Kind) Action {
	t := &m.turns[a.Instance]
	next := after[a.Verb].well
	if how != Succeeded {
		t.ill = true
		next = after[a.Verb].failed
	} else if next == Change && m.failed {
		next = Return // another has failed meanwhile: it goes back unchanged
	}
	m.note(how)
	t.changed = t.changed || next == Change
	return Action{next, a.Instance}
}

// over ends an instance's turn.
func (m *Machine) over(i int, how Kind) {
	m.note(how)
	switch t := &m.turns[i]; {
	case t.ill || how != Succeeded:
		t.state = ill
	case t.changed:
		t.state = well
	default:
		t.state = waiting
	}
}

// begin begins as many turns as may be out of rotation at a time, or the watch.
func (m *Machine) begin() []Action {
	var list []Action
	until := len(m.turns)
	if m.watch != passed {
		until = m.set.Canaries
	}
	for i := range m.turns[:until] {
		if m.failed || m.stopped || m.count(inHand) >= m.set.MaxUnavailable {
			break
		}
		if m.turns[i].state == waiting {
			m.turns[i].state = inHand
			list = append(list, Action{Drain, i})
		}
	}
	if m.watch == ahead && m.count(well) == m.set.Canaries && !m.failed && !m.stopped {
		m.watch = underWay
		list = append(list, Action{Verb: Watch})
	}
	return list
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

// BackOrder is in which order instances that were changed are to be given back
// what they ran: those that are not well first, for that takes nobody out of
// rotation, then the latest first.
func (m *Machine) BackOrder() []int {
	var list []int
	for _, s := range []state{ill, inHand, well} {
		for i, t := range slices.Backward(m.turns) {
			if t.changed && t.state == s {
				list = append(list, i)
			}
		}
	}
	return list
}
