package spec

import (
	"bytes"
	"fmt"
	"strings"
)

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

// parentKey cuts the last part off a dotted key.
func parentKey(key string) string {
	cut, quoted := 0, false
	for i := 0; i < len(key); i++ {
		switch {
		case quoted && key[i] == '\\':
			i++
		case key[i] == '"':
			quoted = !quoted
		case key[i] == '.' && !quoted:
			cut = i
		}
	}
	return key[:cut]
}

// show writes a name as a TOML key does: bare where that is possible.
func show(name string) string {
	if isBare(name) {
		return name
	}
	return quote(name)
}

// isBare says whether TOML takes a key without quotes.
func isBare(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !isLetter(c) && !isDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// quote writes a basic TOML string.
func quote(s string) string {
	var b bytes.Buffer
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// inlineTOML writes a value as TOML in one line.
func inlineTOML(n *node) string {
	switch n.kind {
	case textKind:
		return quote(n.text)
	case listKind:
		items := make([]string, len(n.items))
		for i, item := range n.items {
			items[i] = inlineTOML(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case tableKind:
		entries := make([]string, len(n.entries))
		for i, e := range n.entries {
			entries[i] = show(e.name) + " = " + inlineTOML(e)
		}
		if len(entries) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(entries, ", ") + " }"
	}
	return n.text
}
