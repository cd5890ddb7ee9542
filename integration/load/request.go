package load

import (
	"bytes"
	"net/http"
	"time"
)

// Request is one request to make and what becomes of it. A load that makes
// one request over and over needs none: Options describe it.
type Request struct {
	// HTTP is sent as it is, Host and Close included.
	HTTP *http.Request
	// Right says what is wrong with a whole answer of the wanted status; nil
	// takes every one for right.
	Right func(head http.Header, body []byte) error
	// Done is told of the end: nil for a right answer. It is called by many
	// workers at once.
	Done func(Outcome)
}

// Outcome is what became of one request.
type Outcome struct {
	Began, Ended time.Time
	// Kind is how it failed, as in Report.Kinds; "" for a right answer.
	Kind string
	// Begun says that a byte of an answer came.
	Begun bool
	Err   error
}

// sent is a request ready to be sent, also twice.
type sent struct {
	Request
	method string
	wire   []byte
}

func (r Request) encode() (*sent, error) {
	var wire bytes.Buffer
	if err := r.HTTP.Write(&wire); err != nil {
		return nil, err
	}
	return &sent{Request: r, method: r.HTTP.Method, wire: wire.Bytes()}, nil
}

// tell reports a request's end to whoever made it.
func (s *sent) tell(began, ended time.Time, got answer, err error) {
	if s.Done == nil {
		return
	}
	o := Outcome{Began: began, Ended: ended, Begun: got.begun, Err: err}
	if err != nil {
		o.Kind = kindOf(err)
	}
	s.Done(o)
}
