package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// importing runs `webstack import` with files of these texts.
func runImport(t *testing.T, files map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	folder := t.TempDir()
	out, o, e := screen()
	root := newRoot(out)
	all := []string{"import"}
	for _, name := range []string{"nginx.conf", "other.conf", "supervisord.conf", "Procfile", "ecosystem.json"} {
		text, ok := files[name]
		if !ok {
			continue
		}
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		all = append(all, path)
	}
	root.SetArgs(append(all, args...))
	err := root.ExecuteContext(t.Context())
	code = out.fail(err)
	return strings.ReplaceAll(o.String(), folder, ""), strings.ReplaceAll(e.String(), folder, ""), code
}

const (
	plainFront   = "http { server { listen 8081; location / { proxy_pass http://127.0.0.1:8000; proxy_redirect off; } } }"
	guardedFront = "http { server { listen 8081; location /a/ { auth_basic x; root /srv; } } }"
	plainDaemon  = "[program:web]\ncommand=/srv/web --port=8000\nuser=web\nautorestart=true"
)

func TestImportPrintsTheSpecAndWhatBecameOfIt(t *testing.T) {
	stdout, stderr, code := runImport(t, map[string]string{"nginx.conf": plainFront, "supervisord.conf": plainDaemon})
	for _, want := range []string{"[app.web]", "ports   = 8000", "[site.port-8081]", `routes."/" = { app = "web"`, "# /nginx.conf:1: location /"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("got\n%s\nwant %q in it", stdout, want)
		}
	}
	if want := "9 directives: 9 converted, 0 differ, 0 not supported. 0 closed tables."; code != 0 || !strings.Contains(stderr, want) {
		t.Errorf("got %d and\n%s\nwant %q", code, stderr, want)
	}
}

func TestImportSaysWhatIsClosedAndStrictEndsWithIt(t *testing.T) {
	for args, want := range map[string]int{"": 0, "--strict": exitPending} {
		_, stderr, code := runImport(t, map[string]string{"nginx.conf": guardedFront}, strings.Fields(args)...)
		if code != want || !strings.Contains(stderr, "not supported  /nginx.conf:1: auth_basic x: the route is closed") || !strings.Contains(stderr, `closed  [site.port-8081.routes."/a/"]`) {
			t.Errorf("%q: got %d and\n%s\nwant %d and what is closed", args, code, stderr, want)
		}
	}
}

func TestTheReportOfImportAsJSON(t *testing.T) {
	for _, flag := range []string{"--report=json", "--json"} {
		stdout, stderr, code := runImport(t, map[string]string{"nginx.conf": guardedFront}, flag)
		var doc importDocument
		if err := json.Unmarshal([]byte(stdout), &doc); err != nil || code != 0 || stderr != "" {
			t.Fatalf("%s: got %d, %q and %v\n%s", flag, code, stderr, err, stdout)
		}
		if doc.Version != 1 || !doc.Left || len(doc.Directives) != 6 || doc.Counts.Unsupported != 1 || len(doc.Closed) != 1 || !strings.Contains(doc.Spec, "respond = 403") {
			t.Errorf("%s: got %+v", flag, doc)
		}
	}
}

func TestImportKnowsFilesByTheirLook(t *testing.T) {
	stdout, _, code := runImport(t, map[string]string{"Procfile": "web: /srv/x $PORT", "ecosystem.json": `{"apps":[{"name":"j","script":"/srv/j"}]}`, "other.conf": plainDaemon}, "--user=shop")
	for _, want := range []string{"[app.web]", "[app.web-2]", "[app.j]", `"shop"`} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("got %d and\n%s\nwant %q in it", code, stdout, want)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		args  string
		code  int
		says  string
	}{
		"two of a kind":        {map[string]string{"nginx.conf": plainFront, "other.conf": plainFront}, "", exitUsage, "is a second nginx.conf"},
		"an unknown report":    {map[string]string{"nginx.conf": plainFront}, "--report=loud", exitUsage, `there is no report "loud"`},
		"a file that is gone":  {nil, "/nowhere/nginx.conf", exitSpec, "cannot read /nowhere/nginx.conf: no such file or directory"},
		"nothing is left over": {map[string]string{"nginx.conf": guardedFront}, "--strict --apply --yes --report=none", exitPending, ""},
	} {
		_, stderr, code := runImport(t, c.files, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: got %d and %q, want %d and %q", name, code, stderr, c.code, c.says)
		}
	}
}

func TestTheImportedSpecIsWrittenWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "etc", "conf.d", "imported.toml")
	if err := writeImported(path, "[proxy]\n"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "[proxy]\n" {
		t.Errorf("got %q, %v", text, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v beside it, want nothing", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("got %v, %v, want a file that all can read", info.Mode(), err)
	}
}
