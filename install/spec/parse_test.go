package spec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"github.com/webstack/webstack/install/spec"
)

// wantMistakes compares "FILE:LINE:COLUMN: message" of all mistakes.
func wantMistakes(t *testing.T, diags []spec.Diagnostic, want ...string) {
	t.Helper()
	var got []string
	for _, d := range diags {
		got = append(got, d.Position.String()+": "+d.Message)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestTenMistakesInOneFile(t *testing.T) {
	_, diags := spec.Parse([]spec.File{{Name: "/etc/webstack/webstack.toml", Data: []byte(`[app.shop]
command      = "python app.py"
ports        = 8020-8027
umask        = 022
user         = "shop"
stop_timeout = 30
comand       = "x"

[app.shop.env]
directory = "/srv/shop"

[site.shop]
listen     = 443
hosts      = ["例え.jp"]
routes."/" = { app = "shpo" }
routes."/static/" = { files = "static/", expires = "24h" }
`)}})
	const f = "/etc/webstack/webstack.toml:"
	wantMistakes(t, diags,
		f+`2:17: the program of command, "python", is not an absolute path`,
		f+`3:16: ports = 8020-8027 is a date to TOML, not a range`,
		f+`4:16: the number 022 begins with a zero`,
		f+`6:16: stop_timeout = 30 has no unit, so it is no duration`,
		f+`7:1: an app has no key comand`,
		f+`10:1: directory is a key of an app, but stands in env`,
		f+`13:14: site shop listens on 443, where clients speak TLS, and tls is not in this version`,
		f+`14:15: "例え.jp" is not a host name`,
		f+`15:22: route "/" goes to app "shpo", which is not defined`,
		f+`16:31: files = "static/" is not an absolute path`,
	)
}

func TestASyntaxErrorEndsOnlyItsOwnFile(t *testing.T) {
	_, diags := spec.Parse([]spec.File{
		{Name: "webstack.toml", Data: []byte("[site.a]\nlisten = 80\nroutes.\"/\" = { app = \"later\" }\n")},
		{Name: "conf.d/a.toml", Data: []byte("[app.later\ncommand = \"/bin/x\"\n")},
		{Name: "conf.d/b.toml", Data: []byte("[app.b]\ncommand = \"/bin/x\"\nuser = 5\nports = 1\n")},
	})
	// Nothing is said of the app that a.toml may have defined.
	wantMistakes(t, diags,
		"conf.d/a.toml:1:1: the header [app.later is not closed",
		"conf.d/b.toml:3:8: user is the number 5, not a name or a number in quotes",
	)
}

func TestFilesMerge(t *testing.T) {
	base := spec.File{Name: "webstack.toml", Data: []byte(seed)}
	more := spec.File{Name: "conf.d/more.toml", Data: []byte("[app.analysisweb]\nnice = 5\nuser = \"www\"\n[app.analysisweb.env]\nA = \"1\"\n")}
	_, diags := spec.Parse([]spec.File{base, more})
	wantMistakes(t, diags, "conf.d/more.toml:3:1: app.analysisweb.user is set here and in webstack.toml:6")

	more.Name, more.Override = "override.d/more.toml", true
	s, diags := spec.Parse([]spec.File{base, more})
	wantMistakes(t, diags)
	if got := s.Apps[0]; got.User != "www" || *got.Nice != 5 || got.Env[0].Value != "1" || got.Directory != "/home/ly/analysisweb" {
		t.Errorf("got %+v", got)
	}
	all := s.Provenance(true)
	at := slices.IndexFunc(all, func(p spec.Provenance) bool { return p.Key == "app.analysisweb.user" })
	if p := all[at]; p.Value != `"www"` || p.Position.String() != "override.d/more.toml:3:8" || len(p.Replaced) != 1 || p.Replaced[0].String() != "webstack.toml:6:13" {
		t.Errorf("got %+v", p)
	}
}

func TestProvenance(t *testing.T) {
	s := parse(t, "[app.a]\ncommand = \"/bin/x\"\nuser = \"u\"\nports = 1\nenv = { KEY = \"geheim\" }\n[app.b]\nlike = \"a\"\ncommand = \"/bin/x\"\ninstances = 1\n[site.s]\nlisten = 80\nmax_body = \"5MB\"\nroutes.\"/\" = { app = \"a\" }\nroutes.\"/x/\" = { files = \"/srv/x/\" }\n")
	show := func(mask bool) map[string]string {
		all := map[string]string{}
		for _, p := range s.Provenance(mask) {
			if _, twice := all[p.Key]; twice {
				t.Errorf("%s is there twice", p.Key)
			}
			all[p.Key] = fmt.Sprint(p.Value, " ", p.Position, " ", p.Inherited)
		}
		return all
	}
	got := show(true)
	for key, want := range map[string]string{
		"app.a.user":                   `"u" webstack.toml:3:8 false`,
		"app.b.user":                   `"u" webstack.toml:3:8 true`,
		"app.b.restart":                `"always"  false`,
		"app.a.env.KEY":                `"***" webstack.toml:5:15 false`,
		"app.b.env.KEY":                `"***" webstack.toml:5:15 true`,
		`site.s.routes."/".max_body`:   `"5MB" webstack.toml:12:12 true`,
		`site.s.routes."/x/".files`:    `"/srv/x/" webstack.toml:14:26 false`,
		`site.s.routes."/x/".max_body`: ``,
		`site.s.routes."/".index`:      ``,
		`site.s.routes."/x/".index`:    `"index.html"  false`,
		`site.s.routes."/x/".expires`:  ``,
		`app.a.sticky_cookie`:          ``,
		`site.s.routes."/".rate_limit`: ``,
	} {
		if got[key] != want {
			t.Errorf("%s: got %q, want %q", key, got[key], want)
		}
	}
	if got := show(false)["app.a.env.KEY"]; got != `"geheim" webstack.toml:5:15 false` {
		t.Errorf("unmasked: got %q", got)
	}
}

func TestPosition(t *testing.T) {
	s := parse(t, seed)
	for key, want := range map[string]string{
		"app.analysisweb.user":  "webstack.toml:6:13",
		"app.analysisweb.group": "webstack.toml:1:6", // built in: the app
		spec.DottedKey("site", "analysis", "routes", "/static/", "files"):        "webstack.toml:10:32",
		spec.DottedKey("site", "analysis", "routes", "/static/"):                 "webstack.toml:10:8",
		spec.DottedKey("site", "analysis", "routes", "/static/", "max_body"):     "webstack.toml:10:8",
		spec.DottedKey("site", "reports", "routes", "/with.dots", "files", "no"): "webstack.toml:13:7",
		"app.other": "",
		"":          "",
	} {
		if got := s.Position(key).String(); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	d := s.Diagnose("app.analysisweb.user", `user "ly" does not exist`, "useradd ly")
	want := "webstack: error: webstack.toml:6:13: user \"ly\" does not exist\n   6 | user      = \"ly\"\n     |             ^^^^\nwebstack: hint: useradd ly"
	if got := d.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOneMistakeIsOneError(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"a route to an app whose address is refused", "[app.a]\ncommand = \"/bin/x\"\nuser = \"u\"\ninstances = 2\naddress = \"unix:/run/x\"\n[site.s]\nlisten = 80\nroutes.\"/\" = { app = \"a\" }\n"},
		{"a required key that cannot be read", "[app.a]\ncommand = /bin/x\nuser = \"u\"\nports = 1\n"},
		{"an action that cannot be read", "[site.s]\nlisten = 80\nroutes.\"/\" = { files = 5 }\n"},
		{"a user lent by an app that is not there", "[app.a]\nlike = \"bb\"\ncommand = \"/bin/x\"\nports = 1\n"},
		{"a lent value that is wrong", "[app.a]\ncommand = \"/bin/x\"\nuser = 5\nports = 1\n[app.b]\ncommand = \"/bin/x\"\nlike = \"a\"\nports = 2\n[app.c]\ncommand = \"/bin/x\"\nlike = \"a\"\nports = 3\n"},
		{"a site key that is wrong for all routes", "[site.s]\nlisten = 80\nmax_body = 5\nroutes.\"/\" = { respond = 200 }\nroutes.\"/x\" = { respond = 200 }\n"},
		{"ports that overlap in a range", "[app.a]\ncommand = \"/bin/x\"\nuser = \"u\"\nports = \"1-1000\"\n[app.b]\ncommand = \"/bin/x\"\nuser = \"u\"\nports = \"1-1000\"\n"},
		{"a listener that is wrong for two sites", "[site.s]\nlisten = \"x\"\nroutes.\"/\" = { respond = 200 }\n[site.t]\nlisten = 80\nroutes.\"/\" = { respond = 200 }\n"},
		{"a lent variable that a worker cannot have", "[app.a]\ncommand = \"/bin/x\"\nuser = \"u\"\nports = 1\nenv = { P = \"{port}\" }\n[app.b]\nlike = \"a\"\ncommand = \"/bin/x\"\ninstances = 1\n"},
		{"a credential below its header", "[app.a]\ncommand = \"/bin/x\"\nuser = \"u\"\n[app.a.credentials]\nports = 1\n"},
		{"a number that no computer has", "[app.a]\ncommand = \"/bin/x\"\nuser = \"u\"\nports = 1\nenv = { A = 99999999999999999999 }\n"},
		{"a reserved table with several keys", "[metrics]\nlisten = 1\npath = \"/x\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, diags := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(c.text)}})
			if len(diags) != 1 {
				t.Errorf("got %d errors, want 1:", len(diags))
				for _, d := range diags {
					t.Log(d)
				}
			}
		})
	}
}

// checkDiagnostics holds mistakes to what every one promises.
func checkDiagnostics(t *testing.T, text string, diags []spec.Diagnostic) {
	t.Helper()
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	last := spec.Position{}
	for _, d := range diags {
		p := d.Position
		if p.Line < 1 || p.Line > len(lines) {
			t.Fatalf("line %d of %d: %s", p.Line, len(lines), d.Message)
		}
		width := utf8.RuneCountInString(strings.TrimSuffix(lines[p.Line-1], "\r"))
		if p.Column < 1 || p.Column > width+1 || p.Length < 1 || p.Column+p.Length > width+2 {
			t.Fatalf("column %d+%d of %d: %s", p.Column, p.Length, width, d.Message)
		}
		if p.Line < last.Line || p.Line == last.Line && p.Column < last.Column {
			t.Fatalf("%v after %v", p, last)
		}
		if d.Message == "" || strings.ContainsAny(d.Message+d.Hint, "\n\x00") {
			t.Fatalf("message %q, hint %q", d.Message, d.Hint)
		}
		last = p
	}
}

func FuzzParse(f *testing.F) {
	f.Add(seed)
	for _, text := range []string{
		"", "\n", "=", "[", "[a", "[app.a]\nx", "a = [", "a = {", "a = \"", "a = '''", "\"\\", "[[site]]\n[[site.s]]\nlisten=80", "app = [[[]]]",
		"[app.a]\nports = 8020-8027\numask = 022\nenv = { A = { B = 1 } }", "[app.a]\nlike = \"b\"\n[app.b]\nlike = \"c\"\n[app.c]\nlike = \"b\"",
		"site.s.routes.\"/\" = { upstream = [1, \"x\", {}] }", "é = \"\xff\"", "a = \"\t\u2028\"\r\nb = 1979-05-27T07:32:00Z", "\ufeff[app]\na.b.c = 1",
		"[[app.a.limits]]\nmemory = \"1GB\"\n[app.a.limits.x]", "[proxy]\n[[proxy.head_timeout]]", "[site.s]\nlisten = [[80]]\nhosts = [[]]\nroutes.\"/\".respond = {}",
		"[upstream.u]\nservers = [[], {app=1}, {address=[]}]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files := []spec.File{{Name: "webstack.toml", Data: []byte(text)}}
		s, diags := spec.Parse(files)
		if (s == nil) != (len(diags) > 0) {
			t.Fatalf("got spec %v and %d mistakes", s != nil, len(diags))
		}
		again, diagsAgain := spec.Parse(files)
		if !slices.Equal(diags, diagsAgain) || (s == nil) != (again == nil) {
			t.Fatal("two runs differ")
		}
		checkDiagnostics(t, text, diags)
		var any map[string]any
		if err := toml.Unmarshal([]byte(text), &any); err != nil && s != nil {
			t.Fatalf("TOML refuses it: %v", err)
		}
		spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(seed)}, {Name: "conf.d/a.toml", Data: []byte(text)}, {Name: "override.d/a.toml", Data: []byte(text), Override: true}})
		for _, d := range diags {
			_ = d.String()
		}
		if s != nil {
			s.Provenance(true)
		}
	})
}
