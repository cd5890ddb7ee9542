package static

import (
	"testing"

	"github.com/webstack/webstack/proxy/route"
)

func TestLocate(t *testing.T) {
	for _, tt := range []struct {
		about       string
		kind        route.Kind
		route, path string
		want        string
		status      int
	}{
		{"below: the route's path is replaced, as alias does", route.Below, "/static/", "/static/css/a.css", "css/a.css", 0},
		{"below: the folder itself is the root", route.Below, "/static/", "/static/", "", 0},
		{"prefix: the same", route.Prefix, "/static", "/static/css/a.css", "css/a.css", 0},
		{"prefix: the name without a slash is the root", route.Prefix, "/static", "/static", "", 0},
		{"the root route", route.Prefix, "/", "/css/a.css", "css/a.css", 0},
		{"a trailing slash stays", route.Prefix, "/", "/css/", "css/", 0},
		{"exact: the last segment", route.Exact, "/img/favicon.ico", "/img/favicon.ico", "favicon.ico", 0},
		{"exact: the root", route.Exact, "/", "/", "", 0},
		{"a dotfile is hidden", route.Prefix, "/", "/.env", "", 404},
		{"what is in a hidden folder is hidden", route.Prefix, "/", "/a/.git/config", "", 404},
		{"the public dot folder is not", route.Prefix, "/", "/.well-known/acme-challenge/x", ".well-known/acme-challenge/x", 0},
		{"a route into it is not", route.Below, "/.well-known/acme-challenge/", "/.well-known/acme-challenge/x", "x", 0},
		{"a dotfile in it is hidden", route.Prefix, "/", "/.well-known/.git/config", "", 404},
		{"deeper down its name is a dotfile's", route.Prefix, "/", "/a/.well-known/x", "", 404},
		{"its name alone is one too", route.Prefix, "/", "/.well-known", "", 404},
		{"a route into a hidden folder shows nothing", route.Below, "/.git/", "/.git/config", "", 404},
		{"dots within a name are fine", route.Prefix, "/", "/a..b/c...", "a..b/c...", 0},
	} {
		name, a, ok := Locate(tt.kind, tt.route, "GET", tt.path)
		if name != tt.want || a.Status != tt.status || ok != (tt.status == 0) {
			t.Errorf("%s: Locate(%q, %q) = %q, %d, %v, want %q, %d", tt.about, tt.route, tt.path, name, a.Status, ok, tt.want, tt.status)
		}
	}
}

func TestLocateTakesGetAndHeadOnly(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "PROPFIND"} {
		_, a, ok := Locate(route.Prefix, "/", method, "/a")
		if ok || a.Status != 405 || len(a.Fields) != 1 || a.Fields[0].Name != "Allow" || a.Fields[0].Value != "GET, HEAD" {
			t.Errorf("%s: got %+v, %v, want 405 with Allow", method, a, ok)
		}
	}
	if _, _, ok := Locate(route.Prefix, "/", "HEAD", "/a"); !ok {
		t.Error("HEAD is refused")
	}
}
