package lossless

import "strings"

// NotesFolder is where the instances write the ids of POSTs down.
const NotesFolder = "/var/lib/site"

// Audit is what the notes say of the POSTs.
type Audit struct {
	// Ran is how many did, Twice how many of them more than once, Never how
	// many did not and were answered with 2xx.
	Ran, Twice, Never int
}

// NewAudit compares the notes of all instances, a line for each run, with what
// was answered.
func NewAudit(notes string, answered map[string]bool) Audit {
	runs := map[string]int{}
	for id := range strings.FieldsSeq(notes) {
		runs[id]++
	}
	var a Audit
	for _, times := range runs {
		a.Ran++
		if times > 1 {
			a.Twice++
		}
	}
	for id := range answered {
		if runs[id] == 0 {
			a.Never++
		}
	}
	return a
}
