package nginx

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shape writes a tree in one line, as nginx would print it.
func shape(list []*Directive) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%d:%s", d.Line, d.Name)
		for _, a := range d.Args {
			fmt.Fprintf(&b, " %q", a)
		}
		switch {
		case d.Opaque:
			b.WriteString("{...}")
		case d.HasBlock:
			b.WriteString("{" + shape(d.Block) + "}")
		default:
			b.WriteByte(';')
		}
	}
	return b.String()
}

func TestWhatIsRead(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a directive":                          {"listen 80;", `1:listen "80";`},
		"lines are counted":                    {"a;\n\n# b;\nc d\n  e;", `1:a;4:c "d" "e";`},
		"quotes hold spaces and braces":        {`a "b; {c}" 'd "e"';`, `1:a "b; {c}" "d \"e\"";`},
		"a comment begins at a token alone":    {"a b#c; # d", `1:a "b#c";`},
		"backslashes":                          {`a \"b "c\td" e\.f;`, `1:a "\"b" "c\td" "e\\.f";`},
		"a variable in braces is one argument": {"a ${b}c;", `1:a "${b}c";`},
		"a block directly behind an argument":  {"location /{a;}", `1:location "/"{1:a;}`},
		"blocks in blocks":                     {"a{b{c;}d;}", `1:a{1:b{1:c;}1:d;}`},
		"a block that holds no directives":     {"types{text/html html;\n}\na;", `1:types{...}3:a;`},
		"a lua block with braces and strings":  {"content_by_lua_block { if {\"}\"} }\na;", `1:content_by_lua_block{...}2:a;`},
		"lines that end in CRLF":               {"a b;\r\nc;\r\n", `1:a "b";2:c;`},
		"a quoted argument over two lines":     {"a \"b\nc\";\nd;", "1:a \"b\\nc\";3:d;"},
	} {
		got := Read(Text{"nginx.conf", c.text}, nil)
		if s := shape(got.Directives); s != c.want {
			t.Errorf("%s: got %s, want %s", name, s, c.want)
		}
		if len(got.Problems) > 0 {
			t.Errorf("%s: got problems %v, want none", name, got.Problems)
		}
	}
}

func TestWhatNginxWouldNotReadIsSaidAndReadOn(t *testing.T) {
	for text, want := range map[string]string{
		"a { b }\nc;":   `directive "b" is not ended by a ";"`,
		"a;\n}\nb;":     `a "}" closes nothing`,
		"a { b;":        `the block of "a" is not closed by a "}"`,
		"a \"b":         "a quote is never closed",
		"; a;":          `a ";" ends nothing`,
		"{ a; }":        `a "{" has no name before it`,
		"a \"b\"c;":     "a quoted argument is followed by neither a space nor a \";\"",
		"include x;":    "cannot read x: there are no files here",
		"map $a $b { ;": `the block of "map" is not closed by a "}"`,
		strings.Repeat("a{", maxDepth+2) + strings.Repeat("}", maxDepth+2): "blocks are nested more than 40 deep; what is in this one was not read",
	} {
		got := Read(Text{"nginx.conf", text}, nil)
		if !slices.ContainsFunc(got.Problems, func(p Problem) bool { return p.Message == want }) {
			t.Errorf("%q: got problems %v, want %q", text, got.Problems, want)
		}
	}
}

func TestIncludedFilesStandWhereTheIncludeStands(t *testing.T) {
	files := map[string][]Text{
		"conf.d/*.conf": {{"conf.d/a.conf", "a;"}, {"conf.d/b.conf", "b;\nserver {\nc;}"}},
		"loop.conf":     {{"loop.conf", "include loop.conf;"}},
	}
	include := func(pattern string) ([]Text, error) { return files[pattern], nil }
	got := Read(Text{"nginx.conf", "http { include conf.d/*.conf; d; }"}, include)
	if s, want := shape(got.Directives), `1:http{1:include "conf.d/*.conf";1:a;1:b;2:server{3:c;}1:d;}`; s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	if place := got.Directives[0].Block[2]; place.File != "conf.d/b.conf" || place.Line != 1 {
		t.Errorf("directive b is at %s:%d, want conf.d/b.conf:1", place.File, place.Line)
	}
	circle := Read(Text{"loop.conf", "include loop.conf;"}, include)
	if len(circle.Problems) == 0 {
		t.Error("a file that includes itself is read without a word")
	}
}
