package install

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/config"
)

// stored puts a generation with one app on disk.
func stored(t *testing.T, p Paths, n int, hash, address string, instances ...string) {
	t.Helper()
	app := App{Name: "shop", Unit: "app", Hash: hash, Start: "boot"}
	for _, name := range instances {
		app.Instances = append(app.Instances, Instance{Name: name, Unit: "app@" + name + ".service", Address: address})
	}
	g := &Generation{Version: manifestVersion, Number: n, Desired: Desired{Apps: []App{app}, Config: &config.Config{Version: config.Version}}}
	if err := storeGeneration(p, g); err != nil {
		t.Fatal(err)
	}
}

func TestAGateKnowsWhatAGenerationNames(t *testing.T) {
	p := Paths{State: filepath.Join(t.TempDir(), "state")}
	if err := os.Mkdir(p.State, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Named(p, "shop", "1", ""); err == nil {
		t.Error("an instance is known before anything is applied")
	}
	stored(t, p, 1, "old", "old address", "1", "2")
	stored(t, p, 2, "new", "new address", "2", "3")
	stored(t, p, 3, "later", "later address", "4")
	if err := p.flipCurrent(1); err != nil {
		t.Fatal(err)
	}
	if err := addPending(p, nil, 2); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, app, instance, hash, want string }{
		{"of the current one", "shop", "1", "old", "old address"},
		{"of both, by the unit that runs", "shop", "2", "new", "new address"},
		{"of both, by the other unit", "shop", "2", "old", "old address"},
		{"of both, by a unit of neither", "shop", "2", "../../etc", "old address"},
		{"of the pending one", "shop", "3", "", "new address"},
		{"of one that is only stored", "shop", "4", "later", ""},
		{"of another app", "other", "1", "old", ""},
		{"by the unit's name", "app", "1", "old", ""},
		{"of no name", "shop", "", "old", ""},
		{"by a path", "shop", "../1", "old", ""},
	} {
		app, inst, err := Named(p, c.app, c.instance, c.hash)
		got := ""
		if err == nil {
			got = inst.Address
			if app.Name != c.app || inst.Name != c.instance {
				t.Errorf("%s: got %s of %s", c.name, inst.Name, app.Name)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.name, got, err, c.want)
		}
	}
}

func TestAGateBelievesOnlyWhatRootAloneCanWrite(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(p Paths) error
	}{
		{"a manifest for all to write", func(p Paths) error { return os.Chmod(filepath.Join(p.generation(1), "manifest.json"), 0o666) }},
		{"a generation for all to write", func(p Paths) error { return os.Chmod(p.generation(1), 0o777) }},
		{"generations for a group to write", func(p Paths) error { return os.Chmod(filepath.Dir(p.generation(1)), 0o775) }},
		{"a state for all to write", func(p Paths) error { return os.Chmod(p.State, 0o777) }},
		{"a link for a generation", func(p Paths) error {
			if err := os.Rename(p.generation(1), p.State+".moved"); err != nil {
				return err
			}
			return os.Symlink(p.State+".moved", p.generation(1))
		}},
	} {
		p := Paths{State: filepath.Join(t.TempDir(), "state")}
		if err := os.Mkdir(p.State, 0o755); err != nil {
			t.Fatal(err)
		}
		stored(t, p, 1, "h", "a", "1")
		if err := p.flipCurrent(1); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Named(p, "shop", "1", "h"); err != nil {
			t.Fatalf("%s: before it: %v", c.name, err)
		}
		if err := c.spoil(p); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Named(p, "shop", "1", "h"); err == nil || !strings.Contains(err.Error(), "may be written by others than root") {
			t.Errorf("%s: got the error %v", c.name, err)
		}
	}
}
