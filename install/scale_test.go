package install

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/spec"
)

const scaledSpec = `
[app.shop]
command = "/usr/bin/python3 app.py"
user    = "root"
PORTS

[app.worker]
command   = "/usr/bin/python3 worker.py"
user      = "root"
instances = 2

[app.reports]
command = "/usr/bin/python3 app.py"
user    = "root"
ports   = 8030

[site.shop]
listen     = 8040
routes."/" = { app = "shop" }
`

func TestScaling(t *testing.T) {
	for _, c := range []struct {
		why, ports, app string
		want            int
		line            string // or the error
	}{
		{"up", `ports = "8020-8021"`, "shop", 4, `ports = "8020-8023"`},
		{"down", `ports = "8020-8027"`, "shop", 3, `ports = "8020-8022"`},
		{"to one", `ports = "8020-8027"`, "shop", 1, `ports = 8020`},
		{"with gaps", `ports = [8020, 8025]`, "shop", 3, `ports = [8020, 8025, 8026]`},
		{"after the largest", `ports = [8025, 8020]`, "shop", 3, `ports = [8025, 8020, 8026]`},
		{"a worker", `ports = 8020`, "worker", 5, `instances = 5`},
		{"into another app", `ports = "8020-8027"`, "shop", 12, `cannot scale shop to 12: port 8030, which would be the next, belongs to app reports (webstack.toml:15)`},
		{"into a listener", `ports = "8031-8039"`, "shop", 10, `cannot scale shop to 10: port 8040, which would be the next, belongs to site shop, which listens on it (webstack.toml:18)`},
		{"past the last port", `ports = "65530-65533"`, "shop", 7, `cannot scale shop to 7: its ports go on after 65533, and there is none past 65535`},
	} {
		text := []spec.File{
			{Name: "webstack.toml", Data: []byte(strings.Replace(scaledSpec, "PORTS", c.ports, 1))},
			{Name: "override.d/90-host.toml", Override: true, Data: []byte("[app.reports]\nnice = 1\n")},
		}
		s, found := spec.Parse(text)
		if len(found) > 0 {
			t.Fatalf("%s: %v", c.why, found)
		}
		i := slices.IndexFunc(s.Apps, func(a *spec.App) bool { return a.Name == c.app })
		override, with, err := Scale("", s, text, s.Apps[i], c.want)
		if err != nil {
			if err.Error() != c.line {
				t.Errorf("%s: got %v, want %s", c.why, err, c.line)
			}
			continue
		}
		if !strings.HasSuffix(string(override.Data), "\n[app."+c.app+"]\n"+c.line+"\n") {
			t.Errorf("%s: got %s, want %s", c.why, override.Data, c.line)
		}
		if len(with) != 3 || with[1].Name != override.Name {
			t.Errorf("%s: got %d files, want the override between the two", c.why, len(with))
		}
		scaled, found := spec.Parse(with)
		if len(found) > 0 {
			t.Errorf("%s: the spec with it is bad: %v", c.why, found)
			continue
		}
		if got := InstanceCount(scaled.Apps[i]); got != c.want {
			t.Errorf("%s: got %d instances, want %d", c.why, got, c.want)
		}
	}
}

func TestAnOverrideOfSomebodyElseIsNotWrittenOver(t *testing.T) {
	text := []spec.File{
		{Name: "webstack.toml", Data: []byte(strings.Replace(scaledSpec, "PORTS", "ports = 8020", 1))},
		{Name: "override.d/50-scale-shop.toml", Override: true, Data: []byte("[app.shop]\nnice = 1\n")},
	}
	s, found := spec.Parse(text)
	if len(found) > 0 {
		t.Fatal(found)
	}
	if _, _, err := Scale("", s, text, s.Apps[0], 3); err == nil || !strings.Contains(err.Error(), "was not written by webstack scale") {
		t.Errorf("got %v, want it refused", err)
	}
}

func TestAnOverrideIsWrittenWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "override.d", "50-scale-shop.toml")
	for _, text := range []string{"one", "two", "two"} {
		if _, err := WriteOverride(spec.File{Name: path, Data: []byte(text)}); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
}

func TestAnOverrideCanBeTakenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "override.d", "50-scale-app.toml")
	first := spec.File{Name: path, Data: []byte("first")}
	undo, err := WriteOverride(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there still: %v", err)
	}
	for _, text := range []string{"first", "first", "second"} {
		if undo, err = WriteOverride(spec.File{Name: path, Data: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("got %q, %v; want what stood there", got, err)
	}
}
