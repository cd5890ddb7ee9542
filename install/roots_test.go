package install

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWhatAPathLeadsThrough(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	for _, folder := range []string{in("releases", "2", "static"), in("plain")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		in("current"): "releases/2",
		in("abs"):     in("current"),
		in("loop"):    "loop",
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		why  string
		path string
		want []string
	}{
		{"a plain folder is itself", in("plain"), []string{in("plain")}},
		{"a folder that is not there yet is itself", in("later", "static"), []string{in("later", "static")}},
		{"a link on the way is shown, and where it ends", in("current", "static"), []string{in("current"), in("releases", "2", "static")}},
		{"links lead through each other", in("abs", "static"), []string{in("abs"), in("current"), in("releases", "2", "static")}},
		{"a loop ends", in("loop"), []string{in("loop")}},
	} {
		if got := ThroughLinks(c.path); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}
