package balance

// Phase is how far a try had come when it failed.
type Phase int

const (
	// Unreached: connect refused or reset, before a byte was sent.
	Unreached Phase = iota
	// ConnectTimeout: connect timed out, before a byte was sent.
	ConnectTimeout
	// Stale: a reused pooled connection closed or reset before any byte of an
	// answer. The instance may be well and merely have closed an idle
	// connection, or may have died of this request.
	Stale
	// Died: sent on a connection of its own, and the instance closed or reset
	// it before any byte of an answer.
	Died
	// CutHead: the connection ended within the answer's head.
	CutHead
	// Garbage: what came is no HTTP answer.
	Garbage
	// AnswerTimeout: sent, and the first byte did not come in time.
	AnswerTimeout
	// Broken: the answer had begun towards the client.
	Broken

	phases
)

// String names the phase as the log has it.
func (p Phase) String() string {
	return [phases]string{
		"connect", "connect timeout", "reused connection", "waiting for the answer",
		"cut answer head", "garbage answer", "answer timeout", "broken answer",
	}[p]
}

// Unsent says that the instance was given nothing: it may be asked again.
func (p Phase) Unsent() bool { return p == Unreached || p == ConnectTimeout }

// Action is what follows a failed try.
type Action int

const (
	// Elsewhere: try an instance that was not tried yet.
	Elsewhere Action = iota
	// Fresh: send again on a new connection, to another instance or, where
	// there is none, to the same.
	Fresh
	// Replay: send again to another instance.
	Replay
	// BadGateway: answer 502.
	BadGateway
	// GatewayTimeout: answer 504.
	GatewayTimeout
	// BreakOff: end the client's answer so that it is visibly incomplete.
	BreakOff
)

// row is what follows a failure in one phase.
type row struct {
	// By method and body: the method idempotent or not (RFC 9110 section
	// 9.2.2), the body replayable (none, or not begun) or not.
	idempotent, idempotentBody Action
	other, otherBody           Action
	// spent follows instead when a further try would exceed its allowance.
	spent Action
}

// rule is the retry rule. There is no other copy of it in the code.
//
// RFC 9110 section 9.2.2: "A proxy MUST NOT automatically retry
// non-idempotent requests." A request of which nothing was sent was not
// retried but made, so connect failures go elsewhere whatever the method.
var rule = [phases]row{
	//               idempotent      with begun body other           with begun body spent
	Unreached:      {Elsewhere, Elsewhere, Elsewhere, Elsewhere, BadGateway},
	ConnectTimeout: {Elsewhere, Elsewhere, Elsewhere, Elsewhere, GatewayTimeout},
	Stale:          {Fresh, BadGateway, BadGateway, BadGateway, BadGateway},
	Died:           {Replay, BadGateway, BadGateway, BadGateway, BadGateway},
	CutHead:        {Replay, BadGateway, BadGateway, BadGateway, BadGateway},
	Garbage:        {BadGateway, BadGateway, BadGateway, BadGateway, BadGateway},
	AnswerTimeout:  {GatewayTimeout, GatewayTimeout, GatewayTimeout, GatewayTimeout, GatewayTimeout},
	Broken:         {BreakOff, BreakOff, BreakOff, BreakOff, BreakOff},
}

// Idempotent says whether the method may be sent twice. TRACE never gets
// here, and a method that we do not know is taken for one that may not.
func Idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE":
		return true
	}
	return false
}

// Attempts is one request's way through the rule.
//
// The poisonous request: one that kills the instance that it reaches must
// fail alone. So whatever was sent is sent again at most once in all, also
// when the first loss looked like a stale connection: a second death by the
// same request ends it.
type Attempts struct {
	// Method is the request's.
	Method string
	// Never switches every retry off.
	Never bool
	// Tries is how many other instances may be tried after the first.
	Tries int

	others int
	resent bool
}

// NewRound is for a request that was held after every try was refused: it may
// go to as many again. What was sent once stays so.
func (a *Attempts) NewRound() { a.others = 0 }

// Next says what follows a try that failed in that phase. replayable says
// that the request has no body or that none of it was read from the client.
func (a *Attempts) Next(p Phase, replayable bool) Action {
	row := rule[p]
	action := row.otherBody
	switch idempotent := Idempotent(a.Method); {
	case idempotent && replayable:
		action = row.idempotent
	case idempotent:
		action = row.idempotentBody
	case replayable:
		action = row.other
	}
	switch action {
	case Elsewhere:
		if a.Never || a.others >= a.Tries {
			return row.spent
		}
		a.others++
	case Replay:
		if a.Never || a.resent || a.others >= a.Tries {
			return row.spent
		}
		a.resent = true
		a.others++
	case Fresh:
		// Not counted in others: it makes up for our own pooling, and is
		// there for a lone instance too.
		if a.Never || a.resent {
			return row.spent
		}
		a.resent = true
	}
	return action
}
