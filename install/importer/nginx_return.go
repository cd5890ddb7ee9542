package importer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
	"github.com/webstack/webstack/proxy/route"
)

// closeConnection is nginx's status for closing without an answer.
const closeConnection = 444

// returns is the return of a location, or of a server, nil for none.
func (r *router) returns(l *location) *nginx.Directive {
	if found := l.scope.mine("return"); found != nil {
		return found[0]
	}
	return nil
}

// redirects are the statuses that a Location comes with.
var redirects = []int{301, 302, 303, 307, 308}

// answer converts a return into a redirect or a fixed answer.
func (r *router) answer(l *location, d *nginx.Directive, t *table) {
	r.mark(Converted, "", d)
	text := arg(d, 1)
	status, err := strconv.Atoi(arg(d, 0))
	if err != nil {
		status, text = 302, arg(d, 0)
	}
	switch {
	case slices.Contains(redirects, status) && text != "":
		r.redirect(d, t, status, text)
	case status == closeConnection:
		r.mark(Differs, "answered with 403 instead of closing the connection", d)
		t.set("respond", statusProtected)
	case status < 200 || status > 599:
		r.mark(Unsupported, "a status is 200 to 599", d)
		t.close("its status cannot be given", refuse(statusUnsupported)...)
	default:
		t.set("respond", strconv.Itoa(status))
		r.body(l, d, t, text)
	}
}

// redirect writes where a return sends the client.
func (r *router) redirect(d *nginx.Directive, t *table, status int, text string) {
	for _, h := range r.server.hosts {
		if !strings.Contains(h, "*") {
			text = strings.ReplaceAll(text, "$server_name", h)
			break
		}
	}
	if strings.Contains(text, "$http_host") {
		r.mark(Differs, "{host} is the name without its port", d)
	}
	to, unknown := template(text, route.ForLocation)
	if unknown != "" {
		r.mark(Unsupported, "a redirect cannot have "+oneLine(unknown), d)
		t.set("redirect", quote(text))
		t.close("a redirect cannot have "+oneLine(unknown), refuse(statusUnsupported)...)
		return
	}
	t.set("redirect", quote(to))
	if status != 302 {
		t.set("status", strconv.Itoa(status))
	}
}

// body writes the text of a fixed answer, and of what kind it is.
func (r *router) body(l *location, d *nginx.Directive, t *table, text string) {
	if text == "" {
		return
	}
	if strings.Contains(text, "$") {
		r.mark(Unsupported, "a body has no variables: it is left out", d)
		return
	}
	t.set("body", quote(text))
	kind := l.scope.one("default_type")
	if kind != nil && arg(kind, 0) != "" {
		r.mark(Converted, "Content-Type in response_headers", kind)
		t.set("response_headers", "{ Content-Type = "+quote(literal(arg(kind, 0)))+" }")
	}
}
