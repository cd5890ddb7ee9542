package spec

import (
	"fmt"
	"maps"
	"slices"
)

// upstream builds one [upstream.NAME].
func (b *builder) upstream(n *node) *Upstream {
	l := lookup{checker: b.checker, table: b.schema.upstream, own: n, path: DottedKey("upstream", n.name), noun: "upstream " + show(n.name)}
	b.where[l.path] = n.key
	l.require("servers", `["host:port"]`)
	u := &Upstream{Name: n.name, Balance: l.balance()}
	var watchdog *Watchdog
	if u.Balance.Health, watchdog = l.health(); watchdog != nil {
		b.fail(n.entry("health").entry("watchdog").key, "delete it, or check the app itself", "%s has a watchdog, which restarts instances of an app", l.noun)
	}
	items := get[[]*node](l, "servers")
	seen := map[string]*node{}
	for _, item := range items {
		server, ok := b.server(l, item)
		if !ok {
			continue
		}
		id := server.Address + "\x00" + server.App
		if first := seen[id]; first != nil {
			b.fail(item.at, "give one server a weight instead", "%s has %s twice (%s)", l.noun, server.name(), first.at.place())
			continue
		}
		seen[id] = item
		u.Servers = append(u.Servers, server)
	}
	if len(u.Servers) > 0 && !slices.ContainsFunc(u.Servers, func(s Server) bool { return !s.Backup }) && len(u.Servers) == len(items) {
		b.fail(n.entry("servers").at, "leave backup out of at least one", "%s has only backup servers", l.noun)
	}
	return u
}

// name is a server in a message.
func (s Server) name() string {
	if s.App != "" {
		return "app " + quote(s.App)
	}
	return quote(s.Address)
}

// server builds one server of an upstream.
func (b *builder) server(up lookup, item *node) (Server, bool) {
	if item.kind == textKind {
		address, ok := item.value.(string)
		return Server{Address: address, Weight: 1}, ok && item.ok
	}
	if item.kind != tableKind {
		return Server{}, false
	}
	address, app := item.entry("address"), item.entry("app")
	switch {
	case address != nil && app != nil:
		b.fail(app.key, "write two servers, or delete one of the two", "a server has both app and address (%s)", address.key.place())
		return Server{}, false
	case address == nil && app == nil:
		if !item.broken && !b.truncated {
			b.fail(item.at, `write { address = "host:port" } or { app = "NAME" }`, "a server of %s has neither address nor app", up.noun)
		}
		return Server{}, false
	}
	read := func(key string) (any, bool) {
		k := b.schema.server.must(key)
		if n := item.entry(key); n != nil {
			return b.value(k, n)
		}
		return b.builtIn(k), true
	}
	weight, _ := read("weight")
	backup, _ := read("backup")
	s := Server{}
	s.Weight, _ = weight.(int)
	s.Backup, _ = backup.(bool)
	if app != nil {
		s.App = app.text
		return s, app.ok && b.reachable(app, up.noun+" has app "+quote(clip(app.text)))
	}
	s.Address = address.text
	return s, address.ok
}

// reachable checks that a name is an app with an address.
func (b *builder) reachable(at *node, what string) bool {
	info := b.apps[at.text]
	switch {
	case info == nil && b.upstreams[at.text] != nil:
		b.fail(at.at, "write upstream = "+quote(at.text), "%s, which is an upstream (%s)", what, b.upstreams[at.text].key.place())
		return false
	case info == nil:
		b.undefined(at, what, b.appNames())
		return false
	case info.worker:
		b.fail(at.at, `give the app ports = ... instead of instances`, "%s, a worker without an address (%s)", what, info.node.key.place())
		return false
	}
	return true
}

// knownUpstream checks that a name is an upstream.
func (b *builder) knownUpstream(at *node, what string) bool {
	if b.upstreams[at.text] != nil {
		return true
	}
	if info := b.apps[at.text]; info != nil {
		b.fail(at.at, "write app = "+quote(at.text), "%s, which is an app (%s)", what, info.node.key.place())
		return false
	}
	b.undefined(at, what, slices.Sorted(maps.Keys(b.upstreams)))
	return false
}

// literalUpstream makes the upstream of a route that lists addresses.
func (b *builder) literalUpstream(key string, items []*node) *Upstream {
	l := lookup{checker: newChecker(), table: b.schema.upstream, own: &node{kind: tableKind}}
	u := &Upstream{Name: key, Balance: l.balance()}
	u.Balance.Health, _ = l.health()
	seen := map[string]*node{}
	for _, item := range items {
		if first := seen[item.text]; first != nil {
			b.fail(item.at, fmt.Sprintf("delete one of the two (%s)", first.at.place()), "upstream has %s twice", quote(item.text))
			continue
		}
		seen[item.text] = item
		u.Servers = append(u.Servers, Server{Address: item.text, Weight: 1})
	}
	return u
}
