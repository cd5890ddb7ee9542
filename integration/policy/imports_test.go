package policy_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/webstack/webstack"

// root is the module's folder, from this one.
const root = "../.."

// pure packages replay: the same input gives the same output, whenever and
// wherever it is given.
var pure = []string{
	"units", "proxy/config", "proxy/http1", "proxy/proxyproto", "proxy/route", "proxy/balance",
	"proxy/header", "proxy/static", "install/spec", "install/rollout", "install/importer", "install/importer/nginx", "install/importer/supervisor",
	"units/agent/keeper",
}

// impure is what a PURE package never imports: the world outside of it.
var impure = []string{
	"os", "net", "net/http", "syscall", "golang.org/x/sys/unix", "context",
	"sync", "sync/atomic", "log/slog", "math/rand", "math/rand/v2",
}

// purityExceptions are imports that one pure package is allowed, with why.
var purityExceptions = map[string][]string{
	"proxy/balance": {"sync/atomic"}, // its board is shared by all loops
}

// neverInProxy is what the internet-facing role cannot do: drive PID 1, know
// the operator's spec, start a program. It holds for everything that the
// proxy is made of, not only for what it names.
var neverInProxy = []string{
	module + "/install", module + "/units", module + "/cmd",
	"github.com/godbus/dbus/v5", "github.com/coreos/go-systemd/v22/dbus", "os/exec",
}

// unixOnlyIn are the packages that may call the kernel directly.
var unixOnlyIn = []string{
	"proxy/loop", "proxy/engine", "proxy/static/open", "proxy/control",
	"install", "activation", "units/readiness", "integration",
}

// dbusOnlyIn may speak D-Bus.
var dbusOnlyIn = []string{"units/bus"}

// source is one package of the module with what its files, tests apart, import.
type source struct {
	path    string
	imports []string
	files   []*ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	found := map[string]*source{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "testdata" || e.Name() == "tools" || file != root && strings.HasPrefix(e.Name(), ".")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		s := found[rel]
		if s == nil {
			s = &source{path: filepath.ToSlash(rel)}
			found[rel] = s
		}
		s.files = append(s.files, f)
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []source
	for _, s := range found {
		list = append(list, *s)
	}
	if len(list) < 10 {
		t.Fatalf("only %d packages found below %s: the test looks in the wrong place", len(list), root)
	}
	return list
}

func TestPurePackagesImportNothingOfTheWorld(t *testing.T) {
	for _, s := range sources(t) {
		if !slices.Contains(pure, s.path) {
			continue
		}
		for _, name := range s.imports {
			if slices.Contains(impure, name) && !slices.Contains(purityExceptions[s.path], name) {
				t.Errorf("%s is pure and imports %q", s.path, name)
			}
			if internal, ok := strings.CutPrefix(name, module+"/"); ok && !slices.Contains(pure, internal) {
				t.Errorf("%s is pure and imports %s, which is not", s.path, internal)
			}
		}
	}
}

func TestPurePackagesReadNoClock(t *testing.T) {
	for _, s := range sources(t) {
		if !slices.Contains(pure, s.path) {
			continue
		}
		for _, f := range s.files {
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				x, ok := sel.X.(*ast.Ident)
				if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "Sleep", "NewTimer", "NewTicker", "Tick", "AfterFunc"}, sel.Sel.Name) {
					t.Errorf("%s is pure and calls time.%s", s.path, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestTheProxyCannotReachPID1OrStartAProgram(t *testing.T) {
	for _, dep := range dependencies(t, "./proxy/...") {
		for _, never := range neverInProxy {
			if dep == never || strings.HasPrefix(dep, never+"/") {
				t.Errorf("something in the proxy imports %s", dep)
			}
		}
	}
}

// TestTheDataPathKnowsNoNetHTTP: not even through something else. The control
// socket and the tests may.
func TestTheDataPathKnowsNoNetHTTP(t *testing.T) {
	for _, dep := range dependencies(t, "./proxy/engine") {
		if dep == "net/http" || dep == "crypto/tls" {
			t.Errorf("something on the data path imports %s", dep)
		}
	}
}

func dependencies(t *testing.T, pattern string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath", pattern)
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cannot list the dependencies of %s: %v", pattern, err)
	}
	var deps []string
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct{ ImportPath string }
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		deps = append(deps, p.ImportPath)
	}
	return deps
}

func TestOnlyTheRoomsOfTheKernelCallIt(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains(s.imports, "golang.org/x/sys/unix") && !under(s.path, unixOnlyIn) {
			t.Errorf("%s imports golang.org/x/sys/unix; only %v may", s.path, unixOnlyIn)
		}
		if slices.Contains(s.imports, "github.com/godbus/dbus/v5") && !under(s.path, dbusOnlyIn) {
			t.Errorf("%s imports godbus; only %v may", s.path, dbusOnlyIn)
		}
	}
}

// under allows a package and, for integration, everything below it.
func under(p string, allowed []string) bool {
	return slices.Contains(allowed, p) || strings.HasPrefix(p, "integration/")
}

func TestTheEngineKnowsNoConfigAndTheLoopNoHTTP(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range s.imports {
			http := name == "net/http" || strings.Contains(name, "proxy/http1")
			if s.path == "proxy/loop" && (http || strings.HasPrefix(name, module+"/proxy/")) {
				t.Errorf("proxy/loop imports %s: it knows no HTTP", name)
			}
			if s.path == "proxy/engine" && (name == "net/http" || name == module+"/proxy/config") {
				t.Errorf("proxy/engine imports %s", name)
			}
		}
	}
}

func TestNothingImportsTheCommand(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range s.imports {
			if strings.HasPrefix(name, module+"/cmd/") {
				t.Errorf("%s imports %s", s.path, path.Base(name))
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, s := range sources(t) {
		documented := slices.ContainsFunc(s.files, func(f *ast.File) bool { return f.Doc != nil })
		if !documented {
			t.Errorf("%s has no package comment", s.path)
		}
	}
}
