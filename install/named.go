package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Named finds an instance by its app's name and its own, for a gate, which
// runs as root with what it is told here: nothing but a generation of root's
// counts, and an instance that none names is refused. hash is that of the unit
// that the gate runs for: while an apply is under way two generations may name
// the instance, and the one whose unit it is knows how it is reached.
func Named(p Paths, app, instance, hash string) (*App, *Instance, error) {
	list, err := ownGenerations(p)
	if err != nil {
		return nil, nil, err
	}
	var foundApp *App
	var found *Instance
	for _, g := range list {
		a, i := g.Desired.named(app, instance)
		if i == nil || found != nil && a.Hash != hash {
			continue
		}
		foundApp, found = a, i
		if a.Hash == hash {
			break
		}
	}
	if found == nil {
		return nil, nil, fmt.Errorf("no applied generation has an instance %q of an app %q", instance, app)
	}
	return foundApp, found, nil
}

// ownGenerations are the current generation and the pending ones, each held to
// be root's.
func ownGenerations(p Paths) ([]*Generation, error) {
	var numbers []int
	current, err := CurrentGeneration(p)
	if err != nil {
		return nil, err
	}
	if current > 0 {
		numbers = append(numbers, current)
	}
	pending, err := readPending(p)
	if err != nil {
		return nil, err
	}
	numbers = append(numbers, pending...)
	for _, n := range numbers {
		dir := p.generation(n)
		err := ownedByRoot(p.State, filepath.Dir(dir), dir, filepath.Join(dir, manifestFile))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return loadManifests(p, numbers)
}

// ownedByRoot refuses what somebody else could have written. Whoever runs this
// counts as root does, so that it can be tested by others.
func ownedByRoot(paths ...string) error {
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(stat.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 || info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%w: %s may be written by others than root", ErrState, path)
		}
	}
	return nil
}

func (d *Desired) named(app, instance string) (*App, *Instance) {
	for i := range d.Apps {
		a := &d.Apps[i]
		for j := range a.Instances {
			if a.Name == app && a.Instances[j].Name == instance {
				return a, &a.Instances[j]
			}
		}
	}
	return nil, nil
}
