package spec

import (
	"fmt"
	"slices"
)

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
