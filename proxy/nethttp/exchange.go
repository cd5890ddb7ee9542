package nethttp

import (
	"context"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
)

// exchange is one request and its answer.
type exchange struct {
	s    *Server
	w    http.ResponseWriter
	r    *http.Request
	rc   *http.ResponseController
	conn *clientConn
	snap *snapshot.Snapshot

	route  *snapshot.Route
	fields []header.Field // the client's
	vars   route.Vars

	ctx    context.Context
	cancel context.CancelCauseFunc

	// upload is the request's body on its way, nil until its first byte is
	// asked for.
	upload *upload
	// status is what the client got, 0 for nothing.
	status int
}

// ServeHTTP serves one request: check, choose, act.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{s: s, w: w, r: r, rc: http.NewResponseController(w), conn: connOf(r), snap: s.current.Load()}
	x.ctx, x.cancel = context.WithCancelCause(r.Context())
	defer x.cancel(nil)
	if r.ContentLength != 0 {
		// For what nobody reads here and net/http then discards; who reads
		// it moves it on.
		_ = x.rc.SetReadDeadline(deadline(x.snap.Limits.Body))
	}
	if !x.admit() {
		return
	}
	x.route.Site.Counters.Requests.Add(1)
	defer func() {
		if x.status >= http.StatusInternalServerError {
			x.route.Site.Counters.Errors.Add(1)
		}
	}()
	switch rt := x.route; {
	case rt.Files != nil:
		x.files()
	case rt.Redirect != nil:
		x.redirect()
	case rt.Respond != nil:
		x.respond()
	default:
		x.app()
	}
}

// admit checks the request and finds its route; where it is false the request
// was answered.
func (x *exchange) admit() bool {
	switch {
	case x.r.ProtoMajor != 1:
		// net/http lets HTTP/2's preface through.
		x.head().Set("Connection", "close")
		x.fail(http.StatusHTTPVersionNotSupported, "")
		return false
	case x.r.Method == http.MethodConnect:
		// A tunnel to a target of the client's choice is a forward proxy's.
		x.refuseMethod()
		return false
	case x.r.Method == http.MethodTrace:
		// RFC 9110 section 9.3.8: what it echoes may hold credentials.
		x.refuseMethod()
		return false
	case x.r.RequestURI == "*" && x.r.Method == http.MethodOptions:
		x.head().Set("Content-Length", "0")
		x.begin(http.StatusOK)
		return false
	case !plainTarget(x.r.RequestURI):
		x.fail(http.StatusBadRequest, "")
		return false
	}
	authority, target, err := route.SplitTarget(x.r.RequestURI)
	if err != nil {
		x.fail(http.StatusBadRequest, "")
		return false
	}
	path, query, err := route.Clean(target)
	if err != nil {
		x.fail(http.StatusBadRequest, "")
		return false
	}
	x.vars = route.Vars{Target: target, Path: path, Query: query, Host: x.r.Host, Scheme: "http"}
	if authority != "" {
		x.vars.Host = authority
	}
	x.fields = fieldsOf(x.r.Header)
	x.vars.ClientIP = x.snap.Trust.Client(x.conn.peer, x.fields)
	listener := x.snap.Listeners[x.conn.listener]
	if listener == nil {
		x.fail(http.StatusServiceUnavailable, "No site is configured for this listener.")
		return false
	}
	n, verdict := listener.Table.Match(x.vars.Host, path)
	if verdict != route.Found {
		if i, v := listener.Table.Site(x.vars.Host); v == route.Found {
			listener.Sites[i].Counters.Requests.Add(1)
		}
		x.fail(verdict.Status(), "")
		return false
	}
	x.route = x.snap.Routes[n]
	return true
}

// plainTarget refuses what RFC 9112 section 3.2 has no place for and net/http
// lets through: a fragment, and bytes that are not printable ASCII.
func plainTarget(target string) bool {
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	return true
}

// fieldsOf are the fields as a list, ordered by name: net/http has forgotten
// the client's order.
func fieldsOf(h http.Header) []header.Field {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	sort.Strings(names)
	fields := make([]header.Field, 0, len(names))
	for _, name := range names {
		for _, value := range h[name] {
			fields = append(fields, header.Field{Name: name, Value: value})
		}
	}
	return fields
}

// field is a request field's value, a list's lines joined.
func (x *exchange) field(name string) string {
	return strings.Join(x.r.Header.Values(name), ", ")
}

// head is the answer's header.
func (x *exchange) head() http.Header { return x.w.Header() }

// put adds fields to the answer's header.
func (x *exchange) put(fields []header.Field) {
	h := x.head()
	for _, f := range fields {
		h.Add(f.Name, f.Value)
	}
}

// begin writes the answer's head.
func (x *exchange) begin(status int) {
	h := x.head()
	// A body that was not read to its end stands before the next request.
	// net/http would read the rest away after the answer; in a duplex exchange
	// that makes it panic when it then reads the next request.
	if x.s.isStopping() || x.upload.unfinished() {
		h.Set("Connection", "close")
	}
	if _, ok := h["Content-Type"]; !ok {
		h["Content-Type"] = nil // net/http would guess one
	}
	x.status = status
	x.w.WriteHeader(status)
}

// httpDate is the time as a Date field has it.
func httpDate(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
