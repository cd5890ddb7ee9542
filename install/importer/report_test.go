package importer_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/importer"
	"github.com/webstack/webstack/install/importer/nginx"
	"github.com/webstack/webstack/install/spec"
)

// convertNginx converts one configuration, without files.
func convertNginx(text string) *importer.Result {
	config := nginx.Read(nginx.Text{Name: "nginx.conf", Data: text}, nil)
	return importer.Convert(importer.Sources{Nginx: config}, importer.Options{})
}

// opaqueBlock is a block that holds no directives.
var opaqueBlock = regexp.MustCompile(`(?s)\b(types|map|geo)\b([^;{}]*)\{[^}]*\}`)

// countByHand counts directives without the reader: by what ends them.
func countByHand(text string) int {
	text = opaqueBlock.ReplaceAllString(text, "$1$2;")
	n := 0
	in := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		starts := i == 0 || strings.IndexByte(" \t\n;{}", text[i-1]) >= 0
		switch {
		case c == '\\':
			i++
		case in != 0:
			if c == in {
				in = 0
			}
		case (c == '"' || c == '\'') && starts:
			in = c
		case c == '#' && starts:
			i += strings.IndexByte(text[i:]+"\n", '\n')
		case c == ';' || c == '{':
			n++
		}
	}
	return n
}

// TestNothingIsDroppedInSilence: as many directives go in as come out in the
// report, each with an outcome, a place, and a word where it is not converted.
func TestNothingIsDroppedInSilence(t *testing.T) {
	for name, text := range corpus(t) {
		got := convertNginx(text)
		checkResult(t, got, countByHand(text))
		if t.Failed() {
			t.Fatalf("that was %s:\n%s", name, text)
		}
		if again := convertNginx(text); again.TOML != got.TOML {
			t.Errorf("%s: equal texts give two specs:\n%s\n%s", name, got.TOML, again.TOML)
		}
		lines := strings.Split(text, "\n")
		for _, e := range got.Report.Entries {
			if e.File != "nginx.conf" || e.Line < 1 || e.Line > len(lines) || !strings.Contains(lines[e.Line-1], e.Name) {
				t.Errorf("%s: %s is said to stand at %s:%d, and does not", name, e.Name, e.File, e.Line)
			}
		}
	}
}

// TestEveryTableSaysWhereItIsFrom: an operator finds the line that a table
// stands for.
func TestEveryTableSaysWhereItIsFrom(t *testing.T) {
	place := regexp.MustCompile(`^# nginx\.conf:\d+: `)
	for name, text := range corpus(t) {
		lines := strings.Split(convertNginx(text).TOML, "\n")
		for i, line := range lines {
			if !strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "routes.") {
				continue
			}
			from := i - 1
			for from > 0 && strings.HasPrefix(lines[from], "# ") && !place.MatchString(lines[from]) {
				from--
			}
			if !place.MatchString(lines[from]) && line != "[proxy]" {
				t.Errorf("%s: line %d, %s, does not say where it is from", name, i+1, line)
			}
		}
	}
}

// TestStatesOfTheReport: what Left counts.
func TestStatesOfTheReport(t *testing.T) {
	for text, want := range map[string]bool{
		"http { server { listen 80; return 200; } }":                       false,
		"http { server { listen 80; return 444; } }":                       false,
		"http { gzip on; server { listen 80; return 200; } }":              true,
		"http { server { listen 80; return 200 } }":                        true,
		"http { server { listen 80; location / { deny all; root /x; } } }": false,
	} {
		if got := convertNginx(text).Report.Left(); got != want {
			t.Errorf("%s: got left %v, want %v", text, got, want)
		}
	}
}

// routesOf are the keys of all routes that hold, with what they do.
func routesOf(t *testing.T, toml string) map[string]*spec.Route {
	t.Helper()
	s, found := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(toml)}})
	if len(found) > 0 {
		t.Fatalf("install/spec refuses it: %v\n%s", found, toml)
	}
	routes := map[string]*spec.Route{}
	for _, site := range s.Sites {
		for _, r := range site.Routes {
			routes[r.Key] = r
		}
	}
	return routes
}

// TestNothingThatProtectsIsLost: a location that something guards is closed,
// and so is what would show it.
func TestNothingThatProtectsIsLost(t *testing.T) {
	const app = "proxy_pass http://127.0.0.1:9000;"
	for name, c := range map[string]struct {
		server string
		// closed routes refuse, open ones do not.
		closed, open []string
	}{
		"a password":                            {`location /a/ { auth_basic x; auth_basic_user_file /f; ` + app + `} location / { ` + app + `}`, []string{"/a/"}, []string{"/"}},
		"a password of the server":              {`auth_basic x; location /a/ { ` + app + `} location /b/ { auth_basic off; ` + app + `}`, []string{"/a/"}, []string{"/b/"}},
		"a password for implied files":          {`auth_basic x; root /srv/x;`, []string{"/"}, nil},
		"addresses":                             {`location /a/ { allow 10.0.0.0/8; deny all; ` + app + `}`, []string{"/a/"}, nil},
		"nobody":                                {`location /a/ { deny all; ` + app + `}`, []string{"/a/"}, nil},
		"everybody":                             {`location /a/ { allow all; ` + app + `}`, nil, []string{"/a/"}},
		"a rate":                                {`limit_req zone=x; location /a/ { ` + app + `}`, []string{"/a/"}, nil},
		"a number of connections":               {`location /a/ { limit_conn x 1; ` + app + `}`, []string{"/a/"}, nil},
		"another request":                       {`location /a/ { auth_request /auth; ` + app + `}`, []string{"/a/"}, nil},
		"some methods alone":                    {`location /a/ { limit_except GET { deny all; } ` + app + `}`, []string{"/a/"}, nil},
		"a directive that nobody knows":         {`location /a/ { naxsi_rules on; ` + app + `} location / { ` + app + `}`, []string{"/a/"}, []string{"/"}},
		"an unknown directive of the server":    {`naxsi_rules on; location /a/ { ` + app + `}`, []string{"/a/"}, nil},
		"a condition that refuses":              {`location /a/ { if ($x) { return 403; } ` + app + `}`, []string{"/a/"}, nil},
		"a condition of the server":             {`if ($x) { return 403; } location /a/ { ` + app + `} location = /b { return 200; }`, []string{"/a/", "= /b"}, nil},
		"a condition that names things":         {`location /a/ { if ($x) { set $y 1; } ` + app + `}`, nil, []string{"/a/"}},
		"TLS to the application":                {`location /a/ { proxy_pass https://127.0.0.1:9000; } location / { ` + app + `}`, []string{"/a/"}, []string{"/"}},
		"a regular expression that guards":      {`location ~ ^/x { deny all; } location / { ` + app + `} location ^~ /s/ { ` + app + `} location = /e { ` + app + `}`, []string{"/"}, []string{"/s/", "= /e"}},
		"one for dotfiles, before an app":       {`location ~ /\.ht { deny all; } location / { ` + app + `}`, []string{"/"}, nil},
		"one for dotfiles, before files":        {`location ~ /\.ht { deny all; } location / { root /srv/x; }`, nil, []string{"/"}},
		"one that runs what looks like a file":  {`location ~ \.php$ { fastcgi_pass 127.0.0.1:9000; } location / { root /srv/x; } location /a/ { ` + app + `}`, []string{"/"}, []string{"/a/"}},
		"one that only keeps files longer":      {`location ~ \.css$ { expires 1d; } location / { root /srv/x; }`, nil, []string{"/"}},
		"one that only an application reaches":  {`location ~ ^/p/ { internal; root /srv; } location / { root /srv/x; }`, []string{"/"}, nil},
		"a nested regular expression":           {`location /a/ { ` + app + ` location ~ x { deny all; } } location / { ` + app + `}`, []string{"/a/"}, []string{"/"}},
		"a nested location inherits":            {`location /a/ { auth_basic x; ` + app + ` location /a/b/ { ` + app + `} }`, []string{"/a/", "/a/b/"}, nil},
		"a named location guards for itself":    {`location /a/ { root /x; try_files $uri @n; } location @n { auth_basic x; ` + app + `}`, []string{"/a/"}, nil},
		"a request that would be another":       {`location /a/ { proxy_method GET; ` + app + `}`, []string{"/a/"}, nil},
		"what returns is asked no password for": {`auth_basic x; location = /a { return 200; }`, nil, []string{"= /a"}},
	} {
		routes := routesOf(t, convertNginx("http { server { listen 80; "+c.server+" } }").TOML)
		for _, key := range append(slices.Clone(c.closed), c.open...) {
			r := routes[key]
			refuses := r != nil && r.Respond && r.Status >= 400
			if want := slices.Contains(c.closed, key); r == nil || refuses != want {
				t.Errorf("%s: route %q refuses: %v (it is there: %v), want %v", name, key, refuses, r != nil, want)
			}
		}
	}
}

// TestAListenerWithTLSIsLeftOut: its site would speak plain HTTP.
func TestAListenerWithTLSIsLeftOut(t *testing.T) {
	got := convertNginx("http { ssl_certificate /c; server { listen 443 ssl; server_name a.example; root /srv/a; } server { listen 80; listen 444 ssl; root /srv/b; } }")
	s, found := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(got.TOML)}})
	if len(found) > 0 || len(s.Sites) != 1 || len(s.Sites[0].Listen) != 1 || s.Sites[0].Listen[0].Address != "0.0.0.0:80" {
		t.Errorf("got %v and\n%s\nwant one site on port 80 alone", found, got.TOML)
	}
}

// TestAFieldThatCannotBeSaidIsNotLeftToTheClient: left out, what a client
// sends would reach the application as if the proxy had said it.
func TestAFieldThatCannotBeSaidIsNotLeftToTheClient(t *testing.T) {
	routes := routesOf(t, convertNginx("http { server { listen 80; location / { proxy_set_header X-User $remote_user; proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:9000; } } }").TOML)
	want := []spec.Header{{Name: "X-User", Value: ""}}
	if got := routes["/"].RequestHeaders; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestEveryDirectiveOfTheTableInEveryPlace: wherever a directive stands and
// whatever its arguments are, it is in the report and the spec is valid.
func TestEveryDirectiveOfTheTableInEveryPlace(t *testing.T) {
	const around = "upstream u { server 127.0.0.1:9000; } server { listen 80; location /a/ { proxy_pass http://u; } }"
	places := []string{
		"@ http { " + around + " }",
		"http { @ " + around + " }",
		"http { " + strings.Replace(around, "server 127", "@ server 127", 1) + " }",
		"http { " + strings.Replace(around, "listen 80;", "listen 80; @", 1) + " }",
		"http { " + strings.Replace(around, "proxy_pass", "@ proxy_pass", 1) + " }",
	}
	forms := []string{"@;", "@ on;", "@ off;", "@ 10;", "@ X-A $b;", "@ /x/ y;", "@ /y/ { deny all; return 403; proxy_pass http://u; }"}
	turn := 0
	for _, row := range importer.NginxTable() {
		for name := range strings.FieldsSeq(row.Names) {
			name = strings.ReplaceAll(name, "*", "x")
			for _, place := range places {
				// Each place takes its turn with each form: all pairs of all
				// names would take a minute.
				turn++
				text := strings.Replace(place, "@", strings.ReplaceAll(forms[turn%len(forms)], "@", name), 1)
				config := nginx.Read(nginx.Text{Name: "nginx.conf", Data: text}, nil)
				count := 0
				nginx.All(config.Directives, func(*nginx.Directive) { count++ })
				checkResult(t, importer.Convert(importer.Sources{Nginx: config}, importer.Options{}), count)
				if t.Failed() {
					t.Fatalf("that was %s", text)
				}
			}
		}
	}
}

// TestWhatStandsInALostBlockIsLost: it is not converted by having no use.
func TestWhatStandsInALostBlockIsLost(t *testing.T) {
	got := convertNginx("http { server { listen 80; root /x; location ~ ^/a { proxy_pass http://127.0.0.1:9000; sendfile on; } } }")
	for _, e := range got.Report.Entries {
		if e.Name == "proxy_pass" && e.Outcome != importer.Unsupported || e.Name == "sendfile" && e.Outcome != importer.Converted {
			t.Errorf("%s: got %q", e.Text, e.Outcome)
		}
	}
}
