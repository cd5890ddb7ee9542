package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// plain takes a string that can stand in one line of a unit file or a header.
func (c *checker) plain(k *Key, n *node) (string, bool) {
	if n.kind != textKind {
		c.wrong(k, n, requote(k, n))
		return "", false
	}
	for _, r := range n.text {
		if r < 0x20 && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			c.fail(n.at, "delete it: such a character would begin a new line, or hide one, in what is written from it",
				"%s holds the control character U+%04X", k.Name, r)
			return "", false
		}
	}
	return n.text, true
}

// plains takes a string or a list of strings.
func (c *checker) plains(k *Key, n *node) ([]*node, bool) {
	items := []*node{n}
	switch {
	case n.kind == listKind:
		items = n.items
	case n.kind == textKind && n.text == "":
		return nil, true
	}
	ok := true
	for _, item := range items {
		if _, good := c.plain(k, item); !good {
			ok = false
		}
	}
	return items, ok
}

// list makes a type of a string or a list of strings out of a check of one.
func list(says string, one func(c *checker, k *Key, n *node) (string, bool)) Type {
	return Type{
		Says:   says,
		schema: object{"anyOf": []any{object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			items, ok := c.plains(k, n)
			if !ok {
				return nil, false
			}
			var all []string
			seen := map[string]*node{}
			for _, item := range items {
				s, good := one(c, k, item)
				if !good {
					ok = false
					continue
				}
				if first := seen[s]; first != nil {
					c.fail(item.at, "delete one of the two", "%s names %s twice (%s)", k.Name, quote(clip(s)), first.at.place())
					ok = false
					continue
				}
				seen[s] = item
				all = append(all, s)
			}
			return all, ok
		},
	}
}

// text is a string with the placeholders of set.
func text(set holders) Type {
	return Type{
		Says:   "a string",
		schema: object{"type": "string"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind != textKind {
				return c.wrong(k, n, requote(k, n))
			}
			return n.text, c.placeholders(k.Name, n, set)
		},
	}
}

// choice is one of a few words; next are those that come later.
func choice(words []string, next ...string) Type {
	all := make([]any, len(words))
	for i, w := range words {
		all[i] = w
	}
	return Type{
		Says:   oneOf(words),
		schema: object{"enum": all},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s := n.text
			switch {
			case n.kind != textKind && n.kind != boolKind:
				return c.wrong(k, n, requote(k, n))
			case n.kind == textKind && slices.Contains(words, s):
				return s, true
			case slices.Contains(next, s):
				c.fail(n.at, fmt.Sprintf("today it is %s", oneOf(words)), "%s = %s is not in this version", k.Name, quote(s))
				return nil, false
			case (n.kind == boolKind || s == "off") && slices.Contains(words, "never"):
				word := "never"
				if s == "true" {
					word = words[0]
				}
				return c.wrong(k, n, fmt.Sprintf("write %s = %s", k.Name, quote(word)))
			}
			if best := nearest(s, words); best != "" {
				return c.wrong(k, n, fmt.Sprintf("did you mean %s?", quote(best)))
			}
			return c.wrong(k, n, "")
		},
	}
}

// oneOf lists words for a sentence.
func oneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}

// ref is the name of something else in the spec; whether it is there is seen
// once all is read.
func ref(what string) Type {
	return Type{
		Says:   "the name of " + what,
		schema: object{"type": "string"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			return value(c.plain(k, n))
		},
	}
}

// value widens a typed result to what parse returns.
func value[T any](v T, ok bool) (any, bool) { return v, ok }

// reserved is the type of a key whose feature comes later.
func reserved(schema object) Type {
	return Type{Says: "not in this version", schema: schema, parse: func(*checker, *Key, *node) (any, bool) { return nil, false }}
}

// namedTables holds tables by name; the walk over the tree checks them.
func namedTables() Type {
	return Type{Says: "tables by name", schema: object{"type": "object"}, parse: func(*checker, *Key, *node) (any, bool) { return nil, true }}
}

// subTable is a table with keys of its own.
func subTable(t *Table) Type {
	return Type{
		Says: "a table", table: t,
		parse: func(c *checker, _ *Key, n *node) (any, bool) {
			c.checkTable(t, n)
			return n, n.kind == tableKind
		},
	}
}

// maxPath is Linux's PATH_MAX without the final NUL.
const maxPath = 4095

// absolutePath is a path from the root on.
func absolutePath() Type {
	return Type{
		Says:   "an absolute path",
		schema: object{"type": "string", "pattern": "^/"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			return value(c.absolute(k, n))
		},
	}
}

// absolute checks one path. ".." is refused: what is mounted, watched and
// compared by its name must be what the name says.
func (c *checker) absolute(k *Key, n *node) (string, bool) {
	s, ok := c.plain(k, n)
	switch {
	case !ok:
		return "", false
	case strings.HasPrefix(s, "~"):
		c.fail(n.at, `write the home folder out: "/home/NAME/..."`, "%s = %s is not an absolute path: ~ is a shell's", k.Name, quote(s))
	case !strings.HasPrefix(s, "/"):
		c.fail(n.at, fmt.Sprintf("begin it with /: %s = %s", k.Name, quote("/"+strings.TrimPrefix(s, "./"))), "%s = %s is not an absolute path", k.Name, quote(s))
	case slices.Contains(strings.Split(s, "/"), ".."):
		c.fail(n.at, "write it as "+quote(path.Clean(s)), "%s = %s goes up by \"..\"", k.Name, quote(s))
	case len(s) > maxPath:
		c.fail(n.at, "", "%s is longer than %d bytes, the longest path of Linux", k.Name, maxPath)
	default:
		return s, true
	}
	return "", false
}

func paths() Type {
	return list("absolute paths", func(c *checker, k *Key, n *node) (string, bool) { return c.absolute(k, n) })
}

// folder is a root of files.
func folder() Type {
	t := absolutePath()
	t.parse = func(c *checker, k *Key, n *node) (any, bool) {
		if n.kind == textKind && n.text == "" {
			return "", true
		}
		s, ok := c.absolute(k, n)
		if ok && path.Clean(s) == "/" {
			c.fail(n.at, "name the folder that holds what is public", "files = %s would serve the whole machine", quote(s))
			return nil, false
		}
		return s, ok
	}
	return t
}

// fileName is one segment of a path.
func fileName() Type {
	return Type{
		Says:   "a file name",
		schema: object{"type": "string", "pattern": "^[^/]*$"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			if ok && (strings.Contains(s, "/") || s == "." || s == "..") {
				return c.wrong(k, n, "it is looked for in each folder: "+`index = "index.html"`)
			}
			if s == "off" {
				s = ""
			}
			return s, ok
		},
	}
}

// output is where stdout or stderr go.
func output() Type {
	return Type{
		Says:   `"journal" or an absolute path`,
		schema: object{"type": "string", "pattern": "^(journal$|/|$)"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			switch {
			case !ok:
				return nil, false
			case s == "journal", s == "":
				return s, true
			case slices.Contains([]string{"none", "off", "null", "/dev/null"}, strings.ToLower(s)):
				return c.wrong(k, n, `what an app says is kept: write "journal", or a path`)
			}
			if !strings.Contains(s, "/") {
				return c.wrong(k, n, fmt.Sprintf("write %s = %s", k.Name, quote("/var/log/"+s)))
			}
			if s, ok = c.absolute(k, n); !ok {
				return nil, false
			}
			if strings.HasSuffix(s, "/") {
				return c.wrong(k, n, "name a file: "+quote(s+"{instance}.log"))
			}
			return s, c.placeholders(k.Name, n, unitHolders)
		},
	}
}

func words(says string) Type {
	return list(says, func(c *checker, k *Key, n *node) (string, bool) {
		if n.text == "" || strings.ContainsAny(n.text, " \t") {
			c.wrong(k, n, fmt.Sprintf("write a list: %s = [\"a\", \"b\"]", k.Name))
			return "", false
		}
		return n.text, true
	})
}
