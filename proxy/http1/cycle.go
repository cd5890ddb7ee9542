package http1

// State is how far an exchange has got on one connection, be it the client's
// or the instance's: the two are the same machine.
type State uint8

const (
	// Idle: no exchange. A request may begin.
	Idle State = iota
	// Upload: the request's head is there, its body is not at its end, and no
	// final answer has begun.
	Upload
	// Waiting: the request is whole, no final answer has begun.
	Waiting
	// Early: the final answer has begun, and the request is not whole.
	Early
	// Unread: the answer is whole, and the request is not: its rest is read
	// and thrown away, or the connection closed (F4, F12).
	Unread
	// EarlyAnswer: the request is whole, the answer, which had begun before
	// that, is not.
	EarlyAnswer
	// Answering: the request was whole when the answer began, which is not at
	// its end.
	Answering
	// Done: both are whole, and in order.
	Done
	// DoneEarly: both are whole, but the answer had begun before the request's
	// end.
	DoneEarly
	// Tunnel: the connection has changed its protocol. What comes is no HTTP,
	// and never will be again.
	Tunnel
	// Broken: something came that has no place in the table, or the
	// connection ended in the midst of a message. It is closed.
	Broken

	states
)

var stateNames = [states]string{
	"Idle", "Upload", "Waiting", "Early", "Unread", "EarlyAnswer", "Answering", "Done", "DoneEarly", "Tunnel", "Broken",
}

func (s State) String() string { return stateNames[s] }

// Event is what happens to an exchange.
type Event uint8

const (
	// RequestHead: a request's head was parsed (client) or is going to be
	// sent (instance).
	RequestHead Event = iota
	// RequestEnd: its body is at its end; at once where it has none.
	RequestEnd
	// InterimHead: an answer of 1xx, but not 101.
	InterimHead
	// SwitchHead: a 101.
	SwitchHead
	// AnswerHead: the head of the final answer.
	AnswerHead
	// AnswerEnd: its body is at its end, by its own framing.
	AnswerEnd
	// Stray: octets from the instance that belong to no answer. (What a
	// client sends ahead is its next request, and waits: F17.)
	Stray
	// Cut: the connection ended or failed.
	Cut

	events
)

var eventNames = [events]string{
	"RequestHead", "RequestEnd", "InterimHead", "SwitchHead", "AnswerHead", "AnswerEnd", "Stray", "Cut",
}

func (e Event) String() string { return eventNames[e] }

// next is what is legal. Nothing leads back to Idle, so that an empty entry
// means: not legal, to Broken. The table in doc.go is written from this one.
var next = [states][events]State{
	Idle: {RequestHead: Upload},
	// RFC 9110 section 15: "zero or more "interim" (non-final) responses [...]
	// followed by exactly one "final" response", and that may come before the
	// request has been read.
	Upload: {RequestEnd: Waiting, InterimHead: Upload, AnswerHead: Early},
	// A 101 follows a request that is whole (RFC 9110 section 7.8: the first
	// thing behind it is the new protocol's), and only one that asked for it.
	Waiting: {InterimHead: Waiting, SwitchHead: Tunnel, AnswerHead: Answering},
	// Nothing but octets of the body follows a final head (F13).
	Early:       {RequestEnd: EarlyAnswer, AnswerEnd: Unread},
	Unread:      {RequestEnd: DoneEarly},
	EarlyAnswer: {AnswerEnd: DoneEarly},
	Answering:   {AnswerEnd: Done},
	// RFC 9112 section 9.2 on a response without a request: the client "MUST
	// NOT consider that data to be a valid response", and closes (F15). So
	// Stray is nowhere in the table, and Cut is not either (F16).
	Done:      {},
	DoneEarly: {},
	Tunnel:    {},
	Broken:    {},
}

// Side is whose connection it is.
type Side uint8

const (
	// Client is the connection that requests come on.
	Client Side = iota
	// Instance is the connection that they are sent on.
	Instance
)

// reusable is where a connection may carry another exchange. A client that
// was answered early and has sent the rest of its request all the same is
// where it should be. An instance that answered early may not have read what
// it was sent, and would take it for the next request (X22).
var reusable = [states][2]bool{
	Done:      {Client: true, Instance: true},
	DoneEarly: {Client: true},
}

// Cycle is one connection's place in one exchange. Its zero value is Idle.
type Cycle struct {
	State State
	// Close: the exchange is the connection's last, because one of its ends
	// said so, or because the answer ends only with it. Once set it stays.
	Close bool
	// Upgrade: the request asks for a protocol that it may have. Without it a
	// 101 is not legal (F11).
	Upgrade bool
}

// On takes an event. false: it is not legal here; the connection is Broken,
// and is closed.
func (c *Cycle) On(e Event) bool {
	to := next[c.State][e]
	if to == Idle || e == SwitchHead && !c.Upgrade {
		to = Broken
	}
	c.State = to
	return to != Broken
}

// Reusable says whether the connection may carry another exchange: the
// client's its next request, the instance's anybody's.
func (c *Cycle) Reusable(side Side) bool {
	return !c.Close && reusable[c.State][side]
}

// ForwardsInterim says whether a client gets an interim answer (F13): RFC 9110
// section 15.2, "A server MUST NOT send a 1xx response to an HTTP/1.0 client"
// and "A proxy MUST forward 1xx responses unless the proxy itself requested
// the generation of the 1xx response", which is 100 where the client has not
// asked for it. 101 is none of these, see [SwitchHead].
func ForwardsInterim(status, clientMinor int, clientExpects bool) bool {
	switch {
	case clientMinor < 1, status < 100, status >= 200, status == 101:
		return false
	}
	return status != 100 || clientExpects
}
