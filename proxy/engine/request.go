package engine

import (
	"math/rand/v2"
	"strings"
	"unsafe"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/route"
)

// buildRequest writes the head that instances get: from what was understood of
// the client's, never as it came (F10).
func (c *client) buildRequest() error {
	w, x := c.worker, c.x
	rt := x.route
	target, prefix := x.vars.Target, ""
	if rt.StripPrefix {
		stripped, err := route.Strip(target, rt.Path)
		if err != nil {
			return err
		}
		target, prefix = stripped, strings.TrimSuffix(rt.Path, "/")
	}
	if x.vars.Host == "" {
		x.vars.Host = hostOf(rt.Upstream.Name)
	}
	x.upgrade = ""
	if x.up.done && x.req.Minor == 1 && x.hops == 0 {
		x.upgrade = header.UpgradeToken(x.req.Fields, rt.Upgrade)
	}
	f := header.Forward{
		Peer:      c.peer,
		PeerText:  x.peerString(),
		Vars:      &x.vars,
		Prefix:    prefix,
		RequestID: x.requestID(),
		Upgrade:   x.upgrade,
	}
	w.fields = header.AppendRequest(w.fields[:0], x.req.Fields, x.snap.Trust, rt.RequestHeaders, &f)
	if x.ask == nil {
		x.ask = w.buffers.get(classes[0])
	}
	head := http1.AppendRequestLine(x.ask[:0], x.method, target)
	head = http1.AppendFields(head, w.fields)
	switch {
	case x.up.body.Length >= 0:
		head = http1.AppendContentLength(head, x.up.body.Length)
	case x.up.body.Kind == http1.Chunked:
		head = append(head, http1.ChunkedField...)
	}
	if rt.Upstream.Dial.Keepalive == 0 && x.upgrade == "" {
		head = append(head, closeField...)
	}
	x.ask = append(head, http1.EndOfHead...)
	return nil
}

// What a head says of the connection, where that is not what its version says.
const (
	closeField     = "Connection: close\r\n"
	keepAliveField = "Connection: keep-alive\r\n"
)

// unnamed is the host of an upstream whose name is none.
const unnamed = "upstream"

// hostOf is the Host of a request of HTTP/1.0 that has none: what goes to the
// instance is HTTP/1.1, which must have one. nginx sends the upstream's name;
// the name of a list that stands in a route is its dotted key, and no host.
func hostOf(upstream string) string {
	if route.IsHostName(strings.ToLower(upstream)) {
		return upstream
	}
	return unnamed
}

// idLength is a request id's: 64 random bits and a few less are enough to
// tell the requests of a log apart.
const idLength = 16

// name gives the exchange its request id.
func (x *exchange) name(ids *rand.PCG) {
	n := ids.Uint64()
	const digits = "0123456789abcdef"
	for i := range x.id {
		x.id[i] = digits[n&15]
		n >>= 4
	}
}

func (x *exchange) requestID() string { return unsafe.String(&x.id[0], idLength) }

// find is the value of the request's field of that name in lower case, the
// lines of a list joined; "" where there is none.
func (x *exchange) find(name string) string {
	value, lines := "", 0
	for i := range x.req.Fields {
		f := &x.req.Fields[i]
		if !header.Same(f.Name, name) {
			continue
		}
		if lines++; lines == 1 {
			value = f.Value
		} else {
			value += ", " + f.Value
		}
	}
	return value
}
