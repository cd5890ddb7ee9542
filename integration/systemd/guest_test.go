package systemd_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/machine"
	"github.com/webstack/webstack/integration/unrun"
)

const (
	// patience bounds what has to happen in the machine.
	patience = 60 * time.Second
	// unitFolder is where generated units live.
	unitFolder = "/usr/local/lib/systemd/system"
)

func TestMain(m *testing.M) {
	machine.Main()
	switch {
	case os.Getenv(dumpVariable) != "":
		exitWith(dump(os.Getenv(dumpVariable)))
	case len(os.Args) > 1 && os.Args[1] == "serve":
		exitWith(serve())
	case len(os.Args) > 1 && os.Args[1] == "reload":
		exitWith(reload())
	}
	code := m.Run()
	if shared.m != nil {
		if err := shared.m.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func exitWith(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// shared is the machine of all tests here: each has units of its own.
var shared struct {
	once sync.Once
	m    *machine.Machine
	err  error
}

// guest is a machine within a test.
type guest struct {
	*machine.Machine
	t   *testing.T
	ctx context.Context
}

func newGuest(t *testing.T) *guest {
	t.Helper()
	if testing.Short() {
		t.Skip("boots a machine")
	}
	if err := machine.Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	// Not the test's own, which is over before its clean-up runs.
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	shared.once.Do(func() {
		// It outlives the test that happens to be the first.
		shared.m, shared.err = machine.Start(ctx, machine.Options{})
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return &guest{Machine: shared.m, t: t, ctx: ctx}
}

func (g *guest) write(path, content string) {
	g.t.Helper()
	if err := g.WriteFile(path, []byte(content), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

// program copies this test binary into the machine.
func (g *guest) program(path string) {
	g.t.Helper()
	self, err := os.Executable()
	if err != nil {
		g.t.Fatal(err)
	}
	g.run("mkdir", "-p", filepath.Dir(path))
	// A program that runs cannot be written to.
	g.run("rm", "-f", path)
	if err := g.CopyIn(self, path); err != nil {
		g.t.Fatal(err)
	}
	g.run("chmod", "755", path)
}

// run runs a command that has to succeed.
func (g *guest) run(argv ...string) string {
	g.t.Helper()
	out, err := g.Run(g.ctx, argv...)
	if err != nil || out.Exit != 0 {
		g.t.Fatalf("%q: exit %d, %v\n%s%s", argv, out.Exit, err, out.Stdout, out.Stderr)
	}
	return out.Stdout
}
