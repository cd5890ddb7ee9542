package static

import (
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/route"
)

// redirect answers a target for a folder, as a client would be; "" where the
// target is refused or has its slash.
func redirect(target string) string {
	path, query, err := route.Clean(target)
	if err != nil {
		return ""
	}
	a := Decide(&Request{Method: "GET", Path: path, Query: query}, &File{Dir: true}, &Options{}, now, nil)
	if a.Status != 301 {
		return ""
	}
	return a.Fields[0].Value
}

func TestX19RedirectsOfFoldersStayOnTheHost(t *testing.T) {
	for _, tt := range []struct{ about, target, want string }{
		{"a folder", "/a", "/a/"},
		{"a host behind two slashes", "//evil.example/..", ""},
		{"a host behind two slashes and a folder", "//evil.example/a", "/evil.example/a/"},
		{"three slashes", "///evil.example", "/evil.example/"},
		{"slashes that dots leave", "/a/..//evil.example", "/evil.example/"},
		{"a backslash", `/%5Cevil.example`, "/%5Cevil.example/"},
		{"a slash in a segment", "/%2Fevil.example", ""},
		{"a scheme", "/http://evil.example", "/http:/evil.example/"},
		{"a line feed", "/a%0D%0ALocation:%20x", "/a%0D%0ALocation:%20x/"},
		{"a tab, which browsers leave out", "/%09/evil.example", "/%09/evil.example/"},
		{"the query is no path", "/a?//evil.example", "/a/?//evil.example"},
	} {
		got := redirect(tt.target)
		if tt.want != "" && got != tt.want {
			t.Errorf("%s: %q is redirected to %q, want %q", tt.about, tt.target, got, tt.want)
		}
		wantLocal(t, tt.target, got)
	}
}

// wantLocal holds what a browser makes of a Location: no scheme, no host.
func wantLocal(t *testing.T, target, location string) {
	t.Helper()
	if location == "" {
		return
	}
	path, _, _ := strings.Cut(location, "?")
	foreign := path[0] != '/' || strings.HasPrefix(path, "//") || strings.Contains(path, "\\") || strings.ContainsAny(location, "\r\n\t \x00")
	if foreign || !strings.HasSuffix(path, "/") {
		t.Errorf("%q is redirected to %q", target, location)
	}
}

func FuzzRedirect(f *testing.F) {
	for _, seed := range []string{"/a", "//evil.example", "/%5Cevil.example", "/a/..//b?c", "/\t/evil", "/%2F/x", "/0?\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		wantLocal(t, target, redirect(target))
	})
}
