package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/config"
)

// errNewer: nothing is broken, but this webstack does not understand it.
var errNewer = errors.New("a newer webstack wrote it")

// stateError marks what is wrong with a generation that must be there.
func stateError(err error) error {
	if err == nil || errors.Is(err, errNewer) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrState, err)
}

// Applied reads what the current generation owns, without its contents, which
// only root may read; nil where nothing is applied.
func Applied(p Paths) (*Generation, error) {
	n, err := CurrentGeneration(p)
	if err != nil || n == 0 {
		return nil, err
	}
	g, err := loadManifest(p, n)
	return g, stateError(err)
}

// LoadGeneration reads a generation back, whole and unchanged, or says what
// is missing.
func LoadGeneration(p Paths, n int) (*Generation, error) {
	dir := p.generation(n)
	g, err := loadManifest(p, n)
	if err != nil {
		return nil, err
	}
	for i, f := range g.Desired.Files {
		text, err := os.ReadFile(filepath.Join(dir, "units", f.Path))
		if err != nil {
			return nil, fmt.Errorf("generation %d is not whole: %w", n, err)
		}
		if sum(string(text)) != f.SHA256 {
			return nil, fmt.Errorf("generation %d was changed: units/%s is not what was applied", n, f.Path)
		}
		g.Desired.Files[i].Content = string(text)
	}
	text, err := os.ReadFile(filepath.Join(dir, configFile))
	if err != nil {
		return nil, fmt.Errorf("generation %d is not whole: %w", n, err)
	}
	if g.Desired.Config, err = config.Decode(text); err != nil {
		return nil, fmt.Errorf("generation %d has no usable config: %w", n, err)
	}
	if g.Desired.OnChange, err = loadOnChange(dir); err != nil {
		return nil, fmt.Errorf("generation %d is not whole: %w", n, err)
	}
	if g.Desired.Spec, err = loadSpecCopy(filepath.Join(dir, "spec")); err != nil {
		return nil, fmt.Errorf("generation %d is not whole: %w", n, err)
	}
	return g, nil
}

// loadManifest reads what a generation owns, without its contents.
func loadManifest(p Paths, n int) (*Generation, error) {
	path := filepath.Join(p.generation(n), manifestFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("generation %d is gone: %w", n, err)
	}
	var g Generation
	if err := json.Unmarshal(text, &g); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if g.Version > manifestVersion {
		return nil, fmt.Errorf("%s: %w (format %d, this one reads %d): use that one", path, errNewer, g.Version, manifestVersion)
	}
	if g.Version != manifestVersion || g.Number != n {
		return nil, fmt.Errorf("%s has format %d and number %d", path, g.Version, g.Number)
	}
	return &g, nil
}

// loadManifests does so for several. One that was recorded as pending, and
// killed before it was stored or not stored yet, owns nothing.
func loadManifests(p Paths, numbers []int) ([]*Generation, error) {
	var list []*Generation
	for _, n := range numbers {
		g, err := loadManifest(p, n)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, stateError(err)
		}
		list = append(list, g)
	}
	return list, nil
}

// loadSpecCopy reads the operator's text back. Its names are where the copies
// stand, so that whoever is told of a place finds it.
func loadSpecCopy(dir string) ([]spec.File, error) {
	var files []spec.File
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		override := filepath.Base(filepath.Dir(path)) == "override.d"
		files = append(files, spec.File{Name: path, Data: text, Override: override})
		return err
	})
	// An override replaces what the files before it have.
	slices.SortStableFunc(files, func(a, b spec.File) int { return overrides(a) - overrides(b) })
	return files, err
}

func overrides(f spec.File) int {
	if f.Override {
		return 1
	}
	return 0
}
