package header

import "github.com/webstack/webstack/proxy/route"

// Relay is what the proxy adds to an answer of the application.
type Relay struct {
	// Date is added where the application sent none.
	Date string
	// Upgrade is the token of a 101 that the caller has checked; "" otherwise.
	Upgrade string
	Vars    *route.Vars
}

// AppendResponse appends to dst the fields that the client gets for an answer
// with the fields in. Framing (Content-Length, Transfer-Encoding) is not
// among them: the caller writes its own.
func AppendResponse(dst, in []Field, rules *Rules, r *Relay) []Field {
	return append(dst, in...)
}
