package importer

import (
	"fmt"
	"slices"
	"strings"
)

// pair is one key of a table, its value as TOML.
type pair struct{ key, value string }

// table is one table of the spec that is being written, with what its comments
// say.
type table struct {
	// header is what it is called: [site.shop]; dotted is how a short route
	// is written inside of its site, "" where it is not.
	header, dotted string
	pairs          []pair
	// from is where it comes from: "nginx.conf:12: location /".
	from []string
	// remarks stand above it.
	remarks []string
	// closed is why it is a comment, "" for a table that holds; instead are
	// the keys that stand in its place meanwhile.
	closed  string
	instead []pair
	// entries are the directives that it is made of.
	entries []*Entry
	// below are tables that mean nothing without this one.
	below []*table
}

func (t *table) set(key, value string) { t.pairs = append(t.pairs, pair{key, value}) }

// put replaces a key, or adds it.
func (t *table) put(key, value string) {
	for i := range t.pairs {
		if t.pairs[i].key == key {
			t.pairs[i].value = value
			return
		}
	}
	t.set(key, value)
}

func (t *table) get(key string) string {
	for _, p := range t.pairs {
		if p.key == key {
			return p.value
		}
	}
	return ""
}

// close turns a table into a comment.
func (t *table) close(reason string, instead ...pair) {
	if t.closed == "" {
		t.closed, t.instead = reason, instead
	}
}

// document is the spec that is being written.
type document struct {
	head   []string
	tables []*table
}

// maxInline is how many keys a route may have to be written in one line.
const maxInline = 2

// writer writes a document and remembers whose line is whose.
type writer struct {
	b     strings.Builder
	owner []*table
}

func (w *writer) line(t *table, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.b.WriteString(strings.TrimRight(text, " ") + "\n")
	for range strings.Count(text, "\n") + 1 {
		w.owner = append(w.owner, t)
	}
}

// render writes the document; owner[i] is the table of line i+1.
func (d *document) render() (text string, owner []*table) {
	w := &writer{}
	for _, l := range d.head {
		w.line(nil, "%s", strings.TrimRight("# "+l, " "))
	}
	for _, t := range d.tables {
		w.line(nil, "")
		w.table(t, "")
		short := func(r *table) bool { return r.short() }
		for _, r := range t.below {
			if short(r) {
				w.short(r, t.closed != "")
			}
		}
		for _, r := range t.below {
			if !short(r) {
				w.line(nil, "")
				w.table(r, closedBy(t))
			}
		}
	}
	return w.b.String(), w.owner
}

func closedBy(t *table) string {
	if t.closed == "" {
		return ""
	}
	return "it belongs to " + t.header
}

// short says whether a route is written in one line of its site.
func (t *table) short() bool { return t.dotted != "" && len(t.pairs) <= maxInline && t.closed == "" }

func (w *writer) remarks(t *table) {
	for _, f := range t.from {
		w.line(t, "# %s", f)
	}
	for _, r := range t.remarks {
		w.line(t, "# %s", r)
	}
}

func (w *writer) table(t *table, above string) {
	w.remarks(t)
	if t.closed == "" && above == "" {
		w.line(t, "%s", t.header)
		w.pairs(t, t.pairs, "")
		return
	}
	if t.closed != "" {
		w.line(t, "# NOT CONVERTED: %s", t.closed)
	}
	if above == "" && t.instead != nil {
		w.line(t, "# Until that is settled, this refuses:")
		w.line(t, "%s", t.header)
		w.pairs(t, t.instead, "")
	}
	w.line(t, "#%s", t.header)
	w.pairs(t, t.pairs, "#")
}

// pairs writes keys with their values below each other.
func (w *writer) pairs(t *table, list []pair, mark string) {
	width := 0
	for _, p := range list {
		width = max(width, len(p.key))
	}
	for _, p := range list {
		w.line(t, "%s%-*s = %s", mark, width, p.key, p.value)
	}
}

// short writes a route inside of its site.
func (w *writer) short(t *table, comment bool) {
	w.remarks(t)
	mark := ""
	if comment {
		mark = "#"
	}
	keys := make([]string, len(t.pairs))
	for i, p := range t.pairs {
		keys[i] = p.key + " = " + p.value
	}
	w.line(t, "%s%s = { %s }", mark, t.dotted, strings.Join(keys, ", "))
}

// all lists every table, those below others behind them.
func (d *document) all() []*table {
	var list []*table
	for _, t := range d.tables {
		list = append(append(list, t), t.below...)
	}
	return list
}

// add appends tables.
func (d *document) add(list ...*table) {
	d.tables = append(d.tables, slices.DeleteFunc(list, func(t *table) bool { return t == nil })...)
}
