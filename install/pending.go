package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// pending is the durable record of applies that began and did not end: the
// generations whose files may stand on the machine besides the current one's.
// It is written before the first unit file and removed after current flips,
// so that whatever a killed apply left behind has an owner.
type pending struct {
	Version     int   `json:"version"`
	Generations []int `json:"generations"`
}

const pendingVersion = 1

func readPending(p Paths) ([]int, error) {
	text, err := os.ReadFile(p.pendingFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the record of what is pending: %w", err)
	}
	var rec pending
	if err := json.Unmarshal(text, &rec); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrState, p.pendingFile(), err)
	}
	if rec.Version != pendingVersion {
		return nil, fmt.Errorf("%w: %s has format %d, this webstack reads %d", ErrState, p.pendingFile(), rec.Version, pendingVersion)
	}
	return rec.Generations, nil
}

// Unfinished says that an apply has begun and not ended, or goes on.
func Unfinished(p Paths) (bool, error) {
	began, err := readPending(p)
	return len(began) > 0, err
}

// RollbackTarget is the generation that a rollback from g, the current one,
// returns to; 0 for none. Where an apply did not end it is g itself; an
// unfinished rollback goes on.
func RollbackTarget(p Paths, g *Generation) (int, error) {
	began, err := readPending(p)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(began, func(n int) bool { return n != g.Number && n != g.Previous }) {
		return g.Number, nil
	}
	return g.Previous, nil
}

// addPending records generation n before anything of it is put in place.
func addPending(p Paths, already []int, n int) error {
	if slices.Contains(already, n) {
		return nil
	}
	text, err := json.Marshal(pending{Version: pendingVersion, Generations: append(slices.Clone(already), n)})
	if err != nil {
		return err
	}
	return writeFile(p.pendingFile(), append(text, '\n'), 0o644)
}

func clearPending(p Paths) error { return removeFile(p.pendingFile()) }
