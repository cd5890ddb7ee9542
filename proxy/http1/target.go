package http1

import (
	"strings"

	"github.com/webstack/webstack/proxy/route"
)

// form checks the target against the method and reduces it to origin-form
// (RFC 9112 section 3.2). It sets Host where the target holds one.
func (r *Request) form() fault {
	switch {
	case r.Method == "CONNECT":
		// Section 3.2.3: "The authority-form of request-target is only used
		// for CONNECT requests", and CONNECT has no other. The caller refuses
		// the method itself (R14).
		if !isAuthority(r.Target) || !hasPort(r.Target) {
			return badForm
		}
		r.Host = r.Target
	case r.Target[0] == '/':
	case r.Target == "*":
		// Section 3.2.4: "only used for a server-wide OPTIONS request".
		if r.Method != "OPTIONS" {
			return badForm
		}
	default:
		return r.absoluteForm()
	}
	return legal
}

func (r *Request) absoluteForm() fault {
	authority, origin, err := route.SplitTarget(r.Target)
	if err != nil || !isAuthority(authority) {
		return badForm
	}
	if r.Method == "OPTIONS" && origin == "/" && !strings.HasSuffix(r.Target, "/") {
		// Section 3.2.4: for "an absolute-form of request-target in which the
		// URI has an empty path and no query component, then the last proxy on
		// the request chain MUST send a request-target of "*"".
		origin = "*"
	}
	r.Host, r.Target = authority, origin
	return legal
}

// hasPort says whether an authority ends in a port that is not empty.
func hasPort(authority string) bool {
	colon := strings.LastIndexByte(authority, ':')
	last := len(authority) - 1
	return colon >= 0 && colon < last && authority[last] != ']'
}
