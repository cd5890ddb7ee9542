package importer

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/webstack/webstack/install/importer/nginx"
)

// target is what a proxy_pass names: an upstream block, or an address.
func (f *front) target(name string) *group {
	for _, g := range f.groups {
		if g.name == name {
			return g
		}
	}
	address := addressOf(name)
	for _, g := range f.named {
		if g.members[0].address == address {
			return g
		}
	}
	g := &group{name: name, members: []member{{address: address, weight: 1}}}
	f.named = append(f.named, g)
	return g
}

// point makes the key of a route that leads to a group, for the proxy_pass d.
func (f *front) point(g *group, d *nginx.Directive) pair {
	if g.app == nil && g.table == nil {
		f.place(g)
		if g.d == nil && g.table != nil {
			g.table.from = append(g.table.from, f.entries[d].place()+": "+oneLine(d.String()))
			g.table.entries = append(g.table.entries, f.entries[d])
		}
	}
	if g.app != nil {
		return pair{"app", quote(g.app.name)}
	}
	return pair{"upstream", quote(strings.TrimSuffix(strings.TrimPrefix(g.table.header, "[upstream."), "]"))}
}

// place decides what a group becomes: an app, where its servers are all of the
// app's instances and nothing is said of one of them, else an upstream.
func (f *front) place(g *group) {
	apps, whole := f.behind(g)
	plain := !slices.ContainsFunc(g.members, func(m member) bool { return m.weight != 1 || m.backup || m.down })
	if len(apps) == 1 && whole && plain {
		a := apps[0]
		if !a.balanced {
			a.balanced = true
			for _, p := range g.keys {
				a.table.put(p.key, p.value)
			}
			f.carries(g, a.table)
			g.app = a
			return
		}
		if len(g.keys) == 0 || slices.Equal(a.keys, g.keys) {
			g.app = a
			return
		}
	}
	t := &table{header: "[upstream." + f.names.free(g.name, "upstream") + "]"}
	f.carries(g, t)
	t.set("servers", f.list(g, t, apps, whole && plain))
	t.pairs = append(t.pairs, g.keys...)
	g.table = t
}

// carries notes where a table comes from.
func (f *front) carries(g *group, t *table) {
	if g.d == nil {
		return
	}
	t.from = append(t.from, f.entries[g.d].place()+": "+oneLine(g.d.String()))
	for _, d := range append([]*nginx.Directive{g.d}, g.d.Block...) {
		t.entries = append(t.entries, f.entries[d])
	}
}

// behind are the apps whose instances the members are; whole says that there
// is nothing else, and that none is missing.
func (f *front) behind(g *group) (apps []*app, whole bool) {
	addresses := map[string]bool{}
	for _, m := range g.members {
		addresses[canonical(m.address)] = true
	}
	count := 0
	whole = true
	for _, a := range f.apps {
		mine := 0
		for _, port := range a.ports {
			if addresses[fmt.Sprintf("127.0.0.1:%d", port)] {
				mine++
			}
		}
		if mine > 0 {
			apps, count, whole = append(apps, a), count+mine, whole && mine == len(a.ports)
		}
	}
	return apps, whole && count == len(addresses)
}

// canonical is an address by which instances are known.
func canonical(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().IsLoopback() {
		return fmt.Sprintf("127.0.0.1:%d", at.Port())
	}
	return address
}

// list writes the list of servers.
func (f *front) list(g *group, t *table, apps []*app, whole bool) string {
	var items []string
	if whole && len(apps) > 0 {
		for _, a := range apps {
			items = append(items, "{ app = "+quote(a.name)+" }")
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if len(apps) > 0 {
		t.remarks = append(t.remarks, "Some of these are instances of an app. They are named by address, as nginx names them.")
	}
	for _, m := range g.members {
		switch {
		case m.down:
			t.remarks = append(t.remarks, oneLine(m.address)+" is down, so it is not in the list.")
		case m.weight == 1 && !m.backup:
			items = append(items, quote(m.address))
		default:
			item := "{ address = " + quote(m.address)
			if m.weight != 1 {
				item += fmt.Sprintf(", weight = %d", m.weight)
			}
			if m.backup {
				item += ", backup = true"
			}
			items = append(items, item+" }")
		}
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// upstreamTables are the upstreams that something leads to, and those that
// nothing does: an operator knows why they are there.
func (f *front) upstreamTables() []*table {
	var list []*table
	for _, g := range slices.Concat(f.groups, f.named) {
		if g.app == nil && g.table == nil && len(g.members) > 0 {
			f.place(g)
		}
		t := g.table
		if g.app != nil {
			t = g.app.table
		}
		if t != nil && g.connect > 0 {
			t.put("connect_timeout", duration(g.connect))
		}
		if g.table != nil {
			list = append(list, g.table)
		}
	}
	return list
}
