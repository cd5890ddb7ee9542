package nginx

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of what is read, so that a circle of includes and a file that is no
// configuration end at once.
const (
	// maxDepth is how deep blocks and includes may be nested; nginx's own
	// contexts need five.
	maxDepth = 40
	// maxDirectives bounds one configuration: some thousand servers.
	maxDirectives = 200_000
)

// Directive is one directive with its place.
type Directive struct {
	File string
	Line int
	Name string
	Args []string
	// HasBlock says that it has a block, whose directives are Block; Opaque
	// that the block holds no directives and was skipped.
	HasBlock, Opaque bool
	Block            []*Directive
	// Files are what an include named; nil for all others.
	Files []string
}

// String is the directive as one line, without its block.
func (d *Directive) String() string {
	return strings.Join(append([]string{d.Name}, d.Args...), " ")
}

// Text is one file.
type Text struct{ Name, Data string }

// Include gives the files of a pattern in the order in which nginx reads them.
type Include func(pattern string) ([]Text, error)

// Problem is a place that nginx would not read, or that could not be.
type Problem struct {
	File    string
	Line    int
	Message string
}

// Config is one configuration.
type Config struct {
	Directives []*Directive
	Problems   []Problem
}

// Read reads a text with all that it includes. A nil include finds nothing.
func Read(t Text, include Include) *Config {
	r := &reader{config: &Config{}, include: include}
	r.config.Directives = r.file(t, 0)
	return r.config
}

// All calls each for every directive, in the order of the text.
func All(list []*Directive, each func(*Directive)) {
	for _, d := range list {
		each(d)
		All(d.Block, each)
	}
}

// reader puts directives together from tokens.
type reader struct {
	config  *Config
	include Include
	count   int
	// full says that maxDirectives were read, and that it was said.
	full bool
}

func (r *reader) problem(file string, line int, format string, args ...any) {
	r.config.Problems = append(r.config.Problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

// file reads one file, whose directives stand in depth blocks and includes.
func (r *reader) file(t Text, depth int) []*Directive {
	s := &scanner{text: t.Data, line: 1}
	var all []*Directive
	for {
		list, closed := r.block(s, t.Name, depth)
		all = append(all, list...)
		if !closed || r.full {
			return all
		}
		r.problem(t.Name, s.line, `a "}" closes nothing`)
	}
}

// block reads directives up to a "}", or up to the end of the text, where
// closed is false.
func (r *reader) block(s *scanner, file string, depth int) (all []*Directive, closed bool) {
	var d *Directive
	done := func() {
		if d != nil {
			all = append(all, d)
			all = append(all, r.included(d, depth)...)
			d = nil
		}
	}
	for !r.full {
		t := s.next()
		if t.broken != "" {
			r.problem(file, t.line, "%s", t.broken)
		}
		switch {
		case t.kind == word && d == nil:
			if r.count++; r.count > maxDirectives {
				r.full = true
				r.problem(file, t.line, "there are more than %d directives; the rest was not read", maxDirectives)
				return all, false
			}
			d = &Directive{File: file, Line: t.line, Name: t.text}
		case t.kind == word:
			d.Args = append(d.Args, t.text)
		case t.kind == open:
			if d == nil {
				d = &Directive{File: file, Line: t.line}
				r.problem(file, t.line, `a "{" has no name before it`)
			}
			r.enter(s, d, depth)
			done()
		case t.kind == semicolon:
			if d == nil {
				r.problem(file, t.line, `a ";" ends nothing`)
			}
			done()
		default: // shut or end
			if d != nil {
				r.problem(file, d.Line, `directive %q is not ended by a ";"`, d.Name)
			}
			done()
			return all, t.kind == shut
		}
	}
	return all, false
}

// enter reads the block of a directive.
func (r *reader) enter(s *scanner, d *Directive, depth int) {
	d.HasBlock = true
	d.Opaque = opaque(d.Name) || depth >= maxDepth
	closed := false
	switch {
	case !d.Opaque:
		d.Block, closed = r.block(s, d.File, depth+1)
	case depth >= maxDepth:
		r.problem(d.File, d.Line, "blocks are nested more than %d deep; what is in this one was not read", maxDepth)
		fallthrough
	default:
		closed = s.raw()
	}
	if !closed && !r.full {
		r.problem(d.File, d.Line, "the block of %q is not closed by a \"}\"", d.Name)
	}
}

// opaque says whether a block holds something else than directives.
func opaque(name string) bool {
	return slices.Contains([]string{"types", "map", "geo", "split_clients", "charset_map"}, name) || strings.HasSuffix(name, "_by_lua_block")
}

// included reads what an include names.
func (r *reader) included(d *Directive, depth int) []*Directive {
	if d.Name != "include" || len(d.Args) != 1 || d.HasBlock {
		return nil
	}
	d.Files = []string{}
	if depth >= maxDepth {
		r.problem(d.File, d.Line, "includes are nested more than %d deep; %s was not read", maxDepth, d.Args[0])
		return nil
	}
	if r.include == nil {
		r.problem(d.File, d.Line, "cannot read %s: there are no files here", d.Args[0])
		return nil
	}
	texts, err := r.include(d.Args[0])
	if err != nil {
		r.problem(d.File, d.Line, "cannot read %s: %v", d.Args[0], err)
		return nil
	}
	var all []*Directive
	for _, t := range texts {
		d.Files = append(d.Files, t.Name)
		all = append(all, r.file(t, depth+1)...)
	}
	return all
}
