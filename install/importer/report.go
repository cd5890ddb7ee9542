package importer

import (
	"slices"
	"strings"
)

// Outcome is what became of a directive.
type Outcome string

const (
	// Converted: the spec says the same, or webstack does it unasked.
	Converted Outcome = "converted"
	// Differs: webstack does it in another way, which the note names with what
	// follows from it.
	Differs Outcome = "differs"
	// Unsupported: a spec cannot say it today.
	Unsupported Outcome = "not supported"
)

// rank orders outcomes: of two for one directive, the worse holds.
func (o Outcome) rank() int { return slices.Index([]Outcome{"", Converted, Differs, Unsupported}, o) }

// Entry is one directive or key, and what became of it.
type Entry struct {
	File string
	Line int
	// Name is the directive's, Text the whole of it on one line, without its
	// block.
	Name, Text string
	Outcome    Outcome
	// Notes say what it became, or what its loss means.
	Notes []string
}

// mark notes an outcome; the worst of all holds.
func (e *Entry) mark(o Outcome, note string) {
	if e == nil {
		return
	}
	if o.rank() > e.Outcome.rank() {
		if e.Outcome == Converted {
			e.Notes = nil // what it became is no news beside what is lost
		}
		e.Outcome = o
	} else if o.rank() < e.Outcome.rank() {
		return
	}
	if note != "" && !slices.Contains(e.Notes, note) && len(e.Notes) < maxNotes {
		e.Notes = append(e.Notes, note)
	}
}

// maxNotes bounds what is said of one directive: one that a thousand routes
// share needs no thousand reasons.
const maxNotes = 6

// Note is the entry's notes in one line.
func (e *Entry) Note() string { return strings.Join(e.Notes, "; ") }

// place is "FILE:LINE".
func (e *Entry) place() string { return place(e.File, e.Line) }

// Problem is a place that nginx or supervisord itself would not have read.
type Problem struct {
	File    string
	Line    int
	Message string
}

// Report is what became of everything.
type Report struct {
	// Entries are in the order of the texts.
	Entries []*Entry
	// Closed are the tables that stand in the spec as comments.
	Closed []Closed
	// Problems are places that could not be read.
	Problems []Problem
	// Notes are differences that no directive asks for: defaults that nobody
	// wrote down.
	Notes []string
}

// Closed is one table of the spec that is a comment, and why.
type Closed struct {
	// Table is its header.
	Table string
	// From is where it comes from.
	From   string
	Reason string
}

// Count is how many entries have an outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for _, e := range r.Entries {
		if e.Outcome == o {
			n++
		}
	}
	return n
}

// Left says whether anything is left to do by hand.
func (r *Report) Left() bool {
	return r.Count(Unsupported) > 0 || len(r.Closed) > 0 || len(r.Problems) > 0
}

// entry adds one, which nothing has become yet.
func (r *Report) entry(file string, line int, name, text string) *Entry {
	e := &Entry{File: file, Line: line, Name: name, Text: oneLine(text)}
	r.Entries = append(r.Entries, e)
	return e
}

// note adds a difference that no directive asks for, once.
func (r *Report) note(text string) {
	if !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}
