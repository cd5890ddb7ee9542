package supervisor

import (
	"fmt"
	"strings"
	"testing"
)

func shape(c *Config) string {
	var b strings.Builder
	for _, s := range c.Sections {
		fmt.Fprintf(&b, "[%s]", s.Name)
		for _, k := range s.Keys {
			fmt.Fprintf(&b, " %d:%s=%q", k.Line, k.Name, k.Value)
		}
	}
	return b.String()
}

func TestWhatIsRead(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a key": {"[program:x]\ncommand=a b", `[program:x] 2:command="a b"`},
		"both separators, spaces, and upper case": {"[s]\nA = 1\nb: 2", `[s] 2:a="1" 3:b="2"`},
		"comments on lines of their own":          {"; a\n# b\n[s]\na=1", `[s] 4:a="1"`},
		"comments behind white space":             {"[s]\na=1 ; one\nb=2\t# two\nc=3;4#5", `[s] 2:a="1" 3:b="2" 4:c="3;4#5"`},
		"values over several lines":               {"[s]\na=1,\n  2\n\n  3\nb=4", `[s] 2:a="1,\n2\n3" 6:b="4"`},
		"the last of two values holds":            {"[s]\na=1\n[t]\n[s]\na=2", `[s] 5:a="2"[t]`},
		"a value with its own separators":         {"[s]\nurl=http://x:1/?a=b", `[s] 2:url="http://x:1/?a=b"`},
		"lines that end in CRLF":                  {"[s]\r\na=1\r\n", `[s] 2:a="1"`},
	} {
		got := Read(Text{"supervisord.conf", c.text}, nil)
		if s := shape(got); s != c.want {
			t.Errorf("%s: got %s, want %s", name, s, c.want)
		}
		if len(got.Problems) > 0 {
			t.Errorf("%s: got problems %v, want none", name, got.Problems)
		}
	}
}

func TestIncludedSectionsComeBehind(t *testing.T) {
	include := func(pattern string) ([]Text, error) {
		if pattern != "conf.d/*.conf" {
			return nil, fmt.Errorf("there is no such file")
		}
		return []Text{{"conf.d/a.conf", "[program:a]\ncommand=x\n[include]\nfiles=conf.d/*.conf"}}, nil
	}
	got := Read(Text{"supervisord.conf", "[include]\nfiles = conf.d/*.conf other.ini\n[supervisord]"}, include)
	if s, want := shape(got), `[include] 4:files="conf.d/*.conf"[supervisord][program:a] 2:command="x"`; s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	if len(got.Problems) != 1 || got.Problems[0].Message != "cannot read other.ini: there is no such file" {
		t.Errorf("got problems %v, want one about other.ini", got.Problems)
	}
}

func TestExpressions(t *testing.T) {
	values := map[string]string{"program_name": "web", "process_num": "3", "ENV_HOME": "/home/ly"}
	for text, want := range map[string]string{
		"%(program_name)s_%(process_num)02d": "web_03",
		"80%(process_num)d":                  "803",
		"%(ENV_HOME)s/x":                     "/home/ly/x",
		"100%%":                              "100%",
		"%(process_num)4s":                   "   3",
		"%(nobody)s":                         "error: the expression %(nobody) is not known",
		"50% of":                             "error: a \"%\" stands alone; for the character itself, supervisor wants \"%%\"",
		"%(program_name)02d":                 "error: the expression %(program_name) has no format that can be read",
	} {
		got, err := Expand(text, func(name string) (string, bool) { v, ok := values[name]; return v, ok })
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestPairs(t *testing.T) {
	for text, want := range map[string]string{
		`A="1",B=2`:             `[[A 1] [B 2]]`,
		`A='x,y' , B="a b"`:     `[[A x,y] [B a b]]`,
		"A=1,\nB=2,":            `[[A 1] [B 2]]`,
		`PATH="/a:%(x)s",E=""`:  `[[PATH /a:%(x)s] [E ]]`,
		`A="1`:                  `[] a quote in "\"1" is never closed`,
		`A=1,B`:                 `[[A 1]] "B" is not NAME=value`,
		`KEY=a"b c"d,OTHER=yes`: `[[KEY ab cd] [OTHER yes]]`,
	} {
		pairs, err := Pairs(text)
		got := fmt.Sprint(pairs)
		if err != nil {
			got += " " + err.Error()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
