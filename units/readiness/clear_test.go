package readiness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// nest makes folders within folders: each move makes the next one possible,
// whose whole path would be too long.
func nest(t *testing.T, dir string, depth int) {
	t.Helper()
	t.Chdir(dir)
	for range depth {
		if err := errors.Join(os.Mkdir("d", 0o700), os.WriteFile("file", nil, 0o600), os.Chdir("d")); err != nil {
			t.Fatal(err)
		}
	}
}

// fewDescriptors is a limit as an app's open_files may be.
func fewDescriptors(t *testing.T) {
	t.Helper()
	var had syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &had); err != nil {
		t.Fatal(err)
	}
	few := had
	few.Cur = 128
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &had); err != nil {
			t.Error(err)
		}
	})
}

func TestWhateverIsInAFolderIsRemovedWithIt(t *testing.T) {
	for name, fill := range map[string]func(t *testing.T, dir, precious string){
		"nothing": func(*testing.T, string, string) {},
		"folders within folders": func(t *testing.T, dir, _ string) {
			fewDescriptors(t)
			nest(t, dir, 300)
		},
		"many files and links": func(t *testing.T, dir, precious string) {
			for i := range 3 * clearing {
				err := errors.Join(
					os.Symlink(precious, filepath.Join(dir, fmt.Sprint("link", i))),
					os.WriteFile(filepath.Join(dir, fmt.Sprint("file", i)), nil, 0o600),
				)
				if err != nil {
					t.Fatal(err)
				}
			}
		},
		"many folders with something in them": func(t *testing.T, dir, precious string) {
			for i := range 2 * clearing {
				inner := filepath.Join(dir, "folder", fmt.Sprint(i))
				if err := errors.Join(os.MkdirAll(inner, 0o700), os.Symlink(precious, filepath.Join(inner, "link"))); err != nil {
					t.Fatal(err)
				}
			}
		},
		"names that would be needed": func(t *testing.T, dir, _ string) {
			for i := range 3 {
				if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint(".", i), "a", "b", fmt.Sprint(".", i)), 0o700); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, precious := rooms(t)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			fill(t, dir, precious)
			if err := remove(dir); err != nil {
				t.Fatalf("%.200v", err)
			}
			if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it is there still: %v", err)
			}
			wantUntouched(t, precious)
		})
	}
}

func TestWhatStandsInAFoldersPlaceIsRemoved(t *testing.T) {
	dir, precious := rooms(t)
	if err := errors.Join(remove(dir), os.Symlink(precious, dir), remove(dir)); err != nil {
		t.Fatal(err)
	}
	wantUntouched(t, precious)
}
