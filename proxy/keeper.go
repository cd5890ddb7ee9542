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

// keeper writes a file again and again, and only its latest content: the disk
// may be slow, and nobody waits for it.
type keeper struct {
	path   string
	log    *slog.Logger
	latest chan []byte
	// written is what the file has, owed what it should have and could not be
	// given, nil for nothing: that is said once.
	written, owed []byte
}

func newKeeper(path string, log *slog.Logger) *keeper {
	return &keeper{path: path, log: log, latest: make(chan []byte, 1)}
}

// put has a text written. It is called by one at a time.
func (k *keeper) put(text []byte) {
	select {
	case <-k.latest: // it was not written yet, and is outdated
	default:
	}
	k.latest <- text
}

// run writes what is put until ctx is done, and then what is left.
func (k *keeper) run(ctx context.Context) {
	for {
		var again <-chan time.Time
		if k.owed != nil {
			again = time.After(writeAgain)
		}
		select {
		case text := <-k.latest:
			k.keep(text)
		case <-again:
			k.keep(k.owed)
		case <-ctx.Done():
			k.end()
			return
		}
	}
}

// end writes what is left to be written.
func (k *keeper) end() {
	select {
	case text := <-k.latest:
		k.keep(text)
	default:
		if k.owed != nil {
			k.keep(k.owed)
		}
	}
}

// keep writes a text that differs from the last.
func (k *keeper) keep(text []byte) {
	if bytes.Equal(text, k.written) {
		k.owed = nil
		return
	}
	if err := replaceFile(k.path, text); err != nil {
		if k.owed == nil {
			k.log.Error("a restart of the proxy would lose drains, pauses and maintenance", "error", err)
		}
		k.owed = text
		return
	}
	k.written, k.owed = text, nil
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
