package spec

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
)

// siteNode is a site's table with what others check against it.
type siteNode struct {
	node   *node
	listen []listenAt
	hosts  []string
	// hostsNode is where they are written, nil for none.
	hostsNode *node
	// peers are who speaks the PROXY protocol.
	peers []string
}

// httpsPort is where clients speak TLS without being told.
const httpsPort = 443

// site builds one site; literal upstreams of its routes go into s.
func (b *builder) site(n *node, s *Spec) *Site {
	l := lookup{checker: b.checker, table: b.schema.site, own: n, path: DottedKey("site", n.name), noun: "site " + show(n.name)}
	b.where[l.path] = n.key
	l.require("listen", "8081")
	info := &siteNode{node: n, listen: get[[]listenAt](l, "listen"), hosts: get[[]string](l, "hosts"), hostsNode: n.entry("hosts"), peers: get[[]string](l, "proxy_protocol")}
	b.sites = append(b.sites, info)
	site := &Site{Name: n.name, Hosts: info.hosts, ProxyProtocol: info.peers}
	for _, listen := range info.listen {
		site.Listen = append(site.Listen, listen.Listen)
		if listen.port == httpsPort && n.entry("tls") == nil {
			b.fail(listen.at, "listen = 80 here, and end TLS in front of it", "%s listens on 443, where clients speak TLS, and tls is not in this version", l.noun)
		}
	}
	routes := n.entry("routes")
	if routes == nil || routes.kind == tableKind && len(routes.entries) == 0 {
		if !l.incomplete() && (routes == nil || !routes.broken) {
			b.fail(n.key, `add routes."/" = { app = "NAME" }`, "%s has no routes", l.noun)
		}
		return site
	}
	paths := map[string]*node{}
	for _, e := range routes.entries {
		if e.kind != tableKind {
			continue
		}
		if r := b.route(l, e, s); r != nil {
			if first := paths[r.Match+r.Path]; first != nil {
				b.fail(e.key, "keep one of the two", "route %s is there already, as %s (%s)", quote(e.name), quote(first.name), first.key.place())
				continue
			}
			paths[r.Match+r.Path] = e
			site.Routes = append(site.Routes, r)
		}
	}
	if !l.incomplete() && !routes.broken {
		b.fallbacks(site, routes)
	}
	return site
}

// fallbacks checks that each leads somewhere.
func (b *builder) fallbacks(site *Site, routes *node) {
	for _, r := range site.Routes {
		if r.Fallback == "" || slices.ContainsFunc(site.Routes, func(o *Route) bool { return o.takes(r.Fallback) }) {
			continue
		}
		at := routes.entry(r.Key).entry("fallback")
		b.fail(at.at, "name a path that one of the site's routes takes", "route %s falls back to %s, and no route of site %s takes that", quote(clip(r.Key)), quote(clip(r.Fallback)), show(site.Name))
	}
}

// takes says whether a clean path is the route's, if no longer one has it.
func (r *Route) takes(p string) bool {
	prefix := strings.TrimSuffix(r.Path, "/")
	switch r.Match {
	case "exact":
		return p == r.Path
	case "below":
		return strings.HasPrefix(p, prefix+"/")
	}
	return p == prefix || strings.HasPrefix(p, prefix+"/")
}

// route builds one route of a site.
func (b *builder) route(site lookup, n *node, s *Spec) *Route {
	l := lookup{checker: b.checker, table: b.schema.route, own: n, above: []*node{site.own}, path: DottedKey("site", site.own.name, "routes", n.name), noun: "route " + quote(clip(n.name))}
	b.where[l.path] = n.key
	match, routePath, ok := b.routePath(n)
	action := b.action(l)
	if !ok {
		return nil
	}
	since := len(b.effective)
	r := &Route{Key: n.name, Match: match, Path: routePath}
	r.StripPrefix = get[bool](l, "strip_prefix")
	r.Fallback = get[string](l, "fallback")
	r.Internal = get[bool](l, "internal")
	r.Precompressed = get[bool](l, "precompressed")
	r.RequestBuffer = get[bool](l, "request_buffer")
	r.AccessLog = get[bool](l, "access_log")
	r.Index = get[string](l, "index")
	r.Expires = get[*time.Duration](l, "expires")
	r.Immutable = get[bool](l, "immutable")
	r.MaxBodyBytes = get[int64](l, "max_body")
	r.Retry = get[string](l, "retry")
	r.Tries = get[int](l, "tries")
	r.ResponseTimeout = get[time.Duration](l, "response_timeout")
	r.IdleTimeout = get[time.Duration](l, "idle_timeout")
	r.Upgrade = get[[]string](l, "upgrade")
	r.FollowSymlinksTo = get[[]string](l, "follow_symlinks_to")
	for _, e := range l.merged("request_headers", false) {
		r.RequestHeaders = append(r.RequestHeaders, Header{e.name, e.text})
	}
	for _, e := range l.merged("response_headers", false) {
		r.ResponseHeaders = append(r.ResponseHeaders, Header{e.name, e.text})
	}
	b.forget(l, since, action)
	if action != nil {
		b.act(l, r, action, s)
		b.fits(l, action)
	}
	return r
}

// forget drops, of what was noted since, what is built in or inherited for other actions than the
// route's own from what is shown: a folder has no tries.
func (b *builder) forget(l lookup, since int, action *node) {
	kept := slices.DeleteFunc(b.effective[since:], func(p Provenance) bool {
		name, here := strings.CutPrefix(p.Key, l.path+".")
		k := l.table.key(name)
		return here && k != nil && k.For != "" && action != nil && l.own.entry(name) == nil &&
			!slices.Contains(strings.Fields(k.For), action.name)
	})
	b.effective = b.effective[:since+len(kept)]
}

// action finds the one action of a route.
func (b *builder) action(l lookup) *node {
	var actions []*node
	for _, e := range l.own.entries {
		k := l.table.key(e.name)
		if k != nil && k.Action && !(e.ok && isOff(e)) {
			actions = append(actions, e)
		}
	}
	slices.SortStableFunc(actions, func(x, y *node) int { return cmp.Compare(x.key.start, y.key.start) })
	switch {
	case len(actions) == 1:
		return actions[0]
	case len(actions) == 0:
		if !l.incomplete() {
			b.fail(l.own.key, `add one of them, as in { app = "NAME" } or { files = "/srv/www/" }`, "%s has none of app, upstream, files, redirect and respond", l.noun)
		}
		return nil
	}
	b.fail(actions[1].key, "a route has exactly one of app, upstream, files, redirect and respond", "%s has both %s and %s (%s)", l.noun, actions[1].name, actions[0].name, actions[0].key.place())
	return nil
}

// act fills in the action.
func (b *builder) act(l lookup, r *Route, action *node, s *Spec) {
	status := get[int](l, "status")
	statusNode := l.own.entry("status")
	switch action.name {
	case "app":
		r.App = get[string](l, "app")
		if action.ok {
			b.reachable(action, l.noun+" goes to app "+quote(clip(r.App)))
		}
	case "upstream":
		if action.kind == listKind {
			items := get[[]*node](l, "upstream")
			r.Upstream = l.path
			s.Upstreams = append(s.Upstreams, b.literalUpstream(l.path, items))
		} else if r.Upstream = get[string](l, "upstream"); action.ok {
			b.knownUpstream(action, l.noun+" goes to upstream "+quote(clip(r.Upstream)))
		}
	case "files":
		if r.Files = get[string](l, "files"); action.ok {
			b.files(l, r, action)
		}
	case "redirect":
		r.Redirect = get[string](l, "redirect")
		r.Status = cmp.Or(status, 302)
		if status != 0 && !slices.Contains([]int{301, 302, 303, 307, 308}, status) {
			b.fail(statusNode.at, "301 and 308 are for good, 302, 303 and 307 for now", "status = %d does not redirect", status)
		}
	case "respond":
		b.respond(l, r, status, statusNode)
	}
}

// respond fills in a fixed answer.
func (b *builder) respond(l lookup, r *Route, status int, statusNode *node) {
	f := get[fixed](l, "respond")
	body := get[string](l, "body")
	bodyNode := l.own.entry("body")
	switch {
	case f.status != 0 && status != 0:
		b.fail(statusNode.key, "delete one of the two", "%s has a status twice: respond = %d and status = %d", l.noun, f.status, status)
	case f.body != "" && bodyNode != nil:
		b.fail(bodyNode.key, "delete one of the two", "%s has a body twice: in respond and in body", l.noun)
	}
	r.Respond = true
	r.Status = cmp.Or(status, f.status, 200)
	r.Body = cmp.Or(body, f.body)
	// RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
	if r.Body != "" && slices.Contains([]int{204, 205, 304}, r.Status) {
		at := bodyNode
		if at == nil {
			at = l.own.entry("respond")
		}
		b.fail(at.at, "delete the body, or answer 200", "%s has a body, and an answer with status %d has none", l.noun, r.Status)
	}
}

// files checks a folder that is served.
//
// The alias trap: nginx compares `location /static` as text and puts the rest
// behind the alias as text, so that `/static../secret` leaves
// `alias /x/static/`. Here a key matches whole segments, and the rest is looked
// up beneath the folder, so that no combination of slashes leaves it. One is
// refused all the same, "/static" with "/x/static/": it is the one that leaks
// in nginx, specs and nginx files are written from each other, and the slash
// that it lacks costs nothing. "/static/" with "/x/static" is taken.
//
// What does leak here is a folder too high: a route to the app's own folder
// hands out its source and its settings.
func (b *builder) files(l lookup, r *Route, at *node) {
	if r.Match == "prefix" && r.Path != "/" && strings.HasSuffix(r.Files, "/") {
		b.fail(l.own.key, "end both with a slash: routes."+quote(r.Path+"/"),
			"route %s has no final slash, but files = %s has: in nginx %s../ would leave that folder", quote(r.Key), quote(clip(r.Files)), r.Path)
	}
	root := path.Clean(r.Files)
	for _, info := range b.order {
		if info.app == nil {
			continue
		}
		if dir := path.Clean(info.app.Directory); dir != "/" && (dir == root || strings.HasPrefix(dir, root+"/")) {
			b.fail(at.at, "name the folder below it that holds only what is public", "files = %s would hand out the folder of app %s, with its source and settings (%s)",
				quote(clip(r.Files)), show(info.node.name), b.where[DottedKey("app", info.node.name)].place())
		}
	}
}

// fits checks that a route has no key that is about another action.
func (b *builder) fits(l lookup, action *node) {
	for _, e := range l.own.entries {
		k := l.table.key(e.name)
		if k == nil || k.For == "" || k.Status == Next || slices.Contains(strings.Fields(k.For), action.name) {
			continue
		}
		b.fail(e.key, "delete it", "%s is for routes with %s, and %s has %s", e.name, strings.ReplaceAll(k.For, " ", " or "), l.noun, action.name)
	}
}
