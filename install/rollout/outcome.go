package rollout

// Outcome is how a roll ended.
type Outcome int

const (
	// Completed: every instance was changed.
	Completed Outcome = iota
	// Halted: the first failure stopped it, and what was changed stays so.
	Halted
	// Unfinished: it was interrupted between two turns.
	Unfinished
)

// Outcome tells how the roll ended, once no action of it goes on.
func (m *Machine) Outcome() Outcome {
	switch {
	case m.failed:
		return Halted
	case m.count(well) == len(m.turns) && m.watch == passed:
		return Completed
	}
	return Unfinished
}

// Waiting is how many instances have had no turn yet.
func (m *Machine) Waiting() int { return m.count(waiting) }

// Out is how many are out of rotation by the roll's doing: in hand, or failed
// in their turn.
func (m *Machine) Out() int { return m.count(inHand) + m.count(ill) }
