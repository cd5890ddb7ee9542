package spec

import "time"

// sub is the lookup in a table below this one; an absent one has the built-in
// values.
func (l lookup) sub(key string) lookup {
	s := lookup{checker: l.checker, table: l.table.must(key).Type.table, own: l.own.entry(key), path: joinKey(l.path, key), noun: key + " of " + l.noun}
	if s.own == nil || s.own.kind != tableKind {
		s.own = &node{kind: tableKind, name: key}
	} else {
		l.where[s.path] = s.own.key
	}
	return s
}

// silently runs build without a record of the built-in values that it reads:
// `cat` lists those of the tables that are written.
func (l lookup) silently(written bool, build func()) {
	since := len(l.effective)
	if build(); !written {
		l.effective = l.effective[:since]
	}
}

// isTable says whether a key holds a table.
func (l lookup) isTable(key string) bool {
	n := l.own.entry(key)
	return n != nil && n.kind == tableKind
}

// isOff says whether a key is written and turned off.
func (l lookup) isOff(key string) bool {
	n := l.own.entry(key)
	return n != nil && n.kind != tableKind && isOff(n)
}

// health builds the active check, and the watchdog where an app has one.
func (l lookup) health() (h *Health, w *Watchdog) {
	n := get[*node](l, "health")
	if l.isOff("health") {
		return nil, nil
	}
	s := l.sub("health")
	l.silently(l.isTable("health"), func() {
		h = &Health{
			Path:     get[string](s, "path"),
			Interval: get[time.Duration](s, "interval"),
			Timeout:  get[time.Duration](s, "timeout"),
			Rise:     get[int](s, "rise"),
			Fall:     get[int](s, "fall"),
			Host:     get[string](s, "host"),
			Body:     get[string](s, "body"),
			Status:   get[[]StatusRange](s, "status"),
		}
		w = s.watchdog()
	})
	if n != nil && n.kind == textKind {
		h.Path = n.text
	}
	if h.Path == "" {
		h.Status = nil
		for _, key := range []string{"status", "host", "body"} {
			if e := s.own.entry(key); e != nil && e.ok && !s.own.broken && s.own.entry("path") == nil {
				l.fail(e.key, `add path = "/healthz"`, "%s has %s and no path, so that nothing is asked for", s.noun, key)
				break
			}
		}
	}
	return h, w
}

func (l lookup) watchdog() *Watchdog {
	n := get[*node](l, "watchdog")
	if n == nil || n.kind != tableKind {
		return nil
	}
	s := l.sub("watchdog")
	return &Watchdog{After: get[time.Duration](s, "after"), Limit: get[int](s, "limit")}
}

// deploy builds how releases are rolled out.
func (l lookup) deploy() (d Deploy) {
	get[*node](l, "deploy")
	s := l.sub("deploy")
	l.silently(l.isTable("deploy"), func() {
		d = Deploy{
			Before: get[[]string](s, "before"),
			Canary: get[int](s, "canary"),
			Watch:  get[time.Duration](s, "watch"),
			Keep:   get[int](s, "keep"),
		}
	})
	return d
}

// changes builds on_change.
func (b *builder) changes() (all []OnChange) {
	n := b.root.entry("on_change")
	if n == nil || !n.ok {
		return nil
	}
	items, _ := n.value.([]*node)
	b.where["on_change"] = n.key
	b.noteLeaf("", n, false, true)
	t := b.schema.change
	for _, item := range items {
		l := lookup{checker: b.checker, table: t, own: &node{kind: tableKind, name: "on_change"}, noun: "on_change"}
		if item.kind == tableKind {
			l.own = item
		}
		var o OnChange
		l.silently(false, func() {
			o = OnChange{
				Command:     get[[]string](l, "command"),
				URL:         get[string](l, "url"),
				Timeout:     get[time.Duration](l, "timeout"),
				MinInterval: get[time.Duration](l, "min_interval"),
			}
		})
		switch v := item.value.(type) {
		case []string:
			o.Command = v
		case string:
			o.URL = v
		}
		command, url := l.own.entry("command"), l.own.entry("url")
		switch {
		case command != nil && url != nil:
			b.fail(url.key, "write two tables, or delete one of the two", "on_change has both command and url (%s)", command.key.place())
		case item.kind == tableKind && command == nil && url == nil && !item.broken:
			b.fail(item.at, `write { command = "/usr/bin/..." } or { url = "https://..." }`, "on_change has a table with neither command nor url")
		default:
			all = append(all, o)
		}
	}
	return all
}
