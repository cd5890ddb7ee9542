package spec

// merge lays one file's tree over those before it, table by table. What both
// have is an error that names both places, unless the file may override.
func (c *checker) merge(into, from *node, override bool, path string) {
	into.broken = into.broken || from.broken
	for _, e := range from.entries {
		old := into.entry(e.name)
		key := joinKey(path, e.name)
		switch {
		case old == nil:
			into.add(e)
		case old.kind == tableKind && e.kind == tableKind:
			if old.origin == implied && e.origin != implied {
				old.origin, old.key, old.at = e.origin, e.key, e.at
			}
			c.merge(old, e, override, key)
		case override:
			replaced := append(old.replaced, old.at)
			*old = *e
			old.replaced = replaced
		default:
			c.fail(e.key, "keep one of the two; only a file in override.d may replace a key",
				"%s is set here and in %s", key, old.key.place())
		}
	}
}
