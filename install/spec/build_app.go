package spec

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// appNode is an app's table with what others check against it.
type appNode struct {
	node *node
	// above are the tables of the apps that like leads to, nearest first.
	above []*node
	app   *App
	// ports is where the ports are written; nil for a worker.
	ports *node
	// worker is known not to have an address.
	worker bool
}

// likeChain follows like from an app on.
func (b *builder) likeChain(n *node) []*node {
	var chain []*node
	for at := n; ; {
		e := at.entry("like")
		if e == nil || e.kind != textKind || e.text == "" {
			return chain
		}
		next := b.apps[e.text]
		switch {
		case next == nil:
			if at == n {
				b.undefined(e, fmt.Sprintf("app %s is like app %s", show(n.name), quote(clip(e.text))), b.appNames())
				n.broken = true
			}
			return chain
		case next.node == n:
			if !n.broken {
				b.fail(n.entry("like").at, "give one of them keys of its own", "app %s is like itself, by %s", show(n.name), b.circle(n, chain))
			}
			for _, other := range append(chain, n) {
				other.broken = true // the others of the circle would say the same
			}
			return nil
		case slices.Contains(chain, next.node):
			return chain // a circle that n is not part of; its members say so
		}
		chain = append(chain, next.node)
		at = next.node
	}
}

// circle names the way of a circle.
func (b *builder) circle(n *node, chain []*node) string {
	names := []string{show(n.name)}
	for _, c := range chain {
		names = append(names, show(c.name))
	}
	return strings.Join(append(names, show(n.name)), " -> ")
}

func (b *builder) appNames() []string {
	names := make([]string, len(b.order))
	for i, a := range b.order {
		names[i] = a.node.name
	}
	return names
}

// undefined reports a name that nothing has, unless a part of the spec could
// not be read.
func (b *builder) undefined(at *node, what string, known []string) {
	if b.truncated {
		return
	}
	hint := ""
	if best := nearest(at.text, known); best != "" {
		hint = fmt.Sprintf("did you mean %s?", quote(best))
	} else if len(known) > 0 && len(known) <= 8 {
		hint = "there are " + strings.Join(known, ", ")
	}
	b.fail(at.at, hint, "%s, which is not defined", what)
}

// app builds one app.
func (b *builder) app(n *node) *App {
	info := b.apps[n.name]
	l := lookup{checker: b.checker, table: b.schema.app, own: n, above: info.above, path: DottedKey("app", n.name), noun: "app " + show(n.name)}
	b.where[l.path] = n.key
	l.require("command", `"/usr/bin/..."`)
	l.require("user", `"..."; an app should not run as root`)
	a := &App{
		Name:         n.name,
		Unit:         get[string](l, "unit"),
		Command:      get[[]string](l, "command"),
		Ports:        get[[]int](l, "ports"),
		Count:        get[int](l, "instances"),
		Address:      get[string](l, "address"),
		Directory:    get[string](l, "directory"),
		User:         get[string](l, "user"),
		Group:        get[string](l, "group"),
		Umask:        get[string](l, "umask"),
		EnvFiles:     get[[]string](l, "env_file"),
		Bind:         get[string](l, "bind"),
		Start:        get[string](l, "start"),
		IdleStop:     get[time.Duration](l, "idle_stop"),
		Restart:      get[string](l, "restart"),
		RestartDelay: get[time.Duration](l, "restart_delay"),
		StartTimeout: get[time.Duration](l, "start_timeout"),
		StopTimeout:  get[time.Duration](l, "stop_timeout"),
		DrainTimeout: get[time.Duration](l, "drain_timeout"),
		StopSignal:   get[string](l, "stop_signal"),
		StopKill:     get[string](l, "stop_kill"),
		SuccessExit:  get[[]string](l, "success_exit"),
		Stdout:       get[string](l, "stdout"),
		Stderr:       get[string](l, "stderr"),
		DependsOn:    get[[]string](l, "depends_on"),
		Limits:       l.limits(),
		Balance:      l.balance(),
		Deploy:       l.deploy(),
	}
	a.Balance.Health, a.Watchdog = l.health()
	if l.valid("nice") {
		nice := get[int](l, "nice")
		a.Nice = &nice
	}
	if a.Unit == "" {
		a.Unit = a.Name
	}
	if a.Stdout == "" {
		a.Stdout = "journal"
	}
	l.variables(a)
	l.services(a)
	info.app = a
	info.ports = n.entry("ports")
	b.instances(l, info)
	if info.worker {
		a.Balance.Health = nil
	}
	b.life(l, info)
	b.holdersOf(l, info)
	return a
}

// variables fills in env and credentials, merged by name along like.
func (l lookup) variables(a *App) {
	for _, e := range l.merged("env", true) {
		a.Env = append(a.Env, EnvVar{e.name, e.text})
	}
	for _, e := range l.merged("credentials", true) {
		a.Credentials = append(a.Credentials, Credential{e.name, e.text})
	}
}

// merged are the entries of a table-valued key, the inherited ones first; a
// nearer table's entry takes the place of a farther one's; exact says that names
// differ by their case.
func (l lookup) merged(key string, exact bool) []*node {
	k := l.table.must(key)
	tables := []*node{l.own}
	if k.Inherited {
		tables = append(tables, l.above...)
	}
	var all []*node
	at := map[string]int{}
	own := l.own.entry(key)
	if own != nil {
		l.where[joinKey(l.path, key)] = own.key
	}
	for i := len(tables) - 1; i >= 0; i-- {
		t := tables[i].entry(key)
		if t == nil || t.kind != tableKind {
			continue
		}
		for _, e := range t.entries {
			if !e.ok {
				continue
			}
			name := e.name
			if !exact {
				name = strings.ToLower(name)
			}
			if i, there := at[name]; there {
				all[i] = e
			} else {
				at[name] = len(all)
				all = append(all, e)
			}
		}
	}
	for _, e := range all {
		l.noteLeaf(joinKey(l.path, key), e, own.entry(e.name) != e, k.Secret)
	}
	return all
}

// services fills in the verbatim [Service] keys.
func (l lookup) services(a *App) {
	for _, e := range l.merged("service", true) {
		if values, ok := e.value.([]string); ok {
			a.Service = append(a.Service, ServiceKey{e.name, values})
		}
	}
}

// limits builds the limits, each key inherited by itself.
func (l lookup) limits() Limits {
	sub := lookup{checker: l.checker, table: l.schema.limits, own: l.own.entry("limits"), path: joinKey(l.path, "limits")}
	if sub.own == nil {
		sub.own = &node{kind: tableKind}
	} else {
		l.where[sub.path] = sub.own.key
	}
	for _, n := range l.above {
		if e := n.entry("limits"); e != nil {
			sub.above = append(sub.above, e)
		}
	}
	return Limits{
		MemoryBytes: get[int64](sub, "memory"),
		CPUPercent:  get[int](sub, "cpu"),
		Tasks:       get[int](sub, "tasks"),
		OpenFiles:   get[int](sub, "open_files"),
	}
}

// balance builds what an app and an upstream have in common.
func (l lookup) balance() Balance {
	b := Balance{
		Method:            get[string](l, "balance"),
		MaxInFlight:       get[int](l, "max_in_flight"),
		Queue:             get[int](l, "queue"),
		QueueTimeout:      get[time.Duration](l, "queue_timeout"),
		MaxFails:          get[int](l, "max_fails"),
		FailTimeout:       get[time.Duration](l, "fail_timeout"),
		ConnectTimeout:    get[time.Duration](l, "connect_timeout"),
		Keepalive:         get[int](l, "keepalive"),
		KeepaliveTimeout:  get[time.Duration](l, "keepalive_timeout"),
		KeepaliveRequests: get[int](l, "keepalive_requests"),
		Hold:              get[time.Duration](l, "hold"),
		SlowStart:         get[time.Duration](l, "slow_start"),
	}
	queue, timeout := l.own.entry("queue"), l.own.entry("queue_timeout")
	switch {
	case b.Queue > 0 && b.MaxInFlight == 0 && l.own.entry("max_in_flight") == nil && !l.incomplete():
		l.fail(queue.key, "add max_in_flight = 1, or as many as an instance handles at a time", "%s has a queue, but its instances are never full: it has no max_in_flight", l.noun)
	case b.Queue > 0 && b.MaxInFlight == 0 && l.valid("max_in_flight"):
		l.fail(queue.key, "set max_in_flight to as many as an instance handles at a time", "%s has a queue, but its instances are never full: max_in_flight is 0", l.noun)
	case timeout != nil && timeout.ok && queue == nil && !l.incomplete():
		l.fail(timeout.key, "add queue = 100, or delete it", "%s has a queue_timeout and no queue", l.noun)
	}
	return b
}
