package nethttp

import (
	"io"
	"net/http"
	"strconv"

	"github.com/webstack/webstack/proxy/header"
)

// serverToken is the Server field of the answers that are the proxy's own. It
// has no version: that helps nobody but an attacker.
const serverToken = "webstack"

// retryAfter is what a 503 of ours tells the client to wait, in seconds: an
// instance that is being replaced is back in about that.
const retryAfter = "1"

// ownMethods are the methods that a 405 of ours says are possible.
const ownMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// fail answers with an error of the proxy's own: small, and without a word
// about what is behind the proxy.
func (x *exchange) fail(status int, detail string) {
	if status == http.StatusServiceUnavailable {
		x.head().Set("Retry-After", retryAfter)
	}
	text := strconv.Itoa(status) + " " + http.StatusText(status) + "\n"
	if detail != "" {
		text += detail + "\n"
	}
	x.text(status, text)
}

// text answers with a plain text of the proxy's own.
func (x *exchange) text(status int, text string) {
	h := x.head()
	h.Set("Server", serverToken)
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	x.begin(status)
	if x.r.Method != http.MethodHead {
		_, _ = io.WriteString(x.w, text)
	}
}

// refuseMethod answers a method that the proxy never forwards.
func (x *exchange) refuseMethod() {
	// RFC 9110 section 15.5.6: "The origin server MUST generate an Allow
	// header field in a 405 response".
	x.head().Set("Allow", ownMethods)
	x.head().Set("Connection", "close")
	x.fail(http.StatusMethodNotAllowed, "")
}

// tooLarge answers a request whose body is longer than the route allows.
func (x *exchange) tooLarge() {
	x.head().Set("Connection", "close")
	x.fail(http.StatusRequestEntityTooLarge, "")
}

// abandon ends an exchange whose client has gone, or whose answer cannot be
// completed: the connection is closed, which is how the client sees that it
// is not whole (RFC 9112 section 8).
func (x *exchange) abandon() { panic(http.ErrAbortHandler) }

// ruled adds fields of the proxy's own to the answer, as response_headers
// changes them.
func (x *exchange) ruled(fields ...header.Field) {
	fields = append(fields, header.Field{Name: "Server", Value: serverToken})
	x.put(x.route.ResponseHeaders.Append(nil, fields, &x.vars))
}

// redirect answers with the route's Location.
func (x *exchange) redirect() {
	location := string(x.route.Redirect.Location.Append(nil, &x.vars))
	x.ruled(header.Field{Name: "Location", Value: location})
	x.head().Set("Content-Length", "0")
	x.begin(x.route.Redirect.Status)
}

// respond answers with the route's fixed body.
func (x *exchange) respond() {
	body := x.route.Respond.Body
	if body == "" {
		x.ruled()
	} else {
		x.ruled(header.Field{Name: "Content-Type", Value: "text/plain; charset=utf-8"})
	}
	status := x.route.Respond.Status
	if status != http.StatusNoContent && status != http.StatusNotModified {
		x.head().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.begin(status)
	if x.r.Method != http.MethodHead {
		_, _ = io.WriteString(x.w, body)
	}
}
