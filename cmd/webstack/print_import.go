package main

import (
	"fmt"

	"github.com/webstack/webstack/install/importer"
)

// importDocument is what import --report json prints.
type importDocument struct {
	Version int `json:"version"`
	// Spec is the TOML.
	Spec       string         `json:"spec"`
	Left       bool           `json:"left"`
	Counts     importCounts   `json:"counts"`
	Directives []importEntry  `json:"directives"`
	Closed     []importClosed `json:"closed"`
	Problems   []problem      `json:"problems"`
	Notes      []string       `json:"notes"`
}

type importCounts struct {
	Converted   int `json:"converted"`
	Differs     int `json:"differs"`
	Unsupported int `json:"not_supported"`
}

type importEntry struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Name    string `json:"name"`
	Text    string `json:"text"`
	Outcome string `json:"outcome"`
	Note    string `json:"note,omitempty"`
}

type importClosed struct {
	Table  string `json:"table"`
	From   string `json:"from,omitempty"`
	Reason string `json:"reason"`
}

func newImportDocument(result *importer.Result) importDocument {
	r := result.Report
	doc := importDocument{
		Version: documentVersion, Spec: result.TOML, Left: r.Left(),
		Counts: importCounts{r.Count(importer.Converted), r.Count(importer.Differs), r.Count(importer.Unsupported)},
		// Lists are lists in JSON also where nothing is in them.
		Directives: []importEntry{}, Closed: []importClosed{}, Problems: []problem{}, Notes: append([]string{}, r.Notes...),
	}
	for _, e := range r.Entries {
		doc.Directives = append(doc.Directives, importEntry{e.File, e.Line, e.Name, e.Text, string(e.Outcome), e.Note()})
	}
	for _, c := range r.Closed {
		doc.Closed = append(doc.Closed, importClosed(c))
	}
	for _, p := range r.Problems {
		doc.Problems = append(doc.Problems, problem{File: p.File, Line: p.Line, Message: p.Message})
	}
	return doc
}

// importReport tells a person what became of what was read, on stderr: the
// spec is on stdout.
func (c *console) importReport(r *importer.Report, full bool) {
	say := func(format string, args ...any) {
		fmt.Fprint(c.stderr, c.characters(printable(fmt.Sprintf(format, args...)))+"\n")
	}
	for _, p := range r.Problems {
		say("%s:%d: %s", p.File, p.Line, p.Message)
	}
	kinds := []importer.Outcome{importer.Unsupported, importer.Differs}
	if full {
		kinds = append(kinds, importer.Converted)
	}
	for _, kind := range kinds {
		for _, e := range r.Entries {
			if e.Outcome != kind {
				continue
			}
			label := map[importer.Outcome]string{
				importer.Unsupported: c.bad("not supported"), importer.Differs: c.warn("differs"), importer.Converted: c.good("converted"),
			}[kind]
			fmt.Fprint(c.stderr, label+"  ")
			if note := e.Note(); note != "" {
				say("%s:%d: %s: %s", e.File, e.Line, e.Text, note)
			} else {
				say("%s:%d: %s", e.File, e.Line, e.Text)
			}
		}
	}
	for _, closed := range r.Closed {
		fmt.Fprint(c.stderr, c.bad("closed")+"  ")
		say("%s: %s", closed.Table, closed.Reason)
	}
	for _, n := range r.Notes {
		say("note  %s", n)
	}
	say("%s: %d converted, %d differ, %d not supported. %s.", count(len(r.Entries), "directive"), r.Count(importer.Converted),
		r.Count(importer.Differs), r.Count(importer.Unsupported), count(len(r.Closed), "closed table"))
}
