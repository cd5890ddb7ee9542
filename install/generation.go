package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/config"
)

// manifestVersion is the number of the manifest's format.
const manifestVersion = 1

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
	return filepath.Join(p.State, "generations", strconv.Itoa(n))
}

// currentLink points at the generation that is applied.
func (p Paths) currentLink() string { return filepath.Join(p.State, "current") }

// servingLink points at the config that a proxy which starts now runs. It
// flips before current does, when the units that the config needs are up.
func (p Paths) servingLink() string { return filepath.Join(p.State, "proxy.json") }

// ServingConfig is the path that the proxy reads its config from.
func (p Paths) ServingConfig() string { return p.servingLink() }

func (p Paths) pendingFile() string { return filepath.Join(p.State, "pending") }

// storeGeneration writes a generation's folder under a temporary name and
// renames it: a number either holds a whole generation or does not exist.
func storeGeneration(p Paths, g *Generation) error {
	final := p.generation(g.Number)
	parent := filepath.Dir(final)
	if err := makeDirs(parent, 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(final); err != nil {
		return fmt.Errorf("cannot clear %s: %w", final, err)
	}
	temp, err := os.MkdirTemp(parent, ".new-*")
	if err != nil {
		return fmt.Errorf("cannot store generation %d: %w", g.Number, err)
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o755); err != nil {
		return fmt.Errorf("cannot store generation %d: %w", g.Number, err)
	}
	if err := fillGeneration(p, temp, g); err != nil {
		return fmt.Errorf("cannot store generation %d: %w", g.Number, err)
	}
	if err := os.Rename(temp, final); err != nil {
		return fmt.Errorf("cannot store generation %d: %w", g.Number, err)
	}
	return syncDir(parent)
}

func fillGeneration(p Paths, dir string, g *Generation) error {
	g.Desired.Config.Generation = g.Number
	text, err := config.Encode(g.Desired.Config)
	if err != nil {
		return err
	}
	manifest, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		return err
	}
	// The spec may hold passwords in env: root's eyes only.
	specDir := filepath.Join(dir, "spec")
	if err := makeDirs(specDir, 0o700); err != nil {
		return err
	}
	for _, f := range g.Desired.Spec {
		path := filepath.Join(specDir, filepath.FromSlash(f.Name))
		if err := makeDirs(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := writeFile(path, f.Data, 0o600); err != nil {
			return err
		}
	}
	for _, f := range g.Desired.Files {
		path := filepath.Join(dir, "units", f.Path)
		if err := makeDirs(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := writeFile(path, []byte(f.Content), 0o644); err != nil {
			return err
		}
	}
	if err := writeFile(filepath.Join(dir, "manifest.json"), append(manifest, '\n'), 0o644); err != nil {
		return err
	}
	configPath := filepath.Join(dir, "config.json")
	if err := writeFile(configPath, text, 0o640); err != nil {
		return err
	}
	return giveToGroup(configPath, p.ConfigGroup)
}

// giveToGroup lets the proxy's group read its config, which may hold header
// values that are nobody else's business.
func giveToGroup(path, group string) error {
	if group == "" {
		return nil
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return fmt.Errorf("group %q does not exist; the package's sysusers.d makes it: %w", group, err)
	}
	gid, err := strconv.Atoi(g.Gid)
	if err != nil {
		return fmt.Errorf("group %q has the odd id %q", group, g.Gid)
	}
	return os.Chown(path, -1, gid)
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
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		return nil, fmt.Errorf("generation %d is not whole: %w", n, err)
	}
	if g.Desired.Config, err = config.Decode(text); err != nil {
		return nil, fmt.Errorf("generation %d has no usable config: %w", n, err)
	}
	if g.Desired.Spec, err = loadSpecCopy(filepath.Join(dir, "spec")); err != nil {
		return nil, fmt.Errorf("generation %d is not whole: %w", n, err)
	}
	return g, nil
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

// errNewer: nothing is broken, but this webstack does not understand it.
var errNewer = errors.New("a newer webstack wrote it")

// stateError marks what is wrong with a generation that must be there.
func stateError(err error) error {
	if err == nil || errors.Is(err, errNewer) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrState, err)
}

// loadManifest reads what a generation owns, without its contents.
func loadManifest(p Paths, n int) (*Generation, error) {
	path := filepath.Join(p.generation(n), "manifest.json")
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
	return files, err
}

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
