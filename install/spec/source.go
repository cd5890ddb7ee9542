package spec

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// source is the text of one file with an index of its lines.
type source struct {
	name     string
	text     string
	override bool
	// order is the file's place in the merge, by which diagnostics sort.
	order int
	// lines holds the offset of each line's first byte.
	lines []int
}

// span is a range of bytes of one source. The zero span is nowhere: it belongs
// to built-in values.
type span struct {
	src        *source
	start, end int
}

func newSource(f File, order int) *source {
	// A byte order mark is not part of the text: an editor on Windows adds it,
	// and no column should count it.
	s := &source{name: f.Name, text: strings.TrimPrefix(string(f.Data), "\ufeff"), override: f.Override, order: order}
	s.lines = append(s.lines, 0)
	for i := 0; i < len(s.text); i++ {
		if s.text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// lineOf is the index, from 0, of the line that holds the byte at offset.
func (s *source) lineOf(offset int) int {
	return sort.SearchInts(s.lines, offset+1) - 1
}

// lineEnd is the offset behind the last byte of the line that holds offset,
// without its line ending.
func (s *source) lineEnd(offset int) int {
	end := len(s.text)
	if next := s.lineOf(offset) + 1; next < len(s.lines) {
		end = s.lines[next] - 1
	}
	start := s.lines[s.lineOf(offset)]
	if end > start && s.text[end-1] == '\r' {
		end--
	}
	return max(end, start)
}

// line is the text of the line that holds offset.
func (s *source) line(offset int) string {
	return s.text[s.lines[s.lineOf(offset)]:s.lineEnd(offset)]
}

// position turns a range of bytes into what an editor shows. A range that
// goes over several lines marks the rest of its first one.
func (at span) position() Position {
	if at.src == nil {
		return Position{}
	}
	s := at.src
	start := min(max(at.start, 0), len(s.text))
	line := s.lineOf(start)
	first, last := s.lines[line], s.lineEnd(start)
	start = min(start, last)
	end := min(max(at.end, start), last)
	// A range may begin or end inside a character where the text is not
	// UTF-8; half a character has no column of its own.
	for start > first && start < last && !utf8.RuneStart(s.text[start]) {
		start--
	}
	for end < last && !utf8.RuneStart(s.text[end]) {
		end++
	}
	return Position{
		File:   s.name,
		Line:   line + 1,
		Column: utf8.RuneCountInString(s.text[first:start]) + 1,
		Length: max(1, utf8.RuneCountInString(s.text[start:end])),
	}
}

// text is what the range holds.
func (at span) text() string {
	if at.src == nil {
		return ""
	}
	return at.src.text[at.start:at.end]
}

// place is how a message names another spot: "webstack.toml:4".
func (at span) place() string {
	return at.position().place()
}
