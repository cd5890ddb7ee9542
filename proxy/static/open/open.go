package open

import (
	"errors"
	"os"
	"time"
)

var (
	// ErrNotFound: no such file below the root, or nothing that may be
	// served; answer 404.
	ErrNotFound = errors.New("no such file")
	// ErrForbidden: it is there and may not be read; answer 403.
	ErrForbidden = errors.New("not permitted")
	// ErrBusy: out of descriptors or memory for now; answer 503.
	ErrBusy = errors.New("out of descriptors")
	// ErrUnsupported: the kernel has no openat2 (Linux 5.6); answer 500.
	ErrUnsupported = errors.New("the kernel has no openat2")
)

// Root is a folder that files are served from. It holds no descriptor: each
// Open looks its path up anew, so a root that is replaced, switched by
// symlink or created later is served as it then stands.
type Root struct {
	path   string
	follow []string
}

// NewRoot makes a root of an absolute folder; follow are the folders that a
// symlink below it may lead to besides its own.
func NewRoot(path string, follow []string) *Root { return &Root{path: path, follow: follow} }

// File is an open regular file or directory.
type File struct {
	FD      int
	Dir     bool
	Size    int64
	ModTime time.Time
}

// Open opens a name below the root ("" is the root itself; a trailing slash
// is ignored). Errors wrap one of the Err values.
func (r *Root) Open(name string) (File, error) { return File{}, ErrNotFound }

// Close closes the descriptor.
func (f File) Close() error { return nil }

// OSFile hands the descriptor over to an *os.File, which closes it.
func (f File) OSFile(name string) *os.File { return os.NewFile(uintptr(f.FD), name) }
