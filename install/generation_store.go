package install

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/webstack/webstack/proxy/config"
)

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
	if err := writeFile(filepath.Join(dir, manifestFile), append(manifest, '\n'), 0o644); err != nil {
		return err
	}
	if err := storeOnChange(p, dir, g.Desired.OnChange); err != nil {
		return err
	}
	configPath := filepath.Join(dir, configFile)
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
	gid, err := GroupID(group)
	if err != nil {
		return err
	}
	return os.Chown(path, -1, gid)
}
