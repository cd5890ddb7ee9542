package readiness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Account is who is to be able to connect.
type Account struct {
	Name   string
	UID    int
	Groups []int
}

// mayConnect says why an account cannot connect to a unix socket, nil where it
// can: each folder on the way must let it pass, and the socket must let it
// write (unix(7)). Root connects to anything, so trying tells nothing.
func (a *Account) mayConnect(path string) error {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if err := a.may(dir, 0o1, "enter"); err != nil {
			return err
		}
		if dir == "/" {
			break
		}
	}
	return a.may(path, 0o2, "write to")
}

// may checks one of the permission bits of what is at path, no link followed.
func (a *Account) may(path string, bit fs.FileMode, verb string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("cannot tell whose " + path + " is")
	}
	mode := info.Mode().Perm()
	granted := mode & bit
	switch {
	case int(stat.Uid) == a.UID:
		granted = mode >> 6 & bit
	case slices.Contains(a.Groups, int(stat.Gid)):
		granted = mode >> 3 & bit
	}
	if granted == 0 {
		return fmt.Errorf("user %s may not %s %s (mode %04o, owner %d, group %d)", a.Name, verb, path, mode, stat.Uid, stat.Gid)
	}
	return nil
}
