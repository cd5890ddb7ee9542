package importer

import "strings"

// Row is one directive, or several of one kind, and what becomes of it. The
// conversion of what needs more than a word is in the code; for everything
// else the row is all there is.
type Row struct {
	// Names are the directives, "fastcgi_*" for all that begin so.
	Names string
	// Becomes is the key of the spec, or "-".
	Becomes string
	Outcome Outcome
	// Note says how it differs, or what its loss means.
	Note string
	// Protects says that what it is in force for would be open without it.
	Protects bool
	// Answers says that it answers requests itself, in the place of files and
	// applications.
	Answers bool
}

// has says whether the row is about a directive.
func (r *Row) has(name string) bool {
	for one := range strings.FieldsSeq(r.Names) {
		if prefix, all := strings.CutSuffix(one, "*"); one == name || all && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// find is the first row about a directive, nil where nobody has heard of it.
func find(rows []Row, name string) *Row {
	for i := range rows {
		if rows[i].has(name) {
			return &rows[i]
		}
	}
	return nil
}
