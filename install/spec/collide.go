package spec

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/webstack/webstack/units"
)

// unitNames checks that no two apps have one unit, and that none is somebody
// else's.
func (b *builder) unitNames() {
	first := map[string]*appNode{}
	for _, info := range b.order {
		unit := info.app.Unit
		at, what := info.node.key, fmt.Sprintf("app %s has the unit %s", show(info.node.name), quote(unit))
		if e := info.node.entry("unit"); e != nil {
			at = e.at
			if !e.ok {
				continue
			}
		}
		if whose := units.Owner(unit); whose != "" {
			b.fail(at, fmt.Sprintf("set unit to another name: unit = %s", quote("my-"+unit)), "%s, which is %s", what, whose)
			continue
		}
		if old := first[unit]; old != nil {
			b.fail(at, "give one of them a unit of its own", "%s, which app %s has already (%s)", what, show(old.node.name), old.node.key.place())
			continue
		}
		first[unit] = info
	}
}

// unitEndings are the unit types that an app can depend on.
func unitEndings() []string {
	return []string{".service", ".socket", ".target", ".mount", ".automount", ".path", ".timer", ".device", ".swap", ".slice"}
}

// dependencies resolves depends_on: bare names are apps.
func (b *builder) dependencies(s *Spec) {
	next := map[string][]string{}
	for _, a := range s.Apps {
		info := b.apps[a.Name]
		e := info.node.entry("depends_on")
		if e == nil || !e.ok {
			continue
		}
		items := []*node{e}
		if e.kind == listKind {
			items = e.items
		}
		resolved := make([]string, 0, len(a.DependsOn))
		for i, name := range a.DependsOn {
			unit, ok := b.dependency(info, items[i], name)
			if !ok {
				continue
			}
			if b.apps[name] != nil {
				next[a.Name] = append(next[a.Name], name)
			}
			resolved = append(resolved, unit)
		}
		a.DependsOn = resolved
	}
	for _, a := range s.Apps {
		if way := circleFrom(a.Name, next); way != nil {
			b.fail(b.apps[a.Name].node.entry("depends_on").at, "let one of them start without the other", "app %s depends on itself, by %s", show(a.Name), strings.Join(way, " -> "))
			return // the others of the circle would say the same
		}
	}
}

// dependency resolves one name.
func (b *builder) dependency(info *appNode, at *node, name string) (string, bool) {
	if i := strings.LastIndexByte(name, '.'); i > 0 && slices.Contains(unitEndings(), name[i:]) {
		if strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.\\@-") != "" || len(name) > 255 {
			b.fail(at.at, "as `systemctl list-units` shows it", "depends_on has %s, which is no unit name", quote(clip(name)))
			return "", false
		}
		return name, true
	}
	other := b.apps[name]
	switch {
	case other == nil && b.truncated:
		return "", false
	case other == nil:
		hint := fmt.Sprintf("a unit is written with its ending: %s", quote(clip(name)+".service"))
		if best := nearest(name, b.appNames()); best != "" {
			hint = fmt.Sprintf("did you mean %s?", quote(best))
		}
		b.fail(at.at, hint, "app %s depends on %s, which is not an app", show(info.node.name), quote(clip(name)))
		return "", false
	}
	unit := other.node.name
	if e := other.node.entry("unit"); e != nil && e.ok {
		unit = e.text
	}
	return unit + ".target", true
}

// circleFrom is a way from a name back to itself, or nil.
func circleFrom(start string, next map[string][]string) []string {
	seen := map[string]bool{}
	var walk func(name string, way []string) []string
	walk = func(name string, way []string) []string {
		for _, n := range next[name] {
			if n == start {
				return append(way, n)
			}
			if seen[n] {
				continue
			}
			seen[n] = true
			if found := walk(n, append(way, n)); found != nil {
				return found
			}
		}
		return nil
	}
	return walk(start, []string{start})
}

// host is the address that the instances of an app bind.
func (a *appNode) host() netip.Addr {
	host, _, _ := cutPort(a.app.Address)
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return addr
}

// bindsPorts says whether its ports are addresses, and not names alone.
func (a *appNode) bindsPorts() bool {
	return a.ports != nil && a.ports.ok && a.app.Address != unixAddress
}

// sharesPort says whether two sockets that listen on one port of these
// addresses exclude each other: bind(2) fails with EADDRINUSE for the same
// address, and where one of the two is the wildcard of its family. IPv6
// listeners take IPv6 alone, so the families do not meet.
func sharesPort(a, b netip.Addr) bool {
	if a.Is4() != b.Is4() {
		return false
	}
	return a == b || a.IsUnspecified() || b.IsUnspecified()
}

// appPorts checks that no two apps have one port.
func (b *builder) appPorts() {
	owners := map[int][]*appNode{}
	for _, info := range b.order {
		if !info.bindsPorts() {
			continue
		}
		var taken []int
		var by *appNode
		for _, port := range info.app.Ports {
			for _, other := range owners[port] {
				if sharesPort(info.host(), other.host()) && (by == nil || by == other) {
					taken, by = append(taken, port), other
				}
			}
			owners[port] = append(owners[port], info)
		}
		if by == nil {
			continue
		}
		what := fmt.Sprintf("port %d belongs", taken[0])
		if len(taken) > 1 {
			what = fmt.Sprintf("ports %d to %d belong", slices.Min(taken), slices.Max(taken))
		}
		b.fail(info.ports.at, "give one of them other ports", "%s to app %s already (%s)", what, show(by.node.name), by.ports.at.place())
	}
}

// listeners checks that every listener can be opened beside the others and
// beside the apps.
func (b *builder) listeners() {
	type opened struct {
		listenAt
		site *siteNode
	}
	var all []opened
	open := map[string]bool{}
	for _, site := range b.sites {
		for _, l := range site.listen {
			for _, old := range all {
				if old.Network == "tcp" && l.Network == "tcp" && old.port == l.port && old.Address != l.Address && sharesPort(old.addr, l.addr) {
					b.fail(l.at, "name the same address in both, or another port",
						"%s cannot be opened beside %s of site %s (%s): one of them is every address of port %d",
						shownListen(l), shownListen(old.listenAt), show(old.site.node.name), old.at.place(), l.port)
					break
				}
			}
			if !open[l.Address] {
				open[l.Address] = true
				all = append(all, opened{l, site})
			}
			for _, info := range b.order {
				if l.Network == "tcp" && info.bindsPorts() && slices.Contains(info.app.Ports, l.port) && sharesPort(l.addr, info.host()) {
					b.fail(l.at, "listen on another port, or give the app others",
						"site %s listens on %d, which is a port of app %s (%s)", show(site.node.name), l.port, show(info.node.name), info.ports.at.place())
				}
			}
		}
	}
}

// siteHosts checks that no two sites of one listener have the same host, or
// both every other host.
func (b *builder) siteHosts() {
	type claim struct {
		site *siteNode
		at   span
	}
	claims := map[string]claim{}
	for _, site := range b.sites {
		for _, l := range site.listen {
			if site.hostsNode != nil && !site.hostsNode.ok {
				continue // no word about hosts that could not be read
			}
			if len(site.hosts) == 0 {
				key := l.Address + "\x00"
				if old, taken := claims[key]; taken && old.site != site {
					b.fail(l.at, "give one of them hosts, or another listener", "site %s and site %s (%s) both take every host of %s",
						show(site.node.name), show(old.site.node.name), old.at.place(), shownListen(l))
				} else if !taken {
					claims[key] = claim{site, l.at}
				}
				continue
			}
			for i, host := range site.hosts {
				at := site.hostsNode.at
				if site.hostsNode.kind == listKind {
					at = site.hostsNode.items[i].at
				}
				key := l.Address + "\x00" + host
				if old, taken := claims[key]; taken && old.site != site {
					b.fail(at, "delete it from one of them", "host %s of %s is in site %s already (%s)", quote(host), shownListen(l), show(old.site.node.name), old.at.place())
				} else if !taken {
					claims[key] = claim{site, at}
				}
			}
		}
	}
}

// proxyPeers checks that the sites of a listener agree on who speaks the PROXY
// protocol: the header comes before anything that tells sites apart.
func (b *builder) proxyPeers() {
	first := map[string]*siteNode{}
	for _, site := range b.sites {
		at := site.node.key
		if e := site.node.entry("proxy_protocol"); e != nil {
			if at = e.key; !e.ok {
				continue
			}
		}
		for _, l := range site.listen {
			if l.Network == "unix" && len(site.peers) > 0 {
				b.fail(l.at, "give that listener a site of its own", "site %s has proxy_protocol, and a peer on %s has no address to be known by", show(site.node.name), shownListen(l))
				break
			}
			other := first[l.Address]
			if other == nil {
				first[l.Address] = site
				continue
			}
			if !slices.Equal(slices.Sorted(slices.Values(site.peers)), slices.Sorted(slices.Values(other.peers))) {
				b.fail(at, "write the same proxy_protocol in both, or give one of them another listener",
					"sites %s and %s (%s) listen on %s and differ in proxy_protocol", show(site.node.name), show(other.node.name), other.node.key.place(), shownListen(l))
				break
			}
		}
	}
}
