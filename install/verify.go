package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// verifyTimeout bounds systemd-analyze, which loads the units and all that
// they name.
const verifyTimeout = 30 * time.Second

// verifyUnits lets systemd-analyze read unit files that stand in folder, before
// they are where PID 1 reads them. A template is checked through one instance.
// What it says about other units of the machine is not ours and is left out.
func verifyUnits(ctx context.Context, folder string, unitFiles []string) error {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	argv := []string{"verify", "--man=no"}
	for _, name := range unitFiles {
		argv = append(argv, strings.Replace(filepath.Join(folder, name), "@.service", "@1.service", 1))
	}
	cmd := exec.CommandContext(ctx, "systemd-analyze", argv...)
	// The trailing colon keeps the machine's own folders (systemd.unit(5)).
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+folder+":", "SYSTEMD_COLORS=0", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	var status *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, exec.ErrNotFound):
		return nil // it is in a package of its own on some distributions: PID 1 judges at start
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("cannot wait for systemd-analyze: %w", context.Cause(ctx))
	case !errors.As(err, &status):
		return fmt.Errorf("cannot run systemd-analyze: %w", err)
	}
	about := complaints(string(out), unitFiles)
	if len(about) == 0 {
		return nil
	}
	return fmt.Errorf("systemd-analyze verify: %s", strings.Join(about, "; "))
}

// complaints are the lines that name one of the files.
func complaints(out string, unitFiles []string) []string {
	var list []string
	for line := range strings.Lines(out) {
		ours := slices.ContainsFunc(unitFiles, func(name string) bool {
			return strings.Contains(line, strings.TrimSuffix(name, ".service"))
		})
		if line = strings.TrimSpace(line); ours && line != "" {
			list = append(list, line)
		}
	}
	return list
}
