package spec

import (
	"fmt"
	"slices"
	"strings"
)

// holders is a closed set of placeholders.
type holders int

const (
	// noHolders: braces are literal.
	noHolders holders = iota
	// unitHolders are filled in once for each instance.
	unitHolders
	// requestHolders are filled in for each request.
	requestHolders
)

// names lists the set.
func (h holders) names() []string {
	switch h {
	case unitHolders:
		return []string{"port", "instance", "socket", "credentials"}
	case requestHolders:
		return []string{"uri", "path", "query", "host", "scheme", "client_ip"}
	}
	return nil
}

// Expand fills in the placeholders of a text: each {name} is replaced by what
// value says for it, "{{" is one "{", and every other character is itself.
func Expand(text string, value func(name string) string) string {
	var b strings.Builder
	eachHolder(text, func(literal string) { b.WriteString(literal) }, func(_ int, name string, closed bool) {
		if closed {
			b.WriteString(value(name))
		} else {
			b.WriteString("{" + name)
		}
	})
	return b.String()
}

// eachHolder splits a text into literals and placeholders. offset is where a
// placeholder's brace stands; an unclosed one has closed false.
func eachHolder(text string, literal func(string), holder func(offset int, name string, closed bool)) {
	for i := 0; i < len(text); {
		open := strings.IndexByte(text[i:], '{')
		if open < 0 {
			literal(text[i:])
			return
		}
		open += i
		literal(text[i:open])
		if strings.HasPrefix(text[open:], "{{") {
			literal("{")
			i = open + 2
			continue
		}
		name, _, closed := strings.Cut(text[open+1:], "}")
		holder(open, name, closed)
		i = open + 1 + len(name)
		if closed {
			i++
		}
	}
}

// holds says whether a checked text uses a placeholder.
func holds(text, name string) bool {
	found := false
	eachHolder(text, func(string) {}, func(_ int, n string, closed bool) { found = found || closed && n == name })
	return found
}

// placeholders reports each placeholder of a text that is not in the set.
func (c *checker) placeholders(key string, n *node, h holders) bool {
	if h == noHolders {
		return true
	}
	ok := true
	eachHolder(n.text, func(string) {}, func(offset int, name string, closed bool) {
		if why, hint := wrongHolder(key, name, closed, h); why != "" {
			ok = false
			c.fail(n.inside(offset, len(name)+2), hint, "%s", why)
		}
	})
	return ok
}

// wrongHolder explains one placeholder that may not stand there, or is "".
func wrongHolder(key, name string, closed bool, h holders) (why, hint string) {
	const literal = `for a brace itself, write "{{"`
	other := requestHolders
	if h == requestHolders {
		other = unitHolders
	}
	switch {
	case !closed:
		return fmt.Sprintf(`%s has a "{" without its "}"`, key), literal
	case slices.Contains(h.names(), name):
		return "", ""
	case slices.Contains(other.names(), name) && h == requestHolders:
		return fmt.Sprintf("{%s} is of an instance, and %s belongs to a request", name, key), "here there are " + listHolders(h)
	case slices.Contains(other.names(), name):
		return fmt.Sprintf("{%s} is of a request, and %s belongs to an instance", name, key), "here there are " + listHolders(h)
	}
	if best := nearest(name, h.names()); best != "" {
		return fmt.Sprintf("%s has the unknown placeholder {%s}", key, clip(name)), fmt.Sprintf("did you mean {%s}?", best)
	}
	return fmt.Sprintf("%s has the unknown placeholder {%s}", key, clip(name)), fmt.Sprintf("there are %s; %s", listHolders(h), literal)
}

func listHolders(h holders) string {
	return "{" + strings.Join(h.names(), "} {") + "}"
}

// inside is the range of a part of a string's content, where the string is
// written without escapes; otherwise the whole string.
func (n *node) inside(offset, length int) span {
	raw := n.at.text()
	at := strings.Index(raw, n.text)
	if n.at.src == nil || at < 0 {
		return n.at
	}
	start := n.at.start + at + offset
	return span{n.at.src, start, min(start+length, n.at.end)}
}
