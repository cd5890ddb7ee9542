package readiness

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/webstack/webstack/integration/unrun"
)

// rooms are a folder of root's, as RunFolder is, and what must not be touched.
func rooms(t *testing.T) (run, precious string) {
	t.Helper()
	dir := t.TempDir()
	run, precious = filepath.Join(dir, "run"), filepath.Join(dir, "precious")
	if err := os.Mkdir(precious, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(precious, "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	return run, precious
}

func wantUntouched(t *testing.T, precious string) {
	t.Helper()
	for path, mode := range map[string]fs.FileMode{precious: 0o700, filepath.Join(precious, "file"): 0o600} {
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Perm() != mode || int(info.Sys().(*syscall.Stat_t).Gid) != os.Getegid() {
			t.Errorf("%s is touched: %v, %v", path, info, err)
		}
	}
}

func TestAFolderIsItsOwnersAndItsGroups(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077)) // the app's
	run, _ := rooms(t)
	folder := filepath.Join(run, "app@1")
	uid, gid := os.Getuid(), os.Getgid()
	if os.Getuid() == 0 {
		uid, gid = 65533, 65532
	}
	for range 2 { // of a start and of the next
		if err := MakeFolder(folder, uid, gid); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(folder)
		if err != nil {
			t.Fatal(err)
		}
		stat := info.Sys().(*syscall.Stat_t)
		if info.Mode() != fs.ModeDir|folderMode || int(stat.Uid) != uid || int(stat.Gid) != gid {
			t.Errorf("got %v of %d:%d, want %v of %d:%d", info.Mode(), stat.Uid, stat.Gid, folderMode, uid, gid)
		}
		if err := os.WriteFile(filepath.Join(folder, "socket"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Lstat(run); err != nil || info.Mode().Perm() != rootFolderMode {
		t.Errorf("the folder of the folders is %v, %v", info, err)
	}
	if _, err := os.Lstat(filepath.Join(folder, "socket")); err != nil {
		t.Fatal(err)
	}
	if err := MakeFolder(folder, uid, gid); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("an earlier process left %v, %v", left, err)
	}
}

func TestNoLinkLeadsAGateElsewhere(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(run, precious string) error
		refused bool
	}{
		{"a link for the instance's folder", func(run, precious string) error {
			return os.Symlink(precious, filepath.Join(run, "app@1"))
		}, false},
		{"a link in the instance's folder", func(run, precious string) error {
			if err := os.Mkdir(filepath.Join(run, "app@1"), 0o755); err != nil {
				return err
			}
			return os.Symlink(precious, filepath.Join(run, "app@1", "socket"))
		}, false},
		{"a file for the instance's folder", func(run, _ string) error {
			return os.WriteFile(filepath.Join(run, "app@1"), nil, 0o644)
		}, false},
		{"a link for the folder of the folders", func(run, precious string) error {
			if err := os.Remove(run); err != nil {
				return err
			}
			return os.Symlink(precious, run)
		}, true},
		{"a file for the folder of the folders", func(run, _ string) error {
			if err := os.Remove(run); err != nil {
				return err
			}
			return os.WriteFile(run, nil, 0o644)
		}, true},
	} {
		run, precious := rooms(t)
		if err := os.Mkdir(run, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := c.prepare(run, precious); err != nil {
			t.Fatal(err)
		}
		err := MakeFolder(filepath.Join(run, "app@1"), os.Getuid(), os.Getgid())
		if (err != nil) != c.refused {
			t.Errorf("%s: got the error %v, want refused: %v", c.name, err, c.refused)
		}
		wantUntouched(t, precious)
	}
}

func TestAFolderOfSomebodyElsesIsRefused(t *testing.T) {
	if os.Getuid() != 0 {
		unrun.Skip(t, "only root can give a folder away")
	}
	run, _ := rooms(t)
	if err := os.Mkdir(run, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(run, 65533, 65533); err != nil {
		t.Fatal(err)
	}
	wantError(t, rootFolder(run), "is no folder of root's")
	wantError(t, WriteRecord(run, "app@1", os.Getpid(), "x"), "is no folder of root's")
}

func TestARecordIsOfOneProcess(t *testing.T) {
	run, precious := rooms(t)
	if err := os.Mkdir(run, 0o755); err != nil {
		t.Fatal(err)
	}
	defer syscall.Umask(syscall.Umask(0o777)) // the app's
	// Whatever stands at its name is replaced, not written through.
	if err := os.Symlink(filepath.Join(precious, "file"), recordPath(run, "app@1")); err != nil {
		t.Fatal(err)
	}
	if err := WriteRecord(run, "app@1", os.Getpid(), "abc"); err != nil {
		t.Fatal(err)
	}
	wantUntouched(t, precious)
	if info, err := os.Lstat(recordPath(run, "app@1")); err != nil || info.Mode() != 0o644 {
		t.Errorf("the record is %v, %v", info, err)
	}
	if got := RecordedHash(run, "app@1", os.Getpid()); got != "abc" {
		t.Errorf("got %q, want abc", got)
	}
	if got := RecordedHash(run, "app@1", os.Getppid()); got != "" {
		t.Errorf("another process has the hash %q", got)
	}
	if got := RecordedHash(run, "app@2", os.Getpid()); got != "" {
		t.Errorf("another instance has the hash %q", got)
	}
}
