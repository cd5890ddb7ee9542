package readiness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// folderMode lets its owner in, who makes the socket, and its group, which
// connects; what is made in it gets that group (mkdir(2), S_ISGID).
const folderMode = 0o750 | fs.ModeSetgid

// rootFolderMode lets everybody pass to what is his own.
const rootFolderMode = 0o755

// rootFolder makes a folder of root's own, or makes sure that one that is
// there is: whoever could write there could put links where root will write.
func rootFolder(path string) error {
	if err := os.Mkdir(path, rootFolderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot make a folder: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is no folder of root's", path)
	}
	// The umask is the app's: it neither closes the folder nor opens it.
	if err := os.Chmod(path, rootFolderMode); err != nil {
		return fmt.Errorf("cannot open %s to those who pass: %w", path, err)
	}
	return nil
}

// MakeFolder makes the folder of an instance's socket anew, for its owner and
// one group: whatever an earlier process left there is gone, a socket among it.
func MakeFolder(path string, uid, gid int) error {
	if err := rootFolder(filepath.Dir(path)); err != nil {
		return err
	}
	if err := remove(path); err != nil {
		return fmt.Errorf("cannot clear %s: %w", path, err)
	}
	// Until it is whole nobody but root can enter.
	if err := os.Mkdir(path, 0o700); err != nil {
		return fmt.Errorf("cannot make a folder: %w", err)
	}
	// In this order: chown(2) takes set-group-ID away, and the owner cannot
	// replace the folder, since the one above is root's.
	if err := os.Lchown(path, uid, gid); err != nil {
		return fmt.Errorf("cannot give %s away: %w", path, err)
	}
	if err := os.Chmod(path, folderMode); err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	return nil
}
