package spec

import (
	"fmt"
	"strings"
)

// unknown explains a key that the table has not: moved below a sub-table's
// header, meant for another kind of table, named as other software names it,
// or misspelt.
func (c *checker) unknown(t *Table, in, e *node) {
	in.broken = true
	hint := ""
	switch {
	case c.owner(t, e.name) != nil && in.origin != inline:
		hint = fmt.Sprintf("move it above the header %s: it is a key of %s", headerOf(in), c.owner(t, e.name).Header)
	case t == c.schema.root && e.kind == tableKind:
		hint = c.similarTable(e)
	case t == c.schema.root:
		if other := c.home(e.name); other != nil {
			hint = fmt.Sprintf("put it below the header of its table, %s", other.Header)
		}
	}
	if hint == "" {
		hint = c.similar(t, e.name)
	}
	what := "key"
	if e.kind == tableKind && e.origin != inline {
		what = "table"
	}
	c.fail(e.key, hint, "%s has no %s %s", t.Noun, what, show(e.name))
}

// headerOf is a table's header as it is written; for a table without one, its
// name.
func headerOf(n *node) string {
	if n.origin == headed && n.key.src != nil {
		if header, _, closed := strings.Cut(n.key.src.line(n.key.start), "]"); closed {
			return strings.TrimSpace(header) + "]"
		}
	}
	return show(n.name)
}

// owner is the table that a sub-table belongs to, if the key is one of its.
func (c *checker) owner(t *Table, name string) *Table {
	parent := map[*Table]*Table{
		c.schema.limits: c.schema.app, c.schema.health: c.schema.app, c.schema.deploy: c.schema.app,
		c.schema.watchdog: c.schema.health, c.schema.route: c.schema.site, c.schema.server: c.schema.upstream,
	}[t]
	if parent != nil && parent.key(name) != nil {
		return parent
	}
	return nil
}

// home is the first table that has the key.
func (c *checker) home(name string) *Table {
	for _, t := range c.schema.tables() {
		if t != c.schema.root && t.key(name) != nil {
			return t
		}
	}
	return nil
}

// maxListed is how many keys a hint lists.
const maxListed = 12

// similar is the hint for a key that may be misspelt or foreign.
func (c *checker) similar(t *Table, name string) string {
	var names []string
	for i := range t.Keys {
		if t.Keys[i].Status == Ready {
			names = append(names, t.Keys[i].Name)
		}
	}
	if best := nearest(name, names); best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	if who, key := t.foreign(name); key != "" {
		return fmt.Sprintf("what %s calls %s is %s here", who, name, key)
	}
	if other := c.home(name); other != nil {
		return fmt.Sprintf("it is a key of %s", other.Header)
	}
	for _, other := range c.schema.tables() {
		if who, key := other.foreign(name); key != "" {
			return fmt.Sprintf("what %s calls %s is %s of %s here", who, name, key, other.Header)
		}
	}
	if len(names) > maxListed {
		return "`webstack schema` lists the keys"
	}
	return "the keys are " + strings.Join(names, ", ")
}

// foreign is the key that other software has another name for, and which.
func (t *Table) foreign(name string) (who, key string) {
	for _, k := range t.Keys {
		for _, r := range k.Replaces {
			if by, theirs, _ := strings.Cut(r, " "); theirs == name {
				return by, k.Name
			}
		}
	}
	return "", ""
}

// similarTable is the hint for a top-level table that is not ours.
func (c *checker) similarTable(e *node) string {
	known := map[string]string{
		"apps": "app", "program": "app", "service": "app", "application": "app",
		"server": "site", "sites": "site", "vhost": "site", "http": "site", "upstreams": "upstream",
	}
	name := known[e.name]
	if name == "" {
		name = nearest(e.name, []string{"app", "upstream", "site", "proxy"})
	}
	switch name {
	case "":
		return "tables are [app.NAME], [upstream.NAME], [site.NAME] and [proxy]"
	case "proxy":
		return "did you mean [proxy]?"
	}
	return fmt.Sprintf("did you mean [%s.NAME]?", name)
}

// misplaced finds a key of an app, a site or a route among names that the
// operator chooses (env, service, headers): there it would be taken as one of
// those names, without a word.
func (c *checker) misplaced(in *node, e *node) bool {
	for _, t := range []*Table{c.schema.app, c.schema.site, c.schema.route} {
		if t.key(e.name) == nil {
			continue
		}
		e.checked, in.broken = true, true
		c.fail(e.key, fmt.Sprintf("move it above the header %s", headerOf(in)),
			"%s is a key of %s, but stands in %s", e.name, t.Noun, in.name)
		return true
	}
	return false
}
