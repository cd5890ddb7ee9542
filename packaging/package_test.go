package packaging_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/unrun"
)

// packaged is the time that the packages under test are built at.
var packaged = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// buildPackages runs build.sh of a repository for this machine's architecture
// and returns each package's sum by its name.
func buildPackages(t *testing.T, repository, out, shellPrefix string) map[string]string {
	t.Helper()
	cmd := exec.Command("sh", "-c", shellPrefix+` exec packaging/build.sh "$@"`, "sh", out, runtime.GOARCH)
	cmd.Dir = repository
	cmd.Env = append(os.Environ(),
		"VERSION=1.2.3", "SOURCE_DATE_EPOCH="+strconv.FormatInt(packaged.Unix(), 10), "MAKEFLAGS=", "MAKELEVEL=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, text)
	}
	sums := map[string]string{}
	for _, pattern := range []string{"*.deb", "*.rpm"} {
		found, err := filepath.Glob(filepath.Join(out, pattern))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: got %q, want one", pattern, found)
		}
		content, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		sums[filepath.Base(found[0])] = hex.EncodeToString(sum[:])
	}
	return sums
}

// copyRepository copies what is built from, with other times and modes.
func copyRepository(t *testing.T, from, to string) {
	t.Helper()
	skip := []string{".git", "bin", "dist", "docs", "testdata"}
	err := filepath.WalkDir(from, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir() && slices.Contains(skip, e.Name()):
			return fs.SkipDir
		case e.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !e.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		mode := os.FileMode(0o600)
		if info, err := e.Info(); err == nil && info.Mode()&0o100 != 0 {
			mode = 0o700
		}
		copied := filepath.Join(to, rel)
		if err := os.WriteFile(copied, content, mode); err != nil {
			return err
		}
		return os.Chtimes(copied, time.Unix(1, 0), time.Unix(1, 0))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestThePackagesAreTheSameFromTwoFoldersAndUmasks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the packages twice")
	}
	here, there := t.TempDir(), filepath.Join(t.TempDir(), "another", "place")
	got := buildPackages(t, "..", here, "umask 002;")
	copyRepository(t, "..", there)
	again := buildPackages(t, there, filepath.Join(there, "out"), "umask 077; export TZ=Asia/Tokyo LANG=C.UTF-8;")
	for name, sum := range got {
		if again[name] != sum {
			t.Errorf("%s: got %s from another folder, want %s", name, again[name], sum)
		}
	}
	t.Run("and hold what they should", func(t *testing.T) { checkDeb(t, here) })
}

// checkDeb checks what the deb in a folder holds.
func checkDeb(t *testing.T, dir string) {
	program, err := exec.LookPath("dpkg-deb")
	if err != nil {
		unrun.Skip(t, "dpkg-deb is not installed")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %q, want one deb", found)
	}
	archive, err := exec.Command(program, "--fsys-tarfile", found[0]).Output()
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]fs.FileMode{}
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name := path.Join("/", h.Name)
		modes[name] = h.FileInfo().Mode()
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "root" || h.Gname != "root" {
			t.Errorf("%s: got owner %s:%s, want root:root", name, h.Uname, h.Gname)
		}
		// Nothing carries the time at which it was built or checked out.
		if !h.ModTime.Equal(packaged) {
			t.Errorf("%s: got time %v, want %v", name, h.ModTime, packaged)
		}
		begins := make([]byte, 2)
		n, _ := io.ReadFull(r, begins) // a short file is no program
		want := fs.FileMode(0o644)
		if h.Typeflag == tar.TypeDir || name == "/usr/bin/webstack" || string(begins[:n]) == "#!" {
			want = 0o755
		}
		if got := h.FileInfo().Mode().Perm(); got != want {
			t.Errorf("%s: got mode %v, want %v", name, got, want)
		}
	}
	wanted := []string{
		"/usr/bin/webstack", "/etc/webstack/webstack.toml", "/etc/webstack/conf.d", "/etc/logrotate.d/webstack",
		"/usr/share/man/man8/webstack.8.gz", "/usr/share/man/man8/webstack-apply.8.gz", "/usr/share/man/man5/webstack.toml.5.gz",
		"/usr/share/bash-completion/completions/webstack", "/usr/share/zsh/vendor-completions/_webstack",
		"/usr/share/fish/vendor_completions.d/webstack.fish", "/usr/share/webstack/webstack.schema.json",
		"/usr/share/doc/webstack/copyright", "/usr/share/doc/webstack/changelog.gz", "/usr/share/doc/webstack/changelog.Debian.gz",
		"/usr/share/doc/webstack/examples/tornado/webstack.toml",
	}
	for folder, below := range map[string]string{
		"systemd": "/usr/lib/systemd/system", "sysusers.d": "/usr/lib/sysusers.d", "tmpfiles.d": "/usr/lib/tmpfiles.d",
	} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			wanted = append(wanted, path.Join(below, e.Name()))
		}
	}
	for _, name := range wanted {
		if _, ok := modes[name]; !ok {
			t.Errorf("the deb has no %s", name)
		}
	}
	conffiles, err := exec.Command(program, "--info", found[0], "conffiles").Output()
	if want := "/etc/logrotate.d/webstack\n/etc/webstack/webstack.toml\n"; err != nil || string(conffiles) != want {
		t.Errorf("got conffiles %q (%v), want %q", conffiles, err, want)
	}
}

func TestShellcheckFindsNothingInTheScripts(t *testing.T) {
	program, err := exec.LookPath("shellcheck")
	if err != nil {
		unrun.Skip(t, "shellcheck is not installed")
	}
	scripts, err := filepath.Glob("scripts/*")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("there are no scripts: %v", err)
	}
	scripts = append(scripts, "build.sh", "repo/build.sh", "../integration/deps.sh", "../integration/machine/debian.sh")
	if out, err := exec.Command(program, scripts...).CombinedOutput(); err != nil {
		t.Errorf("shellcheck: %v\n%s", err, out)
	}
}

// A maintainer script that fails leaves the package half installed. These see
// no systemd, no tool and a root of their own.
func TestTheScriptsSucceedWithoutASystemd(t *testing.T) {
	tools := t.TempDir()
	for _, name := range []string{"rm", "rmdir", "head", "grep", "readlink", "mkdir", "cat"} {
		program, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(program, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		script string
		args   []string
	}{
		{"postinst", []string{"configure", ""}},
		{"postinst", []string{"configure", "1.0.0-1"}},
		{"postinst", []string{"abort-upgrade", "1.0.0-1"}},
		{"postinst", []string{"1"}},
		{"postinst", []string{"2"}},
		{"prerm", []string{"remove"}},
		{"prerm", []string{"upgrade", "2.0.0-1"}},
		{"prerm", []string{"failed-upgrade", "1.0.0-1"}},
		{"prerm", []string{"0"}},
		{"prerm", []string{"1"}},
		{"postrm", []string{"remove"}},
		{"postrm", []string{"purge"}},
		{"postrm", []string{"upgrade", "2.0.0-1"}},
		{"postrm", []string{"abort-install"}},
		{"postrm", []string{"0"}},
		{"postrm", []string{"1"}},
	} {
		cmd := exec.Command("/bin/sh", append([]string{filepath.Join("scripts", c.script)}, c.args...)...)
		cmd.Env = []string{"PATH=" + tools, "DPKG_ROOT=" + t.TempDir()}
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), "not found") {
			t.Errorf("%s %s: %v: %s", c.script, strings.Join(c.args, " "), err, out)
		}
	}
}
