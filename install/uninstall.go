package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/webstack/webstack/proxy/config"
)

// NothingDesired is the empty machine: no app, no site.
func NothingDesired() *Desired {
	return &Desired{Config: &config.Config{Version: config.Version}}
}

// Uninstall carries out the plan to the empty machine, and then removes what
// only webstack reads: the generations and their links. The lock file goes
// last, with the folder where the package did not make it.
func Uninstall(ctx context.Context, h *Host, d *Desired, a *Actual, p *Plan, report func(Event)) error {
	if err := Apply(ctx, h, d, a, p, report); err != nil {
		return err
	}
	if err := os.RemoveAll(h.Paths.Releases("")); err != nil { // links and records; the releases stay
		return fmt.Errorf("cannot remove the links to releases: %w", err)
	}
	// What the proxy has kept over restarts means nothing without its config.
	kept := filepath.Join(h.Paths.State, "proxy", "state.json")
	for _, path := range []string{h.Paths.currentLink(), h.Paths.servingLink(), h.Paths.pendingFile(), kept} {
		if err := removeFile(path); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(filepath.Join(h.Paths.State, "generations")); err != nil {
		return fmt.Errorf("cannot remove the generations: %w", err)
	}
	// The folders that apply had to make; they stay where anything is in them.
	os.Remove(h.Paths.Units)
	os.Remove(filepath.Dir(h.Paths.Units))
	return removeFile(filepath.Join(h.Paths.State, "lock"))
}
