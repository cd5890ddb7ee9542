package spec

import (
	"fmt"
	"slices"
)

// merge lays one file's tree over those before it, table by table. What both
// have is an error that names both places, unless the file may override.
func (c *checker) merge(into, from *node, override bool, path string) {
	into.broken = into.broken || from.broken
	for _, e := range from.entries {
		old := into.entry(e.name)
		key := joinKey(path, e.name)
		switch {
		case old == nil:
			into.add(e)
		case old.kind == tableKind && e.kind == tableKind:
			if old.origin == implied && e.origin != implied {
				old.origin, old.key, old.at = e.origin, e.key, e.at
			}
			c.merge(old, e, override, key)
		case override:
			replaced := append(old.replaced, old.at)
			*old = *e
			old.replaced = replaced
		default:
			c.fail(e.key, "keep one of the two; only a file in override.d may replace a key",
				"%s is set here and in %s", key, old.key.place())
		}
	}
}

// joinKey appends a part to a dotted key.
func joinKey(path, name string) string {
	if path == "" {
		return show(name)
	}
	return path + "." + show(name)
}

// DottedKey writes a dotted key as [Spec.Position] and [Provenance] have it: parts
// in quotes where TOML needs them, as in site.shop.routes."/static/".files.
func DottedKey(parts ...string) string {
	key := ""
	for _, p := range parts {
		key = joinKey(key, p)
	}
	return key
}

// lookup is what one table says about its keys: its own entries, those of the
// tables that it inherits from, and the built-in values.
type lookup struct {
	*checker
	table *Table
	own   *node
	// above are the tables that inherited keys come from, nearest first.
	above []*node
	path  string
	// noun is what messages call the table: `app shop`.
	noun string
}

// find is the entry that holds for a key, nil for none.
func (l lookup) find(key string) *node {
	if e := l.own.entry(key); e != nil {
		return e
	}
	if !l.table.must(key).Inherited {
		return nil
	}
	for _, n := range l.above {
		if e := n.entry(key); e != nil {
			return e
		}
	}
	return nil
}

// valid says whether the key is there and could be read.
func (l lookup) valid(key string) bool {
	n := l.find(key)
	if n == nil {
		return false
	}
	_, ok := l.value(l.table.must(key), n)
	return ok
}

// get is the value that holds for a key: written, inherited, built in, or the
// zero value. Where what is written is wrong the built-in one stands in, so
// that the rest can be checked.
func get[T any](l lookup, key string) T {
	k := l.table.must(key)
	if n := l.find(key); n != nil {
		l.note(l.path, k, n, n != l.own.entry(key))
		if v, ok := l.value(k, n); ok {
			if t, is := v.(T); is {
				return t
			}
		}
	} else {
		l.noteDefault(l.path, k)
	}
	t, _ := l.builtIn(k).(T)
	return t
}

// builtIn is a key's default.
func (c *checker) builtIn(k *Key) any {
	if k.Default == "" || k.Status == Next {
		return nil
	}
	if n := c.defaults[k]; n != nil {
		return n.value
	}
	// A default is written as TOML text and read by the key's own type, so
	// that the reference cannot differ from what holds.
	root, _ := readTree(newSource(File{Data: []byte("x = " + k.Default)}, 0), func(d Diagnostic) {
		panic("spec: default of " + k.Name + ": " + d.Message)
	})
	n := root.entry("x")
	v, ok := k.Type.parse(&checker{schema: c.schema}, k, n)
	if !ok {
		panic(fmt.Sprintf("spec: default of %s, %s, is not valid", k.Name, k.Default))
	}
	n.value = v
	c.defaults[k] = n
	return v
}

// require reports a key that must be there.
func (l lookup) require(key, example string) {
	if l.find(key) != nil || l.incomplete() {
		return
	}
	l.fail(l.own.key, fmt.Sprintf("add %s = %s", key, example), "%s has no %s", l.noun, key)
}

// incomplete says that the table may have keys that could not be read.
func (l lookup) incomplete() bool {
	// A key that strayed into one of its sub-tables is missing here.
	return l.truncated || l.own.broken || slices.ContainsFunc(l.own.entries, func(e *node) bool {
		return e.kind == tableKind && e.broken
	})
}
