package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// location is one location block.
type location struct {
	d     *nginx.Directive
	scope *scope
	// how is "", "=", "^~", "~", "~*" or "@"; path is what is compared.
	how, path string
	// inside is the location that it stands in, nil for none.
	inside *location
}

func (l *location) regex() bool { return l.how == "~" || l.how == "~*" }

// router makes the routes of one site.
type router struct {
	*front
	server    *server
	site      string
	locations []*location
	tables    []*table
}

// routes converts a server's locations.
func (r *router) routes() []*table {
	r.gather(r.server.scope, nil)
	whole := &location{d: r.server.d, scope: r.server.scope, path: "/"}
	if r.returns(whole) != nil {
		// The server's own return comes before any location is looked at.
		for _, l := range r.locations {
			nginx.All([]*nginx.Directive{l.d}, func(d *nginx.Directive) {
				r.mark(Converted, "never reached: its server returns before it", d)
			})
		}
		r.add(r.route(whole))
		r.guardAll()
		return r.tables
	}
	for _, l := range r.locations {
		switch {
		case l.regex():
			r.mark(Unsupported, "regular expressions are not supported: its requests go to the longest route", l.d)
		case l.how == "@":
			r.mark(Unsupported, "named locations are not supported", l.d)
		default:
			r.mark(Converted, "", l.d)
			r.add(r.route(l))
			r.slash(l)
		}
	}
	if !r.has("", "/") && len(r.server.scope.find("root")) > 0 {
		r.add(r.route(whole))
	}
	r.shadows()
	r.guardAll()
	return r.tables
}

// gather lists locations, nested ones behind those that they stand in.
func (r *router) gather(s *scope, inside *location) {
	for _, d := range s.mine("location") {
		if !d.HasBlock {
			continue
		}
		l := &location{d: d, scope: &scope{above: s, own: d.Block}, inside: inside}
		l.how, l.path = arg(d, 0), arg(d, 1)
		if len(d.Args) == 1 {
			l.how = ""
			for _, how := range []string{"=", "^~", "~*", "~", "@"} {
				if strings.HasPrefix(d.Args[0], how) {
					l.how = how
					break
				}
			}
			l.path = strings.TrimPrefix(d.Args[0], l.how)
		}
		r.locations = append(r.locations, l)
		r.gather(l.scope, l)
	}
}

// has says whether there is a location of that path.
func (r *router) has(how, path string) bool {
	return slices.ContainsFunc(r.locations, func(l *location) bool {
		return l.path == path && (l.how == how || how == "" && l.how == "^~")
	})
}

func (r *router) add(t *table) {
	if t != nil {
		r.tables = append(r.tables, t)
	}
}

// key is a location's path as a route's key.
func (l *location) key() string {
	if l.how == "=" {
		return "= " + l.path
	}
	return l.path
}

// newTable is a route without an action.
func (r *router) newTable(key string) *table {
	return &table{
		header: "[site." + r.site + ".routes." + quote(key) + "]",
		dotted: "routes." + quote(key),
	}
}

// route converts one location.
func (r *router) route(l *location) *table {
	t := r.newTable(l.key())
	t.from = []string{r.entries[l.d].place() + ": " + oneLine(l.d.String())}
	nginx.All([]*nginx.Directive{l.d}, func(d *nginx.Directive) {
		if l.d != r.server.d || d.Name != "location" {
			t.entries = append(t.entries, r.entries[d])
		}
	})
	text := l.how == "" || l.how == "^~"
	if text && l.path != "/" && !strings.HasSuffix(l.path, "/") {
		r.mark(Differs, fmt.Sprintf("%s and what is below it, never %sx: routes match whole segments", l.path, l.path), l.d)
	}
	if d := r.returns(l); d != nil {
		r.answer(l, d, t)
		r.responseHeaders(l, t)
		r.guard(l, t, true)
	} else {
		r.serve(l, t)
		r.guard(l, t, false)
	}
	r.logged(l, t)
	return t
}

// serve converts what a location does with requests: it passes them on, or
// serves files.
func (r *router) serve(l *location, t *table) {
	if d := r.handler(l); d != nil {
		r.mark(Unsupported, find(r.rows, d.Name).Note, d)
		t.close(fmt.Sprintf("%s (%s) answers, which webstack cannot", oneLine(d.Name), r.entries[d].place()), refuse(statusUnsupported)...)
		return
	}
	if internal := l.scope.mine("internal"); internal != nil {
		t.set("internal", "true")
		r.mark(Converted, "internal", internal...)
	}
	if pass := l.scope.mine("proxy_pass"); pass != nil {
		r.proxy(l, pass[len(pass)-1], t)
		r.responseHeaders(l, t)
		return
	}
	if app := r.fallsToNamed(l); app != nil {
		r.proxy(app, app.scope.mine("proxy_pass")[0], t)
		r.responseHeaders(app, t)
		r.guard(app, t, false)
		return
	}
	r.files(l, t)
	r.responseHeaders(l, t)
}

// handler is a directive that answers in the place of files and applications.
func (r *router) handler(l *location) *nginx.Directive {
	for _, d := range l.scope.own {
		if row := find(r.rows, d.Name); row != nil && row.Answers {
			return d
		}
	}
	return nil
}

// slash adds what nginx does unasked for a location that ends in a slash and
// passes requests on: its path without the slash is sent there.
func (r *router) slash(l *location) {
	bare, ends := strings.CutSuffix(l.path, "/")
	if !ends || bare == "" || l.how == "=" || l.scope.mine("proxy_pass") == nil || r.has("=", bare) || r.has("", bare) {
		return
	}
	t := r.newTable("= " + bare)
	t.from = []string{r.entries[l.d].place() + ": " + oneLine(l.d.String()) + ", which nginx sends " + oneLine(bare) + " to"}
	t.entries = []*Entry{r.entries[l.d]}
	t.set("redirect", quote(literal(l.path)))
	t.set("status", "301")
	r.add(t)
}

// logged converts access_log of a location: whether, not where.
func (r *router) logged(l *location, t *table) {
	list := l.scope.find("access_log")
	for _, d := range list {
		if arg(d, 0) == "off" {
			r.mark(Converted, "access_log = false", d)
			t.set("access_log", "false")
			return
		}
	}
	for _, d := range list {
		r.accessLog(d)
	}
}
