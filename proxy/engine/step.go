package engine

// step is where a client connection stands. Each has a file of its own,
// step_NAME.go, that says what happens there.
type step uint8

const (
	// stepPreface waits for the PROXY header of a listed peer.
	stepPreface step = iota
	// stepHead waits for a request, or is in the middle of its head.
	stepHead
	// stepChoose has a whole head: checks it and finds its route.
	stepChoose
	// stepSpool takes the whole body in before an instance is asked.
	stepSpool
	// stepPick chooses the instance for a try.
	stepPick
	// stepQueue waits for an instance to be free, or ready at all.
	stepQueue
	// stepConnect waits for a connection to the instance.
	stepConnect
	// stepAsk sends head and body, and waits for the head of the answer.
	stepAsk
	// stepAnswer has the whole head of an answer and decides what it means.
	stepAnswer
	// stepRelay passes the answer's body on, and what is left of the request's.
	stepRelay
	// stepTunnel passes bytes both ways after a 101.
	stepTunnel
	// stepOpen waits for a file that is not in memory to be opened or read.
	stepOpen
	// stepFile sends a file.
	stepFile
	// stepOwn sends an answer of our own: an error, a redirect, a fixed body.
	stepOwn
	// stepFinish accounts for the exchange and says what the connection does
	// next.
	stepFinish
	// stepLinger has half-closed and reads away what the client still sends,
	// so that the answer is not lost to a reset.
	stepLinger
	// stepClosed is the end.
	stepClosed

	steps
)

// verdict is what a step says when it returns.
type verdict uint8

const (
	// wait: nothing more can be done until something becomes ready or due.
	wait verdict = iota
	// again: go on with the connection's step, which may be another one now.
	again
)

// names are the steps as the diagram and the messages have them.
var names = [steps]string{
	stepPreface: "preface", stepHead: "head", stepChoose: "choose", stepSpool: "spool",
	stepPick: "pick", stepQueue: "queue", stepConnect: "connect", stepAsk: "ask",
	stepAnswer: "answer", stepRelay: "relay", stepTunnel: "tunnel", stepOpen: "open",
	stepFile: "file", stepOwn: "own", stepFinish: "finish", stepLinger: "linger",
	stepClosed: "closed",
}

func (s step) String() string { return names[s] }

// stepSet is a set of steps.
type stepSet uint32

func set(list ...step) (s stepSet) {
	for _, one := range list {
		s |= 1 << one
	}
	return s
}

func (s stepSet) has(one step) bool { return s&(1<<one) != 0 }

// successors is what may follow what; anything else is a defect, and ends the
// connection that shows it. From every step a connection may also be closed.
// The diagram in doc.go is made of this table.
var successors = [steps]stepSet{
	stepPreface: set(stepHead),
	stepHead:    set(stepChoose, stepOwn),
	stepChoose:  set(stepSpool, stepPick, stepOpen, stepFile, stepOwn),
	stepSpool:   set(stepPick, stepOwn),
	stepPick:    set(stepQueue, stepConnect, stepOwn),
	stepQueue:   set(stepConnect, stepPick, stepOwn),
	stepConnect: set(stepAsk, stepPick, stepOwn),
	stepAsk:     set(stepAnswer, stepPick, stepOwn),
	stepAnswer:  set(stepAsk, stepRelay, stepTunnel, stepPick, stepOpen, stepFile, stepOwn),
	stepRelay:   set(stepFinish),
	stepTunnel:  set(stepFinish),
	stepOpen:    set(stepOpen, stepFile, stepPick, stepOwn),
	stepFile:    set(stepOpen, stepFinish),
	stepOwn:     set(stepFinish),
	stepFinish:  set(stepHead, stepLinger),
	stepLinger:  0,
	stepClosed:  0,
}
