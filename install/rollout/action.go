package rollout

// Verb is what is to be done.
type Verb int

const (
	// Drain gives an instance nothing new and waits for what it still answers.
	Drain Verb = iota + 1
	// Change ends what an instance runs and starts what it is to run.
	Change
	// Await waits until an instance is ready.
	Await
	// Return ends the drain, and waits until an instance that is well is in
	// rotation.
	Return
	// Watch looks at the canaries for a while. It is of no one instance.
	Watch
)

func (v Verb) String() string {
	return [...]string{"none", "drain", "change", "await", "return", "watch"}[v]
}

// Action is a verb and the instance, by its number, that it is done to.
type Action struct {
	Verb     Verb
	Instance int
}

// Kind is what an event tells.
type Kind int

const (
	// Begun is the first event, and the only one that comes unasked but for
	// Interrupted and Lost.
	Begun Kind = iota
	// Succeeded and Failed end an action.
	Succeeded
	Failed
	// Abandoned ends an action that was given up because whoever ordered the
	// roll insisted: it says nothing of the instance.
	Abandoned
	// Interrupted: who ordered the roll wants it to end. What is in hand is
	// finished.
	Interrupted
	// Lost: an instance that had its turn and was well is no longer.
	Lost
)

// Event is what has happened. Action is what ended; of Lost, its Instance alone
// counts.
type Event struct {
	Kind   Kind
	Action Action
}

// after is what follows an action in an instance's turn, which ends with
// Return.
var after = map[Verb]struct{ well, failed Verb }{
	Drain:  {well: Change, failed: Return},
	Change: {well: Await, failed: Return},
	Await:  {well: Return, failed: Return},
}
