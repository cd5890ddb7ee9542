package proxy

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// stateFile writes the state again and again, and only the latest: the disk may
// be slow, and nobody waits for it.
type stateFile struct {
	path   string
	log    *slog.Logger
	latest chan []byte
	// written is what the file has; failing says that the latest try to write
	// it has failed, which is said once.
	written []byte
	failing bool
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
		select {
		case text := <-f.latest:
			f.keep(text)
		case <-ctx.Done():
			select {
			case text := <-f.latest:
				f.keep(text)
			default:
			}
			return
		}
	}
}

// keep writes a text that differs from the last.
func (f *stateFile) keep(text []byte) {
	if bytes.Equal(text, f.written) {
		return
	}
	err := replaceFile(f.path, text)
	if err == nil {
		f.written = text
	} else if !f.failing {
		f.log.Error("a restart of the proxy would lose drains, pauses and maintenance", "error", err)
	}
	f.failing = err != nil
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
