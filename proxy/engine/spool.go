package engine

import (
	"os"
	"syscall"
)

// spool is a request's body that is taken in before an instance is asked
// (request_buffer): in memory up to spoolMemory, then in an unlinked file. An
// instance is then busy for as long as it works, and not for as long as the
// client sends; and the whole request can be sent again.
type spool struct {
	// used: the route wants it; closed: the whole body is in it.
	used, closed bool
	memory       pending
	file         *os.File
	size, read   int64
}

const (
	// spoolMemory is what most bodies of forms fit in.
	spoolMemory = 64 << 10
	// spoolQuota bounds what a loop's spools take on the disk together.
	spoolQuota = 4 << 30
)

// whole says that the body is to be had of the spool.
func (s *spool) whole() bool { return s.used && s.closed }

// sent says that all of it was given to the instance's connection; true where
// there is no spool.
func (s *spool) sent() bool { return !s.used || s.closed && s.read == s.size }

// rewind begins anew, for another try.
func (s *spool) rewind() { s.read = 0 }

// add takes a piece in.
func (s *spool) add(w *worker, p []byte) error {
	if s.file == nil && s.memory.len()+len(p) <= spoolMemory {
		s.memory.keep(&w.buffers, p)
		s.size += int64(len(p))
		return nil
	}
	if w.spooled+int64(len(p)) > spoolQuota {
		return syscall.EDQUOT
	}
	if s.file == nil {
		f, err := openSpool()
		if err != nil {
			return err
		}
		// What it takes is counted from here on, also where a write fails.
		s.file = f
		w.spooled += s.size
		if _, err := f.Write(s.memory.bytes()); err != nil {
			return err
		}
		s.memory.drop(&w.buffers)
	}
	w.spooled += int64(len(p))
	s.size += int64(len(p))
	_, err := s.file.Write(p)
	return err
}

// next is the next piece, in the scratch.
func (s *spool) next(w *worker) ([]byte, bodyState) {
	if s.read == s.size {
		return nil, bodyNone
	}
	window := w.window()
	var p []byte
	if s.file == nil {
		p = window[:copy(window, s.memory.bytes()[s.read:])]
	} else {
		n, err := s.file.ReadAt(window[:min(int64(readSize), s.size-s.read)], s.read)
		if n == 0 && err != nil {
			return nil, bodyCut
		}
		p = window[:n]
	}
	s.read += int64(len(p))
	return p, bodyMore
}

func (s *spool) drop(w *worker) {
	s.memory.drop(&w.buffers)
	if s.file != nil {
		w.spooled -= s.size
		s.file.Close()
	}
	*s = spool{}
}

// spoolFolder is for files that may be large: /tmp is often memory (file-hierarchy(7)).
// webstack.service has one of its own (PrivateTmp=).
const spoolFolder = "/var/tmp"

// openSpool makes a file that has no name and is gone with its descriptor.
// Where the file system knows no O_TMPFILE (open(2)), it is unlinked at once.
func openSpool() (*os.File, error) {
	const oTmpfile = 0o20000000 | syscall.O_DIRECTORY
	dir := spoolFolder
	f, err := os.OpenFile(dir, oTmpfile|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err == nil {
		return f, nil
	}
	f, err = os.CreateTemp(dir, "webstack-body-*")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
