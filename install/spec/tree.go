package spec

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// kind is what a value is written as. Its String is the operator's word.
type kind int

const (
	tableKind kind = iota
	listKind
	textKind
	integerKind
	floatKind
	boolKind
	// dateKind is every form of date and time: the spec has none, and
	// `ports = 8020-8027` reads as one.
	dateKind
)

func (k kind) String() string {
	return [...]string{"a table", "a list", "a string", "a number", "a number with a fraction", "true or false", "a date"}[k]
}

// origin is how a table came to be; TOML lets each be extended differently.
type origin int

const (
	// implied: a [longer.header] named it on the way.
	implied origin = iota
	// headed: its own [header].
	headed
	// dotted: a dotted key named it on the way.
	dotted
	// inline: { ... }, closed.
	inline
)

// node is one value of the tree that the files merge into.
type node struct {
	kind kind
	// name is the key that it stands under; "" in a list.
	name string
	// key is where that name is written, at where the value is. For a table
	// under a header both are the header's last part.
	key, at span
	// text is a string's content, and other scalars as they are written.
	text string
	// entries are a table's, in the order of the text; items a list's.
	entries []*node
	items   []*node
	// index finds the entries of a large table.
	index map[string]*node

	origin origin
	// tables marks a list that was written as [[header]]s.
	tables bool
	// broken marks a table with a statement that could not be read, so that
	// nothing is said about what it seems to lack.
	broken bool
	// replaced are the places that an override took the value from.
	replaced []span

	// value is what the schema read from it, once checked.
	value   any
	checked bool
	ok      bool
}

// entry finds a table's entry by name.
func (n *node) entry(name string) *node {
	if n == nil {
		return nil
	}
	if n.index != nil {
		return n.index[name]
	}
	for _, e := range n.entries {
		if e.name == name {
			return e
		}
	}
	return nil
}

// largeTable is from how many entries on a table has an index: below it, a walk
// is as fast.
const largeTable = 32

// add appends an entry to a table.
func (n *node) add(e *node) *node {
	n.entries = append(n.entries, e)
	switch {
	case n.index != nil:
		n.index[e.name] = e
	case len(n.entries) == largeTable:
		n.index = make(map[string]*node, 2*largeTable)
		for _, old := range n.entries {
			n.index[old.name] = old
		}
	}
	return e
}

// tree reads one file into a tree of nodes, holding it to TOML's own rules:
// nothing is defined twice, and a table is extended only as its origin allows.
type tree struct {
	src    *source
	report func(Diagnostic)
	root   *node
	// current is the table that key = value lines belong to.
	current *node
	// done is the offset behind the last statement that was understood.
	done int
}

// readTree parses a whole file. It goes on behind a broken line where it can
// see that only this line is broken; otherwise it reports false, and the rest
// of the file is unknown.
func readTree(src *source, report func(Diagnostic)) (root *node, whole bool) {
	t := &tree{src: src, report: report, root: &node{kind: tableKind, at: span{src: src}}}
	t.current = t.root
	data := []byte(src.text)
	for base := 0; ; {
		var p unstable.Parser
		p.Reset(data[base:])
		for p.NextExpression() {
			t.statement(&p, p.Expression(), base)
		}
		perr, _ := p.Error().(*unstable.ParserError)
		if perr == nil {
			return t.root, true
		}
		// Highlight is a part of the parser's text, so its capacity tells
		// where it begins (as unstable.Parser.Range has it).
		at := len(src.text)
		if perr.Highlight != nil {
			at = base + max(0, cap(data[base:])-cap(perr.Highlight))
		}
		resume, ok := t.syntaxError(perr.Message, span{src, min(at, len(src.text)), min(at+len(perr.Highlight), len(src.text))})
		if !ok {
			t.current.broken = true
			return t.root, false
		}
		base = resume
	}
}

// span translates a parser's range.
func (t *tree) span(r unstable.Range, base int) span {
	return span{t.src, base + int(r.Offset), base + int(r.Offset+r.Length)}
}

// part is one part of a dotted key.
type part struct {
	name string
	at   span
}

func (t *tree) parts(it unstable.Iterator, base int) []part {
	var parts []part
	for it.Next() {
		parts = append(parts, part{string(it.Node().Data), t.span(it.Node().Raw, base)})
	}
	return parts
}

// statement files one top-level expression.
func (t *tree) statement(p *unstable.Parser, n *unstable.Node, base int) {
	key := t.parts(n.Key(), base)
	switch n.Kind {
	case unstable.KeyValue:
		t.done = t.span(n.Raw, base).end
		t.keyValue(t.current, key, t.rangedValue(n, base, key))
	case unstable.Table, unstable.ArrayTable:
		t.done = t.src.lineEnd(key[len(key)-1].at.end)
		if next := t.header(key, n.Kind == unstable.ArrayTable); next != nil {
			t.current = next
		} else {
			// What follows belongs to a table that is refused: it is read,
			// so that its own mistakes show, and goes nowhere.
			t.current = &node{kind: tableKind, broken: true, at: key[len(key)-1].at}
		}
	}
}

// rangedValue converts the value of a key = value pair. The parser gives lists
// no range and inline tables only their first byte, so a second walk over the
// text between the scalars, whose ranges it does give, finds them.
func (t *tree) rangedValue(kv *unstable.Node, base int, key []part) *node {
	start := key[len(key)-1].at.end
	start += strings.IndexByte(t.src.text[start:], '=') + 1
	start = t.skip(start, " \t")
	v, _ := t.value(kv.Value(), start, base)
	return v
}

// skip is the offset of the first byte from offset on that is none of chars,
// over comments where chars has a line ending.
func (t *tree) skip(offset int, chars string) int {
	for offset < len(t.src.text) {
		c := t.src.text[offset]
		switch {
		case strings.IndexByte(chars, c) >= 0:
			offset++
		case c == '#' && strings.Contains(chars, "\n"):
			offset = t.src.lineEnd(offset)
		default:
			return offset
		}
	}
	return offset
}

// between is what may stand between the elements of a list or inline table.
const between = " \t\r\n,"

// value converts one value that begins at start; it returns where it ends.
func (t *tree) value(n *unstable.Node, start, base int) (*node, int) {
	v := &node{text: string(n.Data)}
	switch n.Kind {
	case unstable.Array:
		v.kind = listKind
		end := t.skip(start+1, between)
		for it := n.Children(); it.Next(); {
			var item *node
			item, end = t.value(it.Node(), end, base)
			v.items = append(v.items, item)
			end = t.skip(end, between)
		}
		v.at = span{t.src, start, end + 1}
	case unstable.InlineTable:
		v.kind, v.origin = tableKind, inline
		v.at = span{t.src, start, start + 1}
		end := t.skip(start+1, between)
		for it := n.Children(); it.Next(); {
			kv := it.Node()
			key := t.parts(kv.Key(), base)
			t.keyValue(v, key, t.rangedValue(kv, base, key))
			end = t.skip(t.span(kv.Raw, base).end, between)
		}
		v.at.end = end + 1
	case unstable.String:
		v.kind = textKind
	case unstable.Bool:
		v.kind = boolKind
	case unstable.Integer:
		v.kind = integerKind
	case unstable.Float:
		v.kind = floatKind
	default:
		v.kind = dateKind
	}
	if v.at.src == nil {
		v.at = t.span(n.Raw, base)
	}
	if _, ok := number(v); v.kind == integerKind && !ok {
		t.fail(v.at, "quote it: "+quote(clip(v.text)), "the number %s is too large", clip(v.text))
		v.checked = true
	}
	return v, v.at.end
}

// keyValue puts a value under a key that may be dotted.
func (t *tree) keyValue(in *node, key []part, v *node) {
	for i, p := range key[:len(key)-1] {
		next := in.entry(p.name)
		switch {
		case next == nil:
			next = in.add(&node{kind: tableKind, origin: dotted, name: p.name, key: p.at, at: p.at})
		case next.kind != tableKind || next.origin == inline:
			t.twice(key[:i+1], next)
			return
		case next.origin != dotted:
			t.fail(p.at, fmt.Sprintf("put the dotted key above the headers of %s, or write a header instead of it", show(p.name)),
				"%s has a header of its own (%s) and cannot be extended by a dotted key", show(p.name), next.key.place())
			return
		}
		in = next
	}
	last := key[len(key)-1]
	if first := in.entry(last.name); first != nil {
		t.twice(key, first)
		return
	}
	v.name, v.key = last.name, last.at
	in.add(v)
}

// header finds or makes the table of a [header] or [[header]].
func (t *tree) header(key []part, list bool) *node {
	in := t.root
	for i, p := range key[:len(key)-1] {
		next := in.entry(p.name)
		switch {
		case next == nil:
			next = in.add(&node{kind: tableKind, origin: implied, name: p.name, key: p.at, at: p.at})
		case next.kind == listKind && next.tables:
			next = next.items[len(next.items)-1]
		case next.kind != tableKind || next.origin == inline:
			t.twice(key[:i+1], next)
			return nil
		}
		in = next
	}
	last := key[len(key)-1]
	old := in.entry(last.name)
	fresh := &node{kind: tableKind, origin: headed, name: last.name, key: last.at, at: last.at}
	switch {
	case list && old == nil:
		all := in.add(&node{kind: listKind, tables: true, name: last.name, key: last.at, at: last.at})
		all.items = append(all.items, fresh)
		return fresh
	case list && old.tables:
		old.items = append(old.items, fresh)
		return fresh
	case !list && old == nil:
		return in.add(fresh)
	case !list && old.kind == tableKind && old.origin == implied:
		old.origin, old.key, old.at = headed, last.at, last.at
		return old
	}
	t.twice(key, old)
	return nil
}

// twice reports a key that the file has already.
func (t *tree) twice(key []part, first *node) {
	what := ""
	for _, p := range key {
		what = joinKey(what, p.name)
	}
	at := key[len(key)-1].at
	if first.kind == tableKind {
		t.fail(at, "put both parts together under one header",
			"table %s is there already (%s)", what, first.key.place())
		return
	}
	t.fail(at, "keep one of the two", "key %s is there already (%s)", what, first.key.place())
}

func (t *tree) fail(at span, hint, format string, args ...any) {
	t.report(diagnose(at, hint, fmt.Sprintf(format, args...)))
}
