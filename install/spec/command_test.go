package spec

import (
	"slices"
	"testing"
)

func TestSplitCommand(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       []string
	}{
		{"words", "/bin/x  a\tb ", []string{"/bin/x", "a", "b"}},
		{"double quotes", `/bin/x "a b" c`, []string{"/bin/x", "a b", "c"}},
		{"single quotes", `/bin/x 'a "b" c'`, []string{"/bin/x", `a "b" c`}},
		{"empty quotes", `/bin/x "" ''`, []string{"/bin/x", "", ""}},
		{"quotes inside of a word", `/bin/x --name="a b"'c'`, []string{"/bin/x", "--name=a bc"}},
		{"escapes", `/bin/x a\sb "\"" \x41\101 \u00e9\U0001f600 \\ \t.`, []string{"/bin/x", "a b", `"`, "AA", "é😀", `\`, "\t."}},
		{"an escape in single quotes", `/bin/x 'a\'b'`, []string{"/bin/x", "a'b"}},
		{"a semicolon as an argument", `/bin/x \; ";x" a;b`, []string{"/bin/x", ";", ";x", "a;b"}},
		{"percent and dollar are literal", `/bin/x %h $HOME ${X}`, []string{"/bin/x", "%h", "$HOME", "${X}"}},
		{"characters of several bytes", `/bin/x 日本 é`, []string{"/bin/x", "日本", "é"}},
		{"a quoted pipe", `/bin/x "|"`, []string{"/bin/x", "|"}},
		{"nothing", `  `, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, bad := splitCommand(c.line)
			if bad != nil {
				t.Fatalf("got error %q", bad.message)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestExpand(t *testing.T) {
	value := func(name string) string { return "<" + name + ">" }
	for text, want := range map[string]string{
		"":                       "",
		"a{port}b{instance}":     "a<port>b<instance>",
		"{{port}":                "{port}",
		"{{{port}}":              "{<port>}",
		"}{{}":                   "}{}",
		`{{"a": {port}}`:         `{"a": <port>}`,
		"an open {port":          "an open {port",
		"é{port}":                "é<port>",
		"127.0.0.1:{port}{port}": "127.0.0.1:<port><port>",
	} {
		if got := Expand(text, value); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestEveryDefaultIsValid(t *testing.T) {
	c := newChecker()
	for _, table := range c.schema.tables() {
		seen := map[string]bool{}
		for i := range table.Keys {
			k := &table.Keys[i]
			if seen[k.Name] {
				t.Errorf("%s has %s twice", table.Header, k.Name)
			}
			seen[k.Name] = true
			if k.Doc == "" || k.Type.parse == nil || k.Type.Says == "" {
				t.Errorf("%s of %s lacks a sentence or a type", k.Name, table.Header)
			}
			c.builtIn(k) // panics for a default that its own type refuses
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"command", "ports", "user", "directory"}
	for name, want := range map[string]string{"comand": "command", "prots": "ports", "usr": "user", "direcotry": "directory", "x": "", "colour": "", "user": ""} {
		if got := nearest(name, names); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
