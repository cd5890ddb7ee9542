package spec

import (
	"fmt"
	"strings"
)

// checker holds what is found while a spec is read: every mistake, and enough
// to say nothing about what only follows from another mistake.
type checker struct {
	schema *schema
	diags  []Diagnostic
	// truncated says that a file could not be read to its end: what is not
	// there may well be, so nothing is called missing or undefined.
	truncated bool
	// defaults holds the parsed built-in values.
	defaults map[*Key]*node
	// where and effective are what Spec.Position and Spec.Provenance return.
	where     map[string]span
	effective []Provenance
}

func newChecker() *checker {
	return &checker{schema: newSchema(), defaults: map[*Key]*node{}, where: map[string]span{}}
}

// fail reports a mistake; the hint is its remedy, or "".
func (c *checker) fail(at span, hint, format string, args ...any) {
	c.diags = append(c.diags, diagnose(at, hint, fmt.Sprintf(format, args...)))
}

// checkRoot holds the merged tree against the schema, table by table.
func (c *checker) checkRoot(root *node) {
	for _, e := range root.entries {
		k := c.schema.root.key(e.name)
		switch {
		case k == nil:
			c.unknown(c.schema.root, root, e)
		case k.Status == Next:
			c.value(k, e)
		case e.name == "on_change":
			c.value(k, e)
		case e.name == "proxy":
			c.checkTable(c.schema.proxy, e)
		default:
			c.checkNamed(e)
		}
	}
}

// checkNamed checks [app.*], [upstream.*] or [site.*].
func (c *checker) checkNamed(group *node) {
	t := map[string]*Table{"app": c.schema.app, "upstream": c.schema.upstream, "site": c.schema.site}[group.name]
	if group.kind != tableKind {
		c.fail(group.at, fmt.Sprintf("write a header: [%s.NAME]", group.name), "%s is %s; it holds tables by name", group.name, written(group))
		return
	}
	for _, e := range group.entries {
		switch {
		case e.kind != tableKind && t.key(e.name) != nil:
			if !group.broken { // once for all of them
				c.fail(e.key, fmt.Sprintf("write the header as [%s.NAME]", group.name), "%s stands below [%s], which has no name", e.name, group.name)
			}
			group.broken = true
		case e.kind != tableKind:
			c.fail(e.key, fmt.Sprintf("write a header: [%s.%s]", group.name, show(e.name)), "%s.%s is %s, not a table", group.name, show(e.name), written(e))
		case e.origin == implied && c.dottedName(group, e):
		default:
			c.checkName(group.name, e)
			c.checkTable(t, e)
		}
	}
}

// dottedName explains [app.a.b] where b is no table of an app.
func (c *checker) dottedName(group, e *node) bool {
	t := map[string]*Table{"app": c.schema.app, "upstream": c.schema.upstream, "site": c.schema.site}[group.name]
	explained := false
	for _, sub := range e.entries {
		if sub.kind == tableKind && t.key(sub.name) == nil && sub.origin != inline && sub.origin != dotted {
			c.fail(sub.key, fmt.Sprintf("a name has no dots: [%s.%s-%s]", group.name, e.name, sub.name),
				"[%s.%s.%s] is not %s: %s", group.name, show(e.name), show(sub.name), t.Noun, noTable(t, sub.name))
			explained = true
		}
	}
	e.broken = e.broken || explained
	return explained
}

func noTable(t *Table, name string) string {
	return fmt.Sprintf("%s has no table named %s", t.Noun, show(name))
}

// checkTable checks every key of one table.
func (c *checker) checkTable(t *Table, n *node) {
	if n.kind != tableKind {
		c.fail(n.at, "write it as a table: "+t.Header, "%s is %s, not a table", show(n.name), written(n))
		n.broken = true
		return
	}
	for _, e := range n.entries {
		k := t.key(e.name)
		switch {
		case k == nil:
			c.unknown(t, n, e)
		case t == c.schema.site && e.name == "routes":
			c.checkRoutes(e)
		default:
			c.value(k, e)
		}
	}
}

// checkRoutes checks the routes of a site.
func (c *checker) checkRoutes(n *node) {
	if n.kind != tableKind {
		c.fail(n.at, `write a table for each path: routes."/" = { app = "NAME" }`, "routes is %s, not a table", written(n))
		n.broken = true
		return
	}
	for _, e := range n.entries {
		if e.kind == tableKind {
			c.checkTable(c.schema.route, e)
			continue
		}
		e.broken = true
		if k := c.schema.route.key(e.name); k != nil {
			c.fail(e.key, fmt.Sprintf(`name the path: routes."/".%s = ...`, e.name), "%s stands in routes without a path", e.name)
			continue
		}
		c.fail(e.at, fmt.Sprintf(`write what answers: routes.%s = { app = "NAME" }`, quote(e.name)), "route %s is %s, not a table", quote(e.name), written(e))
	}
}

// value checks one key's value, once: it may be reached again by inheritance.
func (c *checker) value(k *Key, n *node) (any, bool) {
	if n.checked {
		return n.value, n.ok
	}
	n.checked = true
	if k.Status == Next {
		n.ok = isOff(n)
		if !n.ok {
			c.fail(n.key, "delete it, or set it to its off value", "%s is not in this version: %s", k.Name, lowerFirst(strings.TrimSuffix(k.Doc, ".")))
		}
		return nil, n.ok
	}
	n.value, n.ok = k.Type.parse(c, k, n)
	return n.value, n.ok
}

// isOff says whether a value is what turns any key off.
func isOff(n *node) bool {
	switch n.kind {
	case listKind:
		return len(n.items) == 0
	case tableKind:
		return false
	}
	return n.text == "" || n.text == "off" || n.text == "0" || n.text == "0s" || n.text == "false"
}

func lowerFirst(s string) string {
	if len(s) > 1 && 'A' <= s[0] && s[0] <= 'Z' && !('A' <= s[1] && s[1] <= 'Z') {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
