package importer_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/install/importer"
	"github.com/webstack/webstack/install/importer/load"
	"github.com/webstack/webstack/install/spec"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s\n(go test -update writes it)", path, got, want)
	}
}

func seed(t *testing.T) *importer.Result {
	t.Helper()
	files := &load.Files{Root: "testdata/seed"}
	front, err := files.Nginx("/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	daemon, err := files.Supervisor("/supervisord.conf")
	if err != nil {
		t.Fatal(err)
	}
	return importer.Convert(importer.Sources{Nginx: front, Supervisor: daemon}, importer.Options{
		Find: func(program string) string { return "/usr/bin/" + program },
	})
}

// TestTheDeploymentThatWebstackBeganWith: eight programs of supervisor behind
// nginx become one app and two sites, and nothing is left to do by hand.
func TestTheDeploymentThatWebstackBeganWith(t *testing.T) {
	got := seed(t)
	golden(t, filepath.Join("testdata", "seed", "webstack.toml"), got.TOML)
	if got.Report.Left() {
		t.Errorf("something is left: %v %v", got.Report.Closed, got.Report.Problems)
	}
	for _, e := range got.Report.Entries {
		if e.Outcome == importer.Unsupported || e.Outcome == importer.Differs && e.Name != "stdout_logfile" {
			t.Errorf("%s:%d %s: got %q (%s), want it converted", e.File, e.Line, e.Text, e.Outcome, e.Note())
		}
	}
	s, found := spec.Parse([]spec.File{{Name: "webstack.toml", Data: []byte(got.TOML)}})
	if len(found) > 0 {
		t.Fatalf("install/spec refuses it: %v", found)
	}
	if len(s.Apps) != 1 || len(s.Apps[0].Ports) != 8 || strings.Join(s.Apps[0].Command, " ") != "/usr/bin/python27 /home/ly/analysisweb/app.py --port={port}" {
		t.Errorf("got apps %+v, want one with eight ports", s.Apps)
	}
}
