package proxy

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// writeAgain is how long after a write that failed it is tried again: a disk
// that was full may have room by then, and nothing else need change until the
// process ends.
const writeAgain = time.Second

// stateFile writes the state again and again, and only the latest: the disk may
// be slow, and nobody waits for it.
type stateFile struct {
	path   string
	log    *slog.Logger
	latest chan []byte
	// written is what the file has, owed what it should have and could not be
	// given, nil for nothing: that is said once.
	written, owed []byte
}

func newStateFile(path string, log *slog.Logger) *stateFile {
	return &stateFile{path: path, log: log, latest: make(chan []byte, 1)}
}

// put has a text written. It is called by one at a time.
func (f *stateFile) put(text []byte) {
	select {
	case <-f.latest: // it was not written yet, and is outdated
	default:
	}
	f.latest <- text
}

// run writes what is put until ctx is done, and then what is left.
func (f *stateFile) run(ctx context.Context) {
	for {
		var again <-chan time.Time
		if f.owed != nil {
			again = time.After(writeAgain)
		}
		select {
		case text := <-f.latest:
			f.keep(text)
		case <-again:
			f.keep(f.owed)
		case <-ctx.Done():
			f.end()
			return
		}
	}
}

// end writes what is left to be written.
func (f *stateFile) end() {
	select {
	case text := <-f.latest:
		f.keep(text)
	default:
		if f.owed != nil {
			f.keep(f.owed)
		}
	}
}

// keep writes a text that differs from the last.
func (f *stateFile) keep(text []byte) {
	if bytes.Equal(text, f.written) {
		f.owed = nil
		return
	}
	if err := replaceFile(f.path, text); err != nil {
		if f.owed == nil {
			f.log.Error("a restart of the proxy would lose drains, pauses and maintenance", "error", err)
		}
		f.owed = text
		return
	}
	f.written, f.owed = text, nil
}

// stateMode: a page may say what not everybody is to read.
const stateMode = 0o600

// replaceFile puts a file in the place of another, whole or not at all,
// whenever the machine stops.
func replaceFile(path string, text []byte) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, stateMode)
	if err != nil {
		return fmt.Errorf("cannot write the state: %w", err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return fmt.Errorf("cannot write the state: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename last.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cannot write the state: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("cannot write the state: %w", err)
	}
	return nil
}
