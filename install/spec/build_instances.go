package spec

import "strings"

// instances checks which of ports, instances and address an app has.
func (b *builder) instances(l lookup, info *appNode) {
	n, a := info.node, info.app
	count, address := n.entry("instances"), n.entry("address")
	switch {
	case info.ports != nil && count != nil:
		second, first := count, info.ports
		if first.key.start > second.key.start && first.key.src == second.key.src {
			second, first = first, second
		}
		b.fail(second.key, "keep ports for an app that the proxy reaches, instances for a worker", "%s has both %s and %s (%s)", l.noun, second.name, first.name, first.key.place())
		return
	case info.ports == nil && count == nil:
		if !l.incomplete() {
			b.fail(n.key, `add ports = "8020-8027", or instances = 2 for a worker without an address`, "%s has neither ports nor instances", l.noun)
		}
		return
	case count != nil && address == nil:
		info.worker = true
		return
	case count != nil:
		if address.ok && a.Address != unixAddress {
			b.fail(address.key, `write ports instead of instances, or address = "unix"`, "%s has an address but no ports: an instance is reached at its port, or at a socket", l.noun)
		}
		return
	case a.Address == unixAddress:
		return
	}
	if a.Address == "" {
		a.Address = "127.0.0.1:{port}"
		return
	}
	if len(a.Ports) > 1 && !holds(a.Address, "port") {
		b.fail(address.at, "write {port} for the port: \"127.0.0.1:{port}\"", "address = %s is the same for all %d instances", quote(a.Address), len(a.Ports))
	}
}

// life checks what only an app that the proxy reaches can have, and what an
// app that starts on demand needs.
func (b *builder) life(l lookup, info *appNode) {
	n, a := info.node, info.app
	if info.worker {
		for _, key := range []string{"health", "bind", "start"} {
			e := n.entry(key)
			if e == nil || !e.ok || e.kind != tableKind && (isOff(e) || e.text == "app" || e.text == "boot" || e.text == "manual") {
				continue
			}
			b.fail(e.key, `give it ports, or address = "unix"; a worker has neither, and "active" means that its process is up`,
				"%s has %s, but no address that a request or a check could reach", l.noun, key)
		}
	}
	idle, hold := n.entry("idle_stop"), n.entry("hold")
	switch {
	case a.IdleStop > 0 && a.Start != "on-demand" && l.valid("idle_stop"):
		b.fail(idle.key, `add start = "on-demand", or delete it`, "%s has idle_stop, and nothing would start it again", l.noun)
	case a.Start == "on-demand" && a.Balance.Hold == 0 && l.valid("hold"):
		b.fail(hold.key, `leave hold out, or set it to longer than a start takes`, "%s starts on demand, and by hold = %s its first request would not wait for it", l.noun, written(hold))
	}
}

// holdersOf checks that {port} and {socket} have a value.
func (b *builder) holdersOf(l lookup, info *appNode) {
	if info.worker {
		b.withoutHolder(l, info, "port", "a worker's instances are {instance}, 1 to N; for ports write ports = ...", "instances, which have no port")
	}
	if info.ports == nil && !info.worker && info.app.Address == unixAddress {
		b.withoutHolder(l, info, "port", "use {socket}, or {instance}, which is 1 to N", "instances, which have no port")
	}
	if info.app.Address != unixAddress {
		b.withoutHolder(l, info, "socket", `add address = "unix", or use {port}`, `no address = "unix"`)
	}
}

// withoutHolder refuses a placeholder that has no value for an app; has is
// what the app has instead.
func (b *builder) withoutHolder(l lookup, info *appNode, name, hint, has string) {
	refuse := func(n *node) {
		if n == nil {
			return
		}
		for _, item := range append([]*node{n}, append(n.items, n.entries...)...) {
			if item.kind == textKind && holds(item.text, name) {
				b.fail(item.inside(max(0, strings.Index(item.text, "{"+name+"}")), len(name)+2), hint,
					"{%s} has no value: %s has %s", name, l.noun, has)
			}
		}
	}
	for _, key := range []string{"command", "env", "stdout", "stderr"} {
		refuse(info.node.entry(key))
	}
	own := info.node.entry("env")
	for _, v := range info.app.Env {
		if own.entry(v.Name) == nil && holds(v.Value, name) {
			b.fail(info.node.entry("like").at, "set "+v.Name+" in the env of "+l.noun,
				"%s is like an app whose env.%s has {%s}, and has %s", l.noun, v.Name, name, has)
		}
	}
}
