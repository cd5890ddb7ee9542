package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// proxy converts a proxy_pass with all that is in force for it.
func (r *router) proxy(l *location, d *nginx.Directive, t *table) {
	host, uri, why := passed(arg(d, 0))
	if why != "" {
		r.mark(Unsupported, why, d)
		t.close(why+" ("+r.entries[d].place()+")", refuse(statusUnsupported)...)
		return
	}
	g := r.target(host)
	if g.d != nil && len(g.members) == 0 {
		r.mark(Unsupported, "its upstream has no servers", d)
		t.close("upstream "+oneLine(host)+" has no servers", refuse(statusUnsupported)...)
		return
	}
	r.mark(Converted, "", d)
	to := r.point(g, d)
	t.set(to.key, to.value)
	r.rewrite(l, d, uri, t)
	r.limits(l, t)
	r.timeouts(l, g, t)
	r.retries(l, t)
	r.requestHeaders(l, host, t)
	r.proxyRedirect(l)
	for _, b := range l.scope.find("proxy_buffering") {
		if arg(b, 0) == "off" {
			r.mark(Converted, "an answer is always passed on as it comes", b)
		} else {
			r.mark(Differs, "an answer is passed on as it comes: a slow client keeps its instance for longer", b)
		}
	}
	for _, v := range l.scope.find("proxy_http_version") {
		if arg(v, 0) == "1.1" {
			r.mark(Converted, "always", v)
		} else {
			r.mark(Differs, "always 1.1", v)
		}
	}
}

// passed takes a proxy_pass apart: who it goes to, and the URI that takes the
// place of the location's path, "" for none. why says that it cannot be.
func passed(text string) (host, uri, why string) {
	rest, plain := strings.CutPrefix(text, "http://")
	switch {
	case strings.Contains(text, "$"):
		return "", "", "proxy_pass with variables is not supported"
	case !plain:
		return "", "", "proxy_pass speaks plain HTTP alone"
	}
	if path, unix := strings.CutPrefix(rest, "unix:"); unix {
		path, uri, _ = strings.Cut(path, ":")
		return "unix:" + path, uri, ""
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[:i], rest[i:], ""
	}
	return rest, "", ""
}

// rewrite converts what a URI of proxy_pass does to the path.
func (r *router) rewrite(l *location, d *nginx.Directive, uri string, t *table) {
	switch {
	case uri == "" || uri == l.path:
		// Without a URI nginx passes the target on as it came, and so do we;
		// with one, it passes the cleaned path on.
	case uri == "/":
		t.set("strip_prefix", "true")
		if l.how != "=" && !strings.HasSuffix(l.path, "/") {
			r.mark(Differs, fmt.Sprintf("%s/x is passed on as /x; nginx makes //x of it", l.path), d)
		}
	default:
		why := fmt.Sprintf("a path cannot be replaced by %s, only removed", oneLine(uri))
		r.mark(Unsupported, why, d)
		t.close(why, refuse(statusUnsupported)...)
	}
}

// limits converts what bounds and holds a request's body.
func (r *router) limits(l *location, t *table) {
	if d := l.scope.one("client_max_body_size"); d != nil {
		n, ok := parseSize(arg(d, 0))
		switch {
		case !ok:
			r.mark(Unsupported, "its value is not understood", d)
		case n == 0:
			r.mark(Converted, "max_body", d)
			t.set("max_body", "0")
		default:
			r.mark(Converted, "max_body", d)
			if n != 1<<20 {
				t.set("max_body", size(n))
			}
		}
	}
	if d := l.scope.one("proxy_request_buffering"); d != nil {
		r.mark(Converted, "request_buffer", d)
		if arg(d, 0) == "on" {
			t.set("request_buffer", "true")
		}
	}
}

// timeouts converts the times of a proxied request.
func (r *router) timeouts(l *location, g *group, t *table) {
	if d := l.scope.one("proxy_connect_timeout"); d != nil {
		if v, ok := parseTime(arg(d, 0)); ok && v > 0 {
			r.mark(Converted, "connect_timeout", d)
			if g.connect != 0 && g.connect != v {
				r.mark(Differs, "the longest one of who goes to this upstream holds", d)
			}
			g.connect = max(g.connect, v)
		} else {
			r.mark(Unsupported, "its value is not understood", d)
		}
	}
	if d := l.scope.one("proxy_read_timeout"); d != nil {
		value := timeValue(arg(d, 0))
		if value == "" {
			r.mark(Unsupported, "its value is not understood", d)
			return
		}
		r.mark(Converted, "response_timeout, idle_timeout", d)
		if value != `"1m"` {
			t.set("response_timeout", value)
			t.set("idle_timeout", value)
		}
	}
}

// retries converts when another instance is tried.
func (r *router) retries(l *location, t *table) {
	for _, d := range l.scope.find("proxy_next_upstream") {
		r.mark(Converted, "retry", d)
		var more []string
		for _, a := range d.Args {
			switch a {
			case "off":
				t.put("retry", quote("never"))
			case "error":
			default:
				more = append(more, a)
			}
		}
		if len(more) > 0 {
			r.mark(Differs, "no other instance is tried for "+strings.Join(more, ", ")+": what may have been begun is not sent twice", d)
		}
	}
	d := l.scope.one("proxy_next_upstream_tries")
	if d == nil {
		return
	}
	n := integer(arg(d, 0))
	switch {
	case n == "":
		r.mark(Unsupported, "its value is not understood", d)
	case n == "0":
		r.mark(Differs, "2 other instances are tried at most", d)
	default:
		r.mark(Converted, "tries", d)
		var tries int
		_, _ = fmt.Sscan(n, &tries)
		if tries != 3 { // two others and the first
			t.set("tries", fmt.Sprint(min(tries-1, 100)))
		}
	}
}

// proxyRedirect looks at who rewrites a Location.
func (r *router) proxyRedirect(l *location) {
	list := l.scope.find("proxy_redirect")
	for _, d := range list {
		switch arg(d, 0) {
		case "off":
			r.mark(Converted, "a Location is never touched", d)
		case "default":
			r.mark(Differs, "a Location that names the upstream is passed on as it is", d)
		default:
			r.mark(Unsupported, "a Location is passed on as it is", d)
		}
	}
	if len(list) == 0 {
		r.report.note("where no proxy_redirect is written, nginx rewrites a Location that names the upstream; webstack passes it on as it is")
	}
}

// fallsToNamed is the named location that a location's try_files ends in,
// where that one passes requests on.
func (r *router) fallsToNamed(l *location) *location {
	try := l.scope.mine("try_files")
	if try == nil || len(try[0].Args) == 0 {
		return nil
	}
	name, is := strings.CutPrefix(try[0].Args[len(try[0].Args)-1], "@")
	if !is {
		return nil
	}
	i := slices.IndexFunc(r.locations, func(o *location) bool {
		return o.how == "@" && o.path == name && o.scope.mine("proxy_pass") != nil
	})
	if i < 0 {
		return nil
	}
	r.mark(Unsupported, "no file is looked for first: everything goes to the application. Give the folders that hold files routes of their own", try[0])
	return &location{d: r.locations[i].d, scope: r.locations[i].scope, path: l.path}
}
