package open

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var (
	// ErrNotFound: no such file below the root, or nothing that may be served
	// (a FIFO, a socket, a device); answer 404.
	ErrNotFound = errors.New("no such file")
	// ErrForbidden: it is there and may not be read, or a symlink leads to
	// where it may not; answer 403.
	ErrForbidden = errors.New("not permitted")
	// ErrBusy: out of descriptors or memory for now; answer 503.
	ErrBusy = errors.New("out of descriptors or memory")
	// ErrUnsupported: the kernel or a seccomp filter has no openat2; answer
	// 500.
	ErrUnsupported = errors.New("the kernel has no openat2 (Linux 5.6)")
	// ErrCold: the kernel would have to wait for the disk; do it on another
	// thread (see [Fill] and [Warm]). A client never sees it.
	ErrCold = errors.New("not in memory")
	// ErrFailed: anything else, as an error of the disk; answer 500.
	ErrFailed = errors.New("failed")
)

// failure makes an error of a system call's, by what it means for a request.
func failure(what, name string, err error) error {
	kind := ErrFailed
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ENAMETOOLONG),
		errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EINVAL):
		kind = ErrNotFound
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM), errors.Is(err, unix.EXDEV):
		kind = ErrForbidden
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ENOMEM), errors.Is(err, unix.EAGAIN):
		kind = ErrBusy
	case errors.Is(err, unix.ENOSYS):
		kind = ErrUnsupported
	}
	return fmt.Errorf("cannot %s %q: %w: %w", what, name, kind, err)
}

// Check says whether this kernel can open files as this package does: to be
// asked once, before the first request finds out.
func Check() error {
	fd, err := resolve(unix.AT_FDCWD, "/", unix.O_PATH|unix.O_DIRECTORY, unix.RESOLVE_NO_MAGICLINKS)
	if err != nil {
		if errors.Is(err, unix.EPERM) {
			// Old container runtimes refuse unknown system calls with EPERM.
			err = unix.ENOSYS
		}
		return failure("probe openat2 on", "/", err)
	}
	return unix.Close(fd)
}
