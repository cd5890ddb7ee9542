package spec_test

import (
	"strings"
	"testing"

	"github.com/webstack/webstack/install/spec"
)

func TestDiagnosticString(t *testing.T) {
	for _, c := range []struct {
		name, excerpt string
		line, column  int
		length        int
		want          []string
	}{
		{"plain", `"/" = { app = "x" }`, 9, 15, 3, []string{`   9 | "/" = { app = "x" }`, `     |               ^^^`}},
		{"behind a tab", "\tuser\t= 5", 9, 9, 1, []string{"   9 | \tuser\t= 5", "     | \t    \t  ^"}},
		{"behind characters of several bytes", `a = "é" x`, 9, 9, 1, []string{`   9 | a = "é" x`, `     |         ^`}},
		{"behind wide characters", `a = "日本" x`, 9, 10, 1, []string{`   9 | a = "日本" x`, `     |            ^`}},
		{"wide characters", `a = "日本"`, 9, 6, 2, []string{`   9 | a = "日本"`, `     |      ^^^^`}},
		{"a combining character", "a = \"e\u0301\" x", 9, 10, 1, []string{"   9 | a = \"e\u0301\" x", "     |         ^"}},
		{"behind the end", "a =", 9, 4, 1, []string{"   9 | a =", "     |    ^"}},
		{"a line number of five digits", "a", 12345, 1, 1, []string{"12345 | a", "      | ^"}},
		{"control characters", "a = \x1b[31m", 9, 1, 1, []string{"   9 | a = �[31m", "     | ^"}},
		{"a character that turns the direction", "a = \u202ex", 9, 1, 1, []string{"   9 | a = �x", "     | ^"}},
		{"a long line", strings.Repeat("x", 300) + "y" + strings.Repeat("z", 300), 9, 301, 1, []string{
			"   9 | …" + strings.Repeat("x", 33) + "y" + strings.Repeat("z", 66) + "…", "     | " + strings.Repeat(" ", 34) + "^",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := spec.Diagnostic{
				Position: spec.Position{File: "f.toml", Line: c.line, Column: c.column, Length: c.length},
				Message:  "wrong", Hint: "right", Excerpt: c.excerpt,
			}
			lines := strings.Split(d.String(), "\n")
			if len(lines) != 4 || !strings.HasPrefix(lines[0], "webstack: error: f.toml:") || lines[3] != "webstack: hint: right" {
				t.Fatalf("got\n%s", d)
			}
			for i, want := range c.want {
				if lines[i+1] != want {
					t.Errorf("got  %q\nwant %q", lines[i+1], want)
				}
			}
		})
	}
}

func TestDiagnosticWithoutAPlace(t *testing.T) {
	if got := (spec.Diagnostic{Message: "wrong"}).String(); got != "webstack: error: wrong" {
		t.Errorf("got %q", got)
	}
}
