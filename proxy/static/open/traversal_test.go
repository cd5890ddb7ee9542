package open_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// TestX14X15NoTargetReadsOutsideOfTheRoot sends a corpus of traversal targets
// the whole way that a request for a file takes: clean, match, locate, open.
func TestX14X15NoTargetReadsOutsideOfTheRoot(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"secret": "outside", "static../secret": "outside", "www/a.css": "inside", "www/x/b.css": "inside",
		"www/.env": "hidden", "www/.git/config": "hidden", "www/x/.git/config": "hidden",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	routes := []route.Route{{Kind: route.Below, Path: "/static/"}, {Kind: route.Prefix, Path: "/files", Target: 1}}
	table, err := route.Compile([]route.Site{{Name: "s", Routes: routes}})
	if err != nil {
		t.Fatal(err)
	}
	root := open.NewRoot(filepath.Join(dir, "www"), nil)
	for _, target := range traversals(dir) {
		path, _, err := route.Clean(target)
		if err != nil {
			continue
		}
		i, v := table.Match("h", path)
		if v != route.Found {
			continue
		}
		name, _, ok := static.Locate(routes[i].Kind, routes[i].Path, "GET", path)
		if !ok {
			continue
		}
		f, err := root.Open(name)
		if err != nil {
			continue
		}
		var buffer [16]byte
		n, _ := unix.Pread(f.FD, buffer[:], 0)
		f.Close()
		if got := string(buffer[:max(n, 0)]); got == "outside" || got == "hidden" {
			t.Errorf("%q reads a file that is %s", target, got)
		}
	}
}

// traversals combines fronts, ways up and ends.
func traversals(dir string) []string {
	ups := []string{
		"../", "..%2f", "%2e%2e/", "%2e%2e%2f", ".%2e/", "..%5c", `..\`, "..%252f", "%252e%252e%252f", "..%c0%af", "..%e0%80%af",
		"..;/", "..%3b/", "....//", "..%00/", "../%00", "..//", "..%2f%2f", ".%00./", "..%0a/", "x/../../", "./../", "..%20/",
	}
	ends := []string{"secret", "%73ecret", "www/.env", "static../secret", ".env", ".git/config", "%2egit/config", "x/.git/config"}
	var out []string
	for _, front := range []string{"/static/", "/static", "/files/", "/files", "/static/x/", "//static//", "/%73tatic/"} {
		for _, end := range append(ends, dir+"/secret", "%2f"+strings.ReplaceAll(dir[1:], "/", "%2f")+"%2fsecret") {
			out = append(out, front+end)
			for _, up := range ups {
				for depth := 1; depth <= 4; depth++ {
					out = append(out, front+strings.Repeat(up, depth)+end)
				}
			}
		}
	}
	return out
}
