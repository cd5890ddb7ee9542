package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// guarded is why a route may not stand as it is.
type guarded struct {
	d      *nginx.Directive
	reason string
}

// guards are the directives in force that keep something out, from the block
// itself outwards to limit.
func (f *front) guards(s, limit *scope) []guarded {
	var all []guarded
	seen := map[string]bool{}
	for ; s != nil; s = s.above {
		mine := map[string]bool{}
		for _, d := range s.own {
			name := d.Name
			row := find(f.rows, name)
			switch {
			case name == "auth_basic_user_file", name == "ssl", name == "ssl_verify_client", strings.HasPrefix(name, "proxy_ssl"):
				// Without auth_basic, a listener with TLS, or https, it
				// guards nothing; those are closed for themselves.
				continue
			case name == "allow" || name == "deny":
				name = "access"
			case row == nil && s != f.http && s != f.top:
				// Nobody here knows what it does: it may guard.
			case row == nil || !row.Protects:
				continue
			}
			if seen[name] {
				continue
			}
			mine[name] = true
			if why := f.keepsOut(d, s, row); why != "" {
				all = append(all, guarded{d, why})
			}
		}
		for name := range mine {
			seen[name] = true
		}
		if s == limit {
			break
		}
	}
	return all
}

// keepsOut is what one directive keeps out, "" for nothing.
func (f *front) keepsOut(d *nginx.Directive, s *scope, row *Row) string {
	at := f.entries[d].place()
	first := ""
	if list := s.find("allow", "deny"); len(list) > 0 {
		first = list[0].String()
	}
	switch {
	case row == nil:
		return fmt.Sprintf("webstack import does not know %s (%s), which may guard it", oneLine(d.Name), at)
	case d.Name == "satisfy" && arg(d, 0) == "all":
		return ""
	case arg(d, 0) == "off", d.Name == "proxy_pass_request_headers" && arg(d, 0) == "on", d.Name == "proxy_pass_request_body" && arg(d, 0) == "on":
		f.mark(Converted, "", d)
		return ""
	case (d.Name == "allow" || d.Name == "deny") && first == "allow all":
		f.mark(Converted, "everybody is let in", d)
		return ""
	}
	return fmt.Sprintf("%s (%s) guards it, which cannot be said yet", oneLine(d.String()), at)
}

// guard closes a route that something keeps others out of. What returns does
// so before nginx looks at addresses, passwords and rates.
func (r *router) guard(l *location, t *table, returns bool) {
	for _, d := range l.scope.mine("if") {
		if harmful(d) {
			r.mark(Unsupported, "the route is closed: it refuses, or sends elsewhere", d)
			t.close(fmt.Sprintf("%s (%s) decides about its requests, which cannot be said", oneLine(d.String()), r.entries[d].place()), refuse(statusProtected)...)
		}
	}
	if returns {
		return
	}
	access := l.scope.find("allow", "deny")
	if len(access) > 0 && access[0].String() == "deny all" && len(l.scope.find("satisfy")) == 0 {
		r.mark(Converted, "respond = 403", access...)
		r.refuseAll(l, t)
		return
	}
	found := r.guards(l.scope, nil)
	for _, g := range found {
		note := "the route is closed"
		if row := find(r.rows, g.d.Name); row != nil {
			note = row.Note
		}
		r.mark(Unsupported, note, g.d)
		if l.d.Name == "location" && l.how == "" && l.path != "/" && !strings.HasSuffix(l.path, "/") {
			r.mark(Unsupported, fmt.Sprintf("%sx was guarded too, and belongs to another route now", l.path), l.d)
		}
	}
	if len(found) > 0 {
		t.closed = "" // the guard is the better reason
		t.close(found[0].reason, refuse(statusProtected)...)
	}
}

// refuseAll turns a route into a refusal.
func (r *router) refuseAll(l *location, t *table) {
	for _, d := range l.scope.own {
		if r.entries[d].Outcome != Unsupported {
			r.mark(Converted, "nobody is let in, so it is never used", d)
		}
	}
	t.closed, t.instead = "", nil
	t.pairs = refuse(statusProtected)
}

// harmful says whether an if does more than name things: refuse, send
// elsewhere, change the path.
func harmful(d *nginx.Directive) bool {
	bad := false
	nginx.All(d.Block, func(d *nginx.Directive) {
		switch d.Name {
		case "set", "add_header", "access_log", "expires", "limit_rate", "break":
		case "return":
			status, err := strconv.Atoi(arg(d, 0))
			bad = bad || err == nil && status >= 400
		default:
			bad = true
		}
	})
	return bad
}

// guardAll closes every route of a server whose own if decides about requests.
func (r *router) guardAll() {
	for _, d := range r.server.scope.mine("if") {
		if !harmful(d) {
			continue
		}
		r.mark(Unsupported, "every route of its server is closed: it refuses, or sends elsewhere", d)
		for _, t := range r.tables {
			t.close(fmt.Sprintf("%s (%s) decides about its requests, which cannot be said", oneLine(d.String()), r.entries[d].place()), refuse(statusProtected)...)
		}
	}
}

// shadows closes the routes that would show what a regular expression hid: it
// guards, or hands what looks like a file to a program.
func (r *router) shadows() {
	for _, l := range r.locations {
		if !l.regex() {
			continue
		}
		guarding := r.hides(l)
		dots := guarding && (strings.HasPrefix(l.path, `/\.`) || strings.HasPrefix(l.path, `(^|/)\.`))
		answers := r.handler(l) != nil || l.scope.mine("proxy_pass") != nil
		if !guarding && !answers {
			continue
		}
		closed := false
		for _, t := range r.tables {
			if !r.exposed(l, t, guarding, dots) {
				continue
			}
			closed = true
			t.close(fmt.Sprintf("%s (%s) takes requests away from it, and regular expressions are not supported", oneLine(l.d.String()), r.entries[l.d].place()), refuse(statusProtected)...)
		}
		switch {
		case closed:
			r.mark(Unsupported, "the routes that it takes requests from are closed", l.d)
		case dots:
			nginx.All([]*nginx.Directive{l.d}, func(d *nginx.Directive) {
				e := r.entries[d]
				e.Outcome, e.Notes = "", nil
				e.mark(Converted, "dotfiles are never served")
			})
		}
	}
}

// hides says whether a location keeps something out.
func (r *router) hides(l *location) bool {
	if l.scope.mine("internal") != nil || len(r.guards(l.scope, l.scope)) > 0 {
		return true
	}
	if d := r.returns(l); d != nil {
		status, err := strconv.Atoi(arg(d, 0))
		return err == nil && status >= 400
	}
	return slices.ContainsFunc(l.scope.mine("if"), harmful)
}

// exposed says whether a route would answer what a regular expression took.
func (r *router) exposed(l *location, t *table, guarding, dots bool) bool {
	key := strings.TrimPrefix(t.dotted, "routes.")
	if strings.HasPrefix(key, `"= `) {
		return false // exact locations are looked at first
	}
	for _, o := range r.locations {
		if quote(o.key()) == key && o.how == "^~" {
			return false
		}
	}
	if l.inside != nil && !strings.HasPrefix(strings.Trim(key, `"`), l.inside.path) {
		return false
	}
	files := t.get("files") != ""
	proxied := t.get("app") != "" || t.get("upstream") != ""
	return files && !dots || proxied && guarding
}
