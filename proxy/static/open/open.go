package open

import (
	"errors"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// beneath keeps a resolution below its starting folder: absolute symlinks and
// ".." out of it fail with EXDEV (openat2(2)).
const beneath = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS

// resolveCached is RESOLVE_CACHED of openat2(2), Linux 5.12, which package
// unix does not name.
const resolveCached = 0x20

// Root is a folder that files are served from. It holds no descriptor: each
// Open looks its path up anew, so a root that is replaced by rename, switched
// by symlink or created later is served as it then stands.
type Root struct {
	path   string
	follow []string
}

// NewRoot makes a root of an absolute folder; follow are the folders that a
// symlink below it may lead to besides its own. Neither needs to exist yet.
func NewRoot(path string, follow []string) *Root { return &Root{path: path, follow: follow} }

// File is an open regular file or directory. A directory's descriptor may be
// one that only names it (O_PATH).
type File struct {
	FD      int
	Dir     bool
	Size    int64
	ModTime time.Time
}

// Close closes the descriptor.
func (f File) Close() error { return unix.Close(f.FD) }

// OSFile hands the descriptor over to an *os.File, which closes it.
func (f File) OSFile(name string) *os.File { return os.NewFile(uintptr(f.FD), name) }

// Open opens a name below the root: relative, "" for the root itself, a
// trailing slash ignored. Errors wrap one of the Err values.
func (r *Root) Open(name string) (File, error) { return r.open(name, fromDisk) }

// manner is how far an open may go.
type manner uint64

const (
	// fromDisk does all that is needed, and waits for the disk.
	fromDisk manner = 0
	// fromMemory opens what the kernel can find without waiting, by its cache
	// of names, and gives ErrCold for all else: also for a symlink that leads
	// out, and for a refusal, whose ways take several steps.
	fromMemory manner = resolveCached
)

func (r *Root) open(name string, how manner) (File, error) {
	relative := strings.TrimSuffix(name, "/")
	if !isBelow(relative) {
		return File{}, failure("open", name, unix.ENOENT)
	}
	if relative == "" {
		relative = "."
	}
	root, err := openFolder(r.path, how)
	switch {
	case how.isCold(err):
		return File{}, ErrCold
	case err != nil:
		return File{}, failure("open the folder", r.path, err)
	}
	defer unix.Close(root)
	// O_NONBLOCK: a FIFO without a writer must not block; it has no effect on
	// regular files (open(2)).
	fd, err := resolve(root, relative, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, beneath|uint64(how))
	switch {
	case how.isCold(err):
		return File{}, ErrCold
	case errors.Is(err, unix.EXDEV):
		fd, err = r.followOut(root, relative)
	case errors.Is(err, unix.EACCES):
		// A folder may be passed through without being readable; its index
		// is opened by name.
		fd, err = resolve(root, relative, unix.O_PATH|unix.O_DIRECTORY, beneath)
		if err != nil {
			err = unix.EACCES
		}
	}
	if err != nil {
		return File{}, failure("open", name, err)
	}
	f, err := describe(fd)
	if err != nil {
		unix.Close(fd)
		return File{}, failure("open", name, err)
	}
	return f, nil
}

// bestManner is fromMemory where the kernel can do it.
func bestManner() manner {
	fd, err := resolve(unix.AT_FDCWD, "/", unix.O_PATH|unix.O_DIRECTORY, uint64(fromMemory))
	if err == nil {
		unix.Close(fd)
	}
	if errors.Is(err, unix.EINVAL) {
		return fromDisk // Linux 5.6 to 5.11
	}
	return fromMemory
}

// isCold says whether an error means that fromDisk must be tried.
func (how manner) isCold(err error) bool {
	if how == fromDisk || err == nil {
		return false
	}
	return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) || errors.Is(err, unix.EXDEV) || errors.Is(err, unix.EACCES)
}

// isBelow refuses what no cleaned path holds, so that a mistake of a caller
// stays one.
func isBelow(name string) bool {
	if strings.IndexByte(name, 0) >= 0 || strings.HasPrefix(name, "/") {
		return false
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == ".." {
			return false
		}
	}
	return true
}

// openFolder opens a folder by its path, through symlinks, just to name it.
func openFolder(path string, how manner) (int, error) {
	return resolve(unix.AT_FDCWD, path, unix.O_PATH|unix.O_DIRECTORY, unix.RESOLVE_NO_MAGICLINKS|uint64(how))
}

// describe takes the facts of an open descriptor and refuses all but regular
// files and directories.
func describe(fd int) (File, error) {
	var st unix.Stat_t
	if err := retry(func() error { return unix.Fstat(fd, &st) }); err != nil {
		return File{}, err
	}
	f := File{FD: fd, Size: st.Size, ModTime: time.Unix(st.Mtim.Unix())}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		f.Dir = true
	default:
		return File{}, unix.ENODEV
	}
	return f, nil
}

// resolveTries bounds how often a resolution is begun again: a signal
// (EINTR), or a rename anywhere on the machine while ".." was resolved
// (EAGAIN; openat2(2) asks for a retry and for a limit).
const resolveTries = 64

func resolve(dir int, name string, flags, how uint64) (int, error) {
	var fd int
	call := func() error {
		var err error
		fd, err = unix.Openat2(dir, name, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: how})
		return err
	}
	if manner(how)&fromMemory != 0 {
		// EAGAIN is the answer here.
		err := call()
		return fd, err
	}
	err := retry(call)
	return fd, err
}

func retry(call func() error) error {
	var err error
	for range resolveTries {
		if err = call(); !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.EAGAIN) {
			break
		}
	}
	return err
}
