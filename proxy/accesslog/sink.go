package accesslog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
)

// fileMode is a new log's: the proxy writes, its group may read.
const fileMode = 0o640

// sink is one opened destination with its format. A buffer belongs to one
// sink, so that no line of one format ends up between those of another.
type sink struct {
	destination string
	format      Format
	// Exactly one of these is set.
	lines   io.WriteCloser
	journal *journal
	// torn says that the last write ended in the middle of a line. It is the
	// writer's.
	torn bool
	// buffers is how many buffers hold entries for it; retired, that nobody
	// begins another.
	buffers atomic.Int32
	closed  atomic.Bool
}

// openSink opens a destination; nil is "off".
func openSink(destination string, f Format, journalPath string) (*sink, error) {
	s := &sink{destination: destination, format: f}
	var err error
	switch destination {
	case "", "off":
		return nil, nil
	case "stdout":
		s.lines = keepOpen{os.Stdout}
	case "journal":
		s.journal, err = openJournal(journalPath)
	default:
		s.lines, err = openFile(destination)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// keepOpen is the standard output, which is not ours to close.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

// openFile opens a log to append to. A link in its place is not followed: who
// may write in that folder must not choose what the proxy appends to. A named
// pipe must have a reader: without O_NONBLOCK the open would wait for one.
func openFile(path string) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_APPEND | os.O_CREATE | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	f, err := os.OpenFile(path, flags, fileMode)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return nil, fmt.Errorf("cannot open the access log %s: it is a symbolic link", path)
	case errors.Is(err, syscall.ENXIO):
		return nil, fmt.Errorf("cannot open the access log %s: nobody reads that pipe", path)
	case err != nil:
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("cannot open the access log %s: %w", path, err)
	}
	info, err := f.Stat()
	if err == nil && info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice {
		err = errors.New("it is a disk")
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot open the access log %s: %w", path, err)
	}
	return f, nil
}

// append formats an entry for this sink.
func (s *sink) append(dst []byte, e *Entry, t *stamp) []byte {
	if s.journal != nil {
		return appendDatagram(dst, e)
	}
	return appendLine(dst, s.format, e, t)
}

// write writes a buffer of so many entries and returns how many were lost.
func (s *sink) write(data []byte, entries int) (lost int, err error) {
	if s.journal != nil {
		return s.journal.send(data)
	}
	if s.torn {
		// The rest of a torn line is lost; the next begins on its own.
		if _, err := s.lines.Write([]byte{'\n'}); err != nil {
			return entries, err
		}
		s.torn = false
	}
	n, err := s.lines.Write(data)
	if err == nil {
		return 0, nil
	}
	s.torn = n > 0 && data[n-1] != '\n'
	return countLines(data[n:]), err
}

func countLines(data []byte) int {
	n := 0
	for _, c := range data {
		if c == '\n' {
			n++
		}
	}
	return n
}

// close closes the destination once.
func (s *sink) close() {
	if s.closed.Swap(true) {
		return
	}
	if s.journal != nil {
		s.journal.close()
		return
	}
	s.lines.Close()
}

func isTooLong(err error) bool { return errors.Is(err, syscall.EMSGSIZE) }
