package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Lock keeps a second webstack from changing the machine at the same time. It
// is the kernel's, so a killed apply leaves none behind.
type Lock struct{ file *os.File }

// TakeLock takes the machine's lock or returns an error that is [ErrLocked]
// and names who holds it.
func TakeLock(p Paths) (*Lock, error) {
	if err := makeDirs(p.State, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(p.State, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open the lock %s: %w", path, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("cannot lock %s: %w", path, err)
		}
		holder := make([]byte, 64)
		n, _ := f.ReadAt(holder, 0)
		return nil, fmt.Errorf("%w (pid %s holds %s)", ErrLocked, strings.TrimSpace(string(holder[:n])), path)
	}
	// An uninstall that has just ended took the file away: a lock on what has
	// no name keeps nobody out.
	if !sameFile(f, path) {
		f.Close()
		return nil, fmt.Errorf("%w (it has just removed %s)", ErrLocked, path)
	}
	// The pid is for the message alone; the lock holds without it.
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &Lock{file: f}, nil
}

func sameFile(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(open, named)
}

// Release gives the lock back.
func (l *Lock) Release() { l.file.Close() }
