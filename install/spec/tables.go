package spec

// Tables are the tables of keys in the reference's order, for other forms of
// the reference. The last one, of what stands outside of all tables, is left
// out: its keys are the other tables.
func Tables() []*Table {
	s := newSchema()
	all := s.tables()
	return all[:len(all)-1]
}

// Rules is what the reference says of all keys, in Markdown.
func Rules() string { return referenceRules }
