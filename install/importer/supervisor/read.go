package supervisor

import (
	"fmt"
	"slices"
	"strings"
)

// maxKeys bounds one configuration.
const maxKeys = 100_000

// Text is one file.
type Text struct{ Name, Data string }

// Include gives the files of a pattern, which is relative to the folder of
// the file that includes.
type Include func(pattern string) ([]Text, error)

// Key is one key of a section.
type Key struct {
	File  string
	Line  int
	Name  string
	Value string
}

// Section is one section. Of keys that came several times the last one holds;
// the ones before it are in Replaced.
type Section struct {
	File string
	Line int
	// Name is the header without its brackets: "program:shop".
	Name     string
	Keys     []Key
	Replaced []Key
}

// Kind is the part of the name before the ":", Title what is behind it.
func (s *Section) Kind() string { kind, _, _ := strings.Cut(s.Name, ":"); return kind }

// Title is the name behind the ":".
func (s *Section) Title() string { _, title, _ := strings.Cut(s.Name, ":"); return title }

// Get is the value of a key, "" where it is not there.
func (s *Section) Get(name string) (Key, bool) {
	for _, k := range s.Keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

// Problem is a line that supervisord would not read.
type Problem struct {
	File    string
	Line    int
	Message string
}

// Config is one configuration with all that it includes.
type Config struct {
	Sections []*Section
	Problems []Problem
}

// Read reads a text and the files that its [include] names. Included files
// include nothing themselves, as in supervisor. A nil include finds nothing.
func Read(t Text, include Include) *Config {
	r := &reader{config: &Config{}}
	r.file(t)
	i := slices.IndexFunc(r.config.Sections, func(s *Section) bool { return s.Name == "include" })
	if i < 0 {
		return r.config
	}
	files, ok := r.config.Sections[i].Get("files")
	if !ok {
		return r.config
	}
	for _, pattern := range strings.Fields(files.Value) {
		if include == nil {
			r.problem(files.File, files.Line, "cannot read %s: there are no files here", pattern)
			continue
		}
		texts, err := include(pattern)
		if err != nil {
			r.problem(files.File, files.Line, "cannot read %s: %v", pattern, err)
		}
		for _, t := range texts {
			r.file(t)
		}
	}
	return r.config
}

type reader struct {
	config *Config
	count  int
}

func (r *reader) problem(file string, line int, format string, args ...any) {
	r.config.Problems = append(r.config.Problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

// file reads one file line by line.
func (r *reader) file(t Text) {
	var section *Section
	var key *Key
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(t.Data, "\ufeff")) {
		number++
		text := uncomment(strings.TrimRight(line, "\r\n"))
		bare := strings.TrimSpace(text)
		switch {
		case bare == "":
			// An empty line does not end a value: the next indented line still
			// belongs to it.
			continue
		case (text[0] == ' ' || text[0] == '\t') && key != nil:
			key.Value += "\n" + bare
			continue
		case strings.HasPrefix(bare, "[") && strings.Contains(bare, "]"):
			section, key = r.section(t.Name, number, bare), nil
			continue
		case section == nil:
			r.problem(t.Name, number, "%q stands before the first section", clip(bare))
			continue
		}
		i := strings.IndexAny(bare, "=:")
		if i <= 0 {
			r.problem(t.Name, number, "%q is neither a section nor a key with a value", clip(bare))
			key = nil
			continue
		}
		if r.count++; r.count > maxKeys {
			r.problem(t.Name, number, "there are more than %d keys; the rest was not read", maxKeys)
			return
		}
		key = section.set(Key{t.Name, number, strings.ToLower(strings.TrimSpace(bare[:i])), strings.TrimSpace(bare[i+1:])})
	}
}

// section is the one of that name, which may have come before.
func (r *reader) section(file string, line int, header string) *Section {
	name := strings.TrimSpace(header[1:strings.IndexByte(header, ']')])
	for _, s := range r.config.Sections {
		if s.Name == name {
			return s
		}
	}
	s := &Section{File: file, Line: line, Name: name}
	r.config.Sections = append(r.config.Sections, s)
	return s
}

// set adds a key, in the place of one of the same name.
func (s *Section) set(k Key) *Key {
	for i := range s.Keys {
		if s.Keys[i].Name == k.Name {
			s.Replaced = append(s.Replaced, s.Keys[i])
			s.Keys[i] = k
			return &s.Keys[i]
		}
	}
	s.Keys = append(s.Keys, k)
	return &s.Keys[len(s.Keys)-1]
}

// uncomment cuts a comment off: a ";" or "#" at the start, or behind a space.
func uncomment(line string) string {
	for i := 0; i < len(line); i++ {
		if (line[i] == ';' || line[i] == '#') && (strings.TrimSpace(line[:i]) == "" || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}

// clip keeps a message on one line.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
