package open

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// followOut opens a name whose symlinks are absolute or lead out of the root.
//
// The name is resolved once, to a descriptor that only names what it found
// (O_PATH: no FIFO is waited for, no device is touched). What is checked is
// that object's own path, and what is opened for reading is that object, by
// its descriptor; a symlink that is switched meanwhile changes neither.
func (r *Root) followOut(root int, name string) (int, error) {
	found, err := resolve(root, name, unix.O_PATH, unix.RESOLVE_NO_MAGICLINKS)
	if err != nil {
		return -1, err
	}
	defer unix.Close(found)
	if _, err := describe(found); err != nil {
		return -1, err
	}
	real, err := realPath(found)
	if err != nil {
		return -1, err
	}
	if !r.allows(root, real) {
		return -1, unix.EXDEV
	}
	// The magic link leads to the object itself and resolves no name again.
	return reopen(found)
}

// allows says whether a real path is the root, one of the folders that links
// may lead to, or below one of them. The folders are resolved now: they may be
// symlinks that a release switches.
func (r *Root) allows(root int, real string) bool {
	if own, err := realPath(root); err == nil && isInside(real, own) {
		return true
	}
	for _, folder := range r.follow {
		fd, err := openFolder(folder, fromDisk)
		if err != nil {
			continue
		}
		allowed, err := realPath(fd)
		unix.Close(fd)
		if err == nil && isInside(real, allowed) {
			return true
		}
	}
	return false
}

// isInside compares whole segments.
func isInside(path, folder string) bool {
	rest, found := strings.CutPrefix(path, strings.TrimSuffix(folder, "/"))
	return found && (rest == "" || rest[0] == '/')
}

// realPath is where the object of a descriptor stands now (proc_pid_fd(5)).
func realPath(fd int) (string, error) {
	buffer := make([]byte, unix.PathMax)
	var n int
	err := retry(func() error {
		var err error
		n, err = unix.Readlink(procPath(fd), buffer)
		return err
	})
	if err != nil {
		return "", err
	}
	path := string(buffer[:n])
	// "(unreachable)/..." is outside of what this process can name, and a
	// path that fills the buffer is cut.
	if !strings.HasPrefix(path, "/") || n == len(buffer) {
		return "", unix.EXDEV
	}
	return path, nil
}

// reopen opens the object of an O_PATH descriptor for reading; the inode's
// permissions are checked as ever. A folder that may not be read stays named.
func reopen(fd int) (int, error) {
	const flags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY
	opened, err := resolve(unix.AT_FDCWD, procPath(fd), flags, 0)
	if errors.Is(err, unix.EACCES) {
		if folder, dirErr := resolve(fd, ".", unix.O_PATH|unix.O_DIRECTORY, beneath); dirErr == nil {
			return folder, nil
		}
	}
	return opened, err
}

func procPath(fd int) string { return fmt.Sprintf("/proc/self/fd/%d", fd) }
