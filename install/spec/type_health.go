package spec

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// health is a path, or a table.
func health(t *Table) Type {
	return Type{
		Says: `a path such as "/healthz", or a table`, table: t,
		schema: object{"anyOf": []any{object{"type": "string", "pattern": "^(/|$|off$)"}, definition("health")}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			switch {
			case n.kind == tableKind:
				c.checkTable(t, n)
				return n, true
			case n.kind == boolKind:
				return c.wrong(k, n, `write health = "/healthz", or health = "off"`)
			case n.kind == textKind && isOff(n):
				return n, true
			}
			_, ok := c.healthPath(k, n)
			return n, ok
		},
	}
}

// healthPath is what a check asks for.
func healthPath() Type {
	return Type{
		Says:   `a path such as "/healthz"`,
		schema: object{"type": "string", "pattern": "^(/|$)"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind == textKind && n.text == "" {
				return "", true
			}
			return value(c.healthPath(k, n))
		},
	}
}

// healthPath checks a request's target. RFC 9112, 3.2.1: the origin form.
func (c *checker) healthPath(k *Key, n *node) (string, bool) {
	s, ok := c.plain(k, n)
	foreign := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }
	switch {
	case !ok:
		return "", false
	case strings.Contains(s, "://"):
		c.wrong(k, n, "the instance is known: write only the path")
	case !strings.HasPrefix(s, "/"):
		c.wrong(k, n, "begin it with /")
	case strings.ContainsFunc(s, foreign):
		c.fail(n.at, "as it is sent: a space is %20", "%s = %s has a character that no path can have", k.Name, quote(clip(s)))
	default:
		return s, true
	}
	return "", false
}

// healthHost is a Host field.
func healthHost() Type {
	return Type{
		Says:   `a host such as "example.com"`,
		schema: object{"type": "string"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			if !ok || s == "" {
				return s, ok
			}
			host, _, _ := strings.Cut(s, ":")
			if strings.HasPrefix(s, "[") {
				host, _, _ = strings.Cut(s, "]:")
			}
			if strings.Contains(host, "*") || badHost(strings.ToLower(host)) != "" {
				return c.wrong(k, n, `the one name that the app expects: host = "example.com"`)
			}
			return s, true
		},
	}
}

// statusRanges are statuses and ranges of them.
func statusRanges() Type {
	item := object{"anyOf": []any{
		object{"type": "integer", "minimum": 100, "maximum": maxStatus},
		object{"type": "string", "pattern": "^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$"},
	}}
	return Type{
		Says:   `a status, a range such as "200-399", or a list`,
		schema: object{"anyOf": []any{item, object{"type": "array", "items": item, "minItems": 1}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			items := []*node{n}
			if n.kind == listKind {
				items = n.items
			}
			if len(items) == 0 {
				return c.empty(k, n, `write status = "200-399"`)
			}
			var all []StatusRange
			for _, item := range items {
				r, ok := c.statusRange(k, item)
				if !ok {
					return nil, false
				}
				all = append(all, r)
			}
			return all, true
		},
	}
}

func (c *checker) statusRange(k *Key, n *node) (StatusRange, bool) {
	from, to, isRange := strings.Cut(n.text, "-")
	if !isRange {
		to = from
	}
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	switch {
	case n.kind != integerKind && n.kind != textKind, errA != nil, errB != nil:
		return StatusRange{}, second(c.wrong(k, n, `write status = "200-399"`))
	case a < 100 || b > maxStatus:
		c.fail(n.at, "", "status = %s is outside of 100 to %d", clip(n.text), maxStatus)
		return StatusRange{}, false
	case a > b:
		c.fail(n.at, fmt.Sprintf("write status = \"%d-%d\"", b, a), "status = %s ends before it begins", quote(n.text))
		return StatusRange{}, false
	}
	return StatusRange{a, b}, true
}

// tableOrOff is a table of a feature that is off without it.
func tableOrOff(t *Table, name, example string) Type {
	return Type{
		Says: "a table", table: t,
		schema: object{"anyOf": []any{definition(name), object{"enum": []any{"", "off", false}}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind == tableKind {
				c.checkTable(t, n)
				return n, true
			}
			if isOff(n) && n.kind != listKind {
				return n, true
			}
			return c.wrong(k, n, "write "+example)
		},
	}
}

// webAddress is a URL to post to.
func webAddress() Type {
	return Type{
		Says:   `a URL such as "https://example.com/hook"`,
		schema: object{"type": "string", "pattern": "^https?://"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			if !ok {
				return nil, false
			}
			u, err := url.Parse(s)
			if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) {
				return c.wrong(k, n, "")
			}
			return s, true
		},
	}
}

// changes are strings and tables; what each is, is seen when they are built.
func changes(t *Table) Type {
	item := object{"anyOf": []any{object{"type": "string"}, definition("hook")}}
	return Type{
		Says: "a list of commands and URLs", table: t,
		schema: object{"anyOf": []any{item, object{"type": "array", "items": item}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			items := []*node{n}
			switch {
			case n.kind == listKind:
				items = n.items
			case n.kind == textKind && isOff(n):
				items = nil
			}
			ok := true
			for _, item := range items {
				switch item.kind {
				case tableKind:
					item.name = "on_change"
					c.checkTable(t, item)
				case textKind:
					of := t.must("command")
					if strings.Contains(item.text, "://") {
						of = t.must("url")
					}
					item.value, item.ok = of.Type.parse(c, of, item)
					ok = ok && item.ok
				default:
					c.wrong(k, item, `write a command, a URL, or { url = "https://..." }`)
					ok = false
				}
			}
			return items, ok
		},
	}
}
