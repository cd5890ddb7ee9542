package spec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/spec"
)

// TestMistakes reads testdata/*.txtar. Each section is a spec with mistakes,
// and behind it, in lines that are not part of the text, what must be said:
//
//	#! LINE:COLUMN+LENGTH message
//	#? hint of the message above
//
// -update writes what is said now, to be read before it is committed.
func TestMistakes(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	messages := map[string]bool{}
	for _, path := range paths {
		head, sections := readFixture(t, path)
		for i, section := range sections {
			text, want := splitAssertions(section.text)
			t.Run(filepath.Base(path)+"/"+section.name, func(t *testing.T) {
				s, diags := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(text)}})
				got := assertions(diags)
				if *update {
					sections[i].text = text + got
					return
				}
				if got != want {
					t.Errorf("got\n%swant\n%s", got, want)
				}
				if s != nil {
					t.Error("got a spec in spite of the mistakes")
				}
				for _, d := range diags {
					messages[strings.Map(onlyWords, d.Message)] = true
				}
			})
		}
		if *update {
			var b strings.Builder
			b.WriteString(head)
			for _, section := range sections {
				fmt.Fprintf(&b, "-- %s --\n%s", section.name, section.text)
			}
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	const least = 100
	if len(messages) < least && !*update {
		t.Errorf("got %d distinct mistakes, want at least %d", len(messages), least)
	}
}

// section is one file of a txtar archive.
type section struct{ name, text string }

// readFixture splits a txtar archive into its comment and its sections.
func readFixture(t *testing.T, path string) (head string, sections []section) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.SplitAfter(string(data), "\n") {
		name, marked := strings.CutPrefix(line, "-- ")
		if name, marked2 := strings.CutSuffix(name, " --\n"); marked && marked2 {
			sections = append(sections, section{name: name})
		} else if len(sections) == 0 {
			head += line
		} else {
			sections[len(sections)-1].text += line
		}
	}
	return head, sections
}

// splitAssertions separates a section's text from its assertions.
func splitAssertions(data string) (text, want string) {
	for _, line := range strings.SplitAfter(data, "\n") {
		if strings.HasPrefix(line, "#! ") || strings.HasPrefix(line, "#? ") {
			want += line
		} else {
			text += line
		}
	}
	return text, want
}

func assertions(diags []spec.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "#! %d:%d+%d %s\n", d.Position.Line, d.Position.Column, d.Position.Length, d.Message)
		if d.Hint != "" {
			fmt.Fprintf(&b, "#? %s\n", d.Hint)
		}
	}
	return b.String()
}

func onlyWords(r rune) rune {
	if '0' <= r && r <= '9' {
		return -1
	}
	return r
}

// TestMessagesAreForOperators holds every message of the fixtures to the
// style: a lower-case sentence without a final period, no word of Go's.
func TestMessagesAreForOperators(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			message, found := strings.CutPrefix(line, "#! ")
			if !found {
				continue
			}
			_, message, _ = strings.Cut(message, " ")
			for _, word := range []string{"int64", "float64", "[]string", "map[", "interface", "nil", "%!", "unmarshal", "uint"} {
				if strings.Contains(message, word) {
					t.Errorf("%s: %q has the word %q", path, message, word)
				}
			}
			if strings.HasSuffix(message, ".") {
				t.Errorf("%s: %q ends in a period", path, message)
			}
		}
	}
}
