package route

import (
	"net/netip"
	"strings"
	"testing"
)

func mustTemplate(t testing.TB, text string, use Use) *Template {
	t.Helper()
	tpl, err := CompileTemplate(text, use)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func TestTemplate(t *testing.T) {
	v := &Vars{
		Target: "/a%20b?x=1", Path: "/a b/ü", Query: "x=1", Host: "Shop.Example:8081", Scheme: "http",
		ClientIP: netip.MustParseAddr("192.0.2.7"),
	}
	for _, tt := range []struct{ about, text, want string }{
		{"text is itself", "no-store", "no-store"},
		{"nothing is nothing", "", ""},
		{"the target as received", "http://example.com{uri}", "http://example.com/a%20b?x=1"},
		{"the path encoded again", "https://example.com{path}?{query}", "https://example.com/a%20b/%C3%BC?x=1"},
		{"the host without its port, in lower case", "{scheme}://{host}/", "http://shop.example/"},
		{"the client", "{client_ip}", "192.0.2.7"},
		{"a doubled brace is one", "{{uri} is {scheme}", "{uri} is http"},
		{"a closing brace is text", "a}b", "a}b"},
	} {
		if got := string(mustTemplate(t, tt.text, ForHeader).Append(nil, v)); got != tt.want {
			t.Errorf("%s: %q gives %q, want %q", tt.about, tt.text, got, tt.want)
		}
	}
	if text, ok := mustTemplate(t, "{{x", ForHeader).Constant(); text != "{x" || !ok {
		t.Errorf("Constant() = %q, %v, want the text", text, ok)
	}
	if _, ok := mustTemplate(t, "{host}", ForHeader).Constant(); ok {
		t.Error("Constant() of {host} is true, want false")
	}
}

func TestTemplateRefusals(t *testing.T) {
	for _, tt := range []struct {
		about, text string
		use         Use
		want        string
	}{
		{"an unknown placeholder", "{port}", ForHeader, "{port} is not a placeholder"},
		{"an open brace", "a{uri", ForHeader, "is not a placeholder"},
		{"a line feed", "a\nb", ForHeader, "control character"},
		{"a NUL", "a\x00b", ForHeader, "control character"},
		{"a query that could be a host", "https://example.com{query}", ForLocation, "{query} stands before"},
		{"a query that could be all of it", "{query}", ForLocation, "{query} stands before"},
		{"a scheme without a host", "https://{uri}", ForLocation, "not followed by"},
		{"a scheme without slashes", "https:{uri}", ForLocation, "not followed by"},
		{"a scheme placeholder without slashes", "{scheme}:{uri}", ForLocation, "not followed by"},
		{"a host behind three slashes", "http:///{path}", ForLocation, "not followed by"},
		{"white space in front", " {uri}", ForLocation, "white space"},
		{"two slashes without a host", "//{path}", ForLocation, "not followed by"},
	} {
		if _, err := CompileTemplate(tt.text, tt.use); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: CompileTemplate(%q) says %v, want %q", tt.about, tt.text, err, tt.want)
		}
	}
}

func TestX19NoLocationLeavesTheHost(t *testing.T) {
	for _, text := range []string{"{uri}", "{path}", "/{uri}", "/{path}", "{path}/", "/login{path}", "/login?next={uri}", "?{query}"} {
		tpl := mustTemplate(t, text, ForLocation)
		for _, target := range []string{"//evil.example/", `/\evil.example`, `/\/evil.example`, "/%5Cevil.example", "///evil.example", "/%2F/evil.example", "/"} {
			path, query, err := Clean(target)
			if err != nil {
				continue
			}
			got := string(tpl.Append([]byte("Location: "), &Vars{Target: target, Path: path, Query: query}))
			value := strings.TrimPrefix(got, "Location: ")
			if strings.HasPrefix(value, "//") || strings.HasPrefix(value, `/\`) || strings.ContainsAny(value, "\r\n\\") {
				t.Errorf("%q for %q gives %q, which leads to another host", text, target, value)
			}
		}
	}
}

func TestTemplateCannotBreakOutOfAField(t *testing.T) {
	v := &Vars{Target: "/\r\nSet-Cookie: a=b", Path: "/\r\nX: y", Query: "\x00\x7f", Host: "h\r\nX: y", Scheme: "http"}
	got := string(mustTemplate(t, "{uri}|{path}|{query}|{host}|{scheme}", ForHeader).Append(nil, v))
	if want := "/%0D%0ASet-Cookie:%20a=b|/%0D%0AX:%20y|%00%7F||http"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkTemplate(b *testing.B) {
	tpl := mustTemplate(b, "{scheme}://{host}{uri}", ForLocation)
	v := &Vars{Target: "/a/b?c=d", Host: "example.com:8081", Scheme: "https"}
	buffer := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		buffer = tpl.Append(buffer[:0], v)
	}
}

func FuzzLocation(f *testing.F) {
	for _, seed := range []string{"//evil", `/\evil`, "/%5C/evil", "/a?b=//c", "/%0d%0a"} {
		f.Add("/{path}", seed, "shop.example")
	}
	f.Add("{scheme}://{host}{uri}", "/a", "evil\r\nX: y")
	f.Fuzz(func(t *testing.T, text, target, host string) {
		tpl, err := CompileTemplate(text, ForLocation)
		path, query, cleanErr := Clean(target)
		if err != nil || cleanErr != nil {
			return
		}
		got := string(tpl.Append(nil, &Vars{Target: target, Path: path, Query: query, Host: host, Scheme: "http"}))
		if c, bad := illegalValueByte(got); bad {
			t.Errorf("%q for %q gives %q with the byte %q", text, target, got, c)
		}
		if tpl.local && (strings.HasPrefix(got, "//") || strings.HasPrefix(got, `/\`)) {
			t.Errorf("%q for %q gives %q, which leads to another host", text, target, got)
		}
	})
}
