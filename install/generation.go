package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// manifestVersion is the number of the manifest's format.
const manifestVersion = 1

// What lies in a generation's folder, beside its units and its spec's copy:
// what it owns, and what the proxy runs.
const (
	manifestFile = "manifest.json"
	configFile   = "config.json"
)

// keepGenerations is how many generations stay on disk: enough to go back
// over a bad week, small enough that nobody has to look after them.
const keepGenerations = 10

// Generation is one applied result: immutable, numbered, on disk in
// generations/NUMBER below Paths.State.
type Generation struct {
	Version int `json:"version"`
	Number  int `json:"number"`
	// Previous is what rollback returns to, 0 for nothing.
	Previous  int       `json:"previous"`
	CreatedAt time.Time `json:"created_at"`
	// Sum is Desired.Sum.
	Sum     string  `json:"sum"`
	Desired Desired `json:"desired"`
}

func (p Paths) generation(n int) string {
	return filepath.Join(p.State, relative(n))
}

// flipCurrent makes a generation the applied one.
func (p Paths) flipCurrent(n int) error { return flipLink(p.currentLink(), relative(n)) }

// flipServing makes a proxy that starts now run a generation's config.
func (p Paths) flipServing(n int) error {
	return flipLink(p.servingLink(), filepath.Join(relative(n), configFile))
}

// relative is where the links of Paths.State find a generation.
func relative(n int) string { return filepath.Join("generations", strconv.Itoa(n)) }

// currentLink points at the generation that is applied.
func (p Paths) currentLink() string { return filepath.Join(p.State, "current") }

// servingLink points at the config that a proxy which starts now runs. It
// flips before current does, when the units that the config needs are up.
func (p Paths) servingLink() string { return filepath.Join(p.State, "proxy.json") }

// ServingConfig is the path that the proxy reads its config from.
func (p Paths) ServingConfig() string { return p.servingLink() }

func (p Paths) pendingFile() string { return filepath.Join(p.State, "pending") }

// CurrentGeneration is the applied generation's number, 0 where nothing is.
func CurrentGeneration(p Paths) (int, error) {
	return linkedGeneration(p.currentLink(), func(target string) string { return filepath.Base(target) })
}

// servingGeneration is the generation whose config a proxy that starts now runs.
func servingGeneration(p Paths) (int, error) {
	return linkedGeneration(p.servingLink(), func(target string) string { return filepath.Base(filepath.Dir(target)) })
}

func linkedGeneration(link string, number func(string) string) (int, error) {
	target, err := os.Readlink(link)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cannot read the link %s: %w", link, err)
	}
	n, err := strconv.Atoi(number(target))
	if err != nil {
		return 0, fmt.Errorf("%w: the link %s leads to %s, which is no generation", ErrState, link, target)
	}
	return n, nil
}

// generations lists the numbers on disk, in order.
func generations(p Paths) ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(p.State, "generations"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list the generations: %w", err)
	}
	var list []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && n > 0 {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

// NextGeneration is the number of the next new generation: past all that are
// on disk, so that none is ever written twice.
func NextGeneration(p Paths) (int, error) {
	list, err := generations(p)
	if err != nil || len(list) == 0 {
		return 1, err
	}
	return list[len(list)-1] + 1, nil
}

// pruneGenerations deletes what keepGenerations no longer covers, never one
// in keep.
func pruneGenerations(p Paths, keep ...int) error {
	list, err := generations(p)
	if err != nil {
		return err
	}
	for i := 0; i < len(list)-keepGenerations; i++ {
		if slices.Contains(keep, list[i]) {
			continue
		}
		if err := os.RemoveAll(p.generation(list[i])); err != nil {
			return fmt.Errorf("cannot delete generation %d: %w", list[i], err)
		}
	}
	return nil
}
