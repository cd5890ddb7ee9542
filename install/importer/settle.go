package importer

import (
	"github.com/webstack/webstack/install/spec"
)

// specName is what the written spec is called in messages about it.
const specName = "webstack.toml"

// settle asks install/spec what it would not take, and closes those tables,
// until it takes all. What was converted by a rule of ours is thus never held
// against a rule of the spec's that we forgot.
func (c *conversion) settle() string {
	tables := c.doc.all()
	// Each round closes a table or takes away what stands in its place.
	for range 2*len(tables) + 1 {
		text, owner := c.doc.render()
		_, found := spec.Parse([]spec.File{{Name: specName, Data: []byte(text)}})
		if len(found) == 0 {
			return text
		}
		changed := c.fill()
		for _, d := range found {
			if i := d.Position.Line - 1; 0 <= i && i < len(owner) {
				changed = c.refused(owner[i], d.Message) || changed
			}
		}
		if !changed {
			break
		}
	}
	// A mistake in no table of ours: nothing of it may be run by mistake.
	for _, t := range tables {
		t.close("the spec as a whole is not valid")
		t.instead = nil
	}
	text, _ := c.doc.render()
	return text
}

// fill keeps a spec of which all is a comment from being empty, which
// install/spec refuses. It says whether that changes anything.
func (c *conversion) fill() bool {
	for _, t := range c.doc.tables {
		if t.closed == "" {
			return false
		}
	}
	c.doc.tables = append([]*table{c.proxy}, c.doc.tables...)
	return true
}

// refused closes a table that install/spec refuses; it says whether that
// changes anything.
func (c *conversion) refused(t *table, why string) bool {
	switch {
	case t == nil:
		return false
	case t.closed == "":
		var instead []pair
		if t.dotted != "" {
			instead = refuse(statusUnsupported)
		}
		why = oneLine(why)
		t.close("webstack would not take it: "+why, instead...)
		for _, e := range t.entries {
			e.mark(Unsupported, "webstack would not take "+t.header+": "+why)
		}
		return true
	case t.instead != nil:
		t.instead = nil
		return true
	}
	return false
}

// The statuses of routes that stand in for one that is a comment.
const (
	// statusProtected is for what is guarded where it comes from.
	statusProtected = "403"
	// statusUnsupported is for what cannot be said yet.
	statusUnsupported = "501"
)

func refuse(status string) []pair { return []pair{{"respond", status}} }
