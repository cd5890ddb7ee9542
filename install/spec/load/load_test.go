package load_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/webstack/webstack/install/spec/load"
)

// folder writes files below a fresh folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got error %q, want %q in it", err, part)
		}
	}
}

func TestDirReadsInMergeOrder(t *testing.T) {
	root := folder(t, map[string]string{
		"webstack.toml":       "main",
		"conf.d/b.toml":       "b",
		"conf.d/B.toml":       "B",
		"conf.d/a.toml":       "a",
		"conf.d/a.toml.bak":   "not read",
		"conf.d/.#a.toml":     "not read",
		"override.d/50.toml":  "o",
		"override.d/README":   "not read",
		"webstack.toml.saved": "not read",
	})
	files, err := load.Dir(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		name, _ := filepath.Rel(root, f.Name)
		if f.Override {
			name += " override"
		}
		got = append(got, name+" "+string(f.Data))
	}
	want := "webstack.toml main\nconf.d/B.toml B\nconf.d/a.toml a\nconf.d/b.toml b\noverride.d/50.toml override o"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

func TestDirWithoutMainFile(t *testing.T) {
	if files, err := load.Dir(folder(t, map[string]string{"conf.d/a.toml": "a"})); err != nil || len(files) != 1 {
		t.Errorf("with a file in conf.d: got %d files, error %v; want 1, nil", len(files), err)
	}
	_, err := load.Dir(folder(t, map[string]string{"override.d/a.toml": "a"}))
	wantError(t, err, "there is no", "webstack.toml", "webstack init")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist in its chain", err)
	}
}

func TestFileRefusesWhatIsNoSpec(t *testing.T) {
	root := folder(t, map[string]string{"big.toml": strings.Repeat("#", load.MaxFileBytes+1), "max.toml": strings.Repeat("#", load.MaxFileBytes)})
	if _, err := load.File(filepath.Join(root, "max.toml")); err != nil {
		t.Errorf("the largest file: got %v", err)
	}
	_, err := load.File(filepath.Join(root, "big.toml"))
	wantError(t, err, "big.toml has more than 1048576 bytes")
	_, err = load.File(root)
	wantError(t, err, "is a folder")
	_, err = load.File(filepath.Join(root, "none.toml"))
	wantError(t, err, "none.toml: no such file or directory")
	fifo := filepath.Join(root, "fifo.toml")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = load.File(fifo)
	wantError(t, err, "is not a regular file")
}

func TestFileFollowsALinkToAFile(t *testing.T) {
	root := folder(t, map[string]string{"real.toml": "x"})
	link := filepath.Join(root, "link.toml")
	if err := os.Symlink("real.toml", link); err != nil {
		t.Fatal(err)
	}
	files, err := load.File(link)
	if err != nil || files[0].Name != link || string(files[0].Data) != "x" {
		t.Errorf("got %v, error %v; want the file under the link's name", files, err)
	}
}
