package lossless

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/webstack/webstack/integration/machine"
)

// Where the site is in a machine.
const (
	SiteFolder = "/srv/site"
	SiteUser   = "ly"
)

// installTimeout bounds the putting in place, which is copying.
const installTimeout = time.Minute

// Install puts the application into a machine, and nothing that runs it.
func Install(ctx context.Context, m *machine.Machine, repository string) error {
	ctx, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	if err := m.CopyIn(filepath.Join(repository, "integration/lossless/site/app.py"), SiteFolder+"/app.py"); err != nil {
		return fmt.Errorf("cannot install the site: %w", err)
	}
	script := fmt.Sprintf("set -e; id %[1]s || useradd --create-home %[1]s; mkdir -p %[2]s /srv/reports; chown %[1]s: %[2]s %[3]s; echo reports > /srv/reports/index.html",
		SiteUser, NotesFolder, SiteFolder)
	out, err := m.Run(ctx, "sh", "-c", script)
	if err == nil && out.Exit != 0 {
		err = fmt.Errorf("exit %d: %s", out.Exit, strings.TrimSpace(out.Stdout+out.Stderr))
	}
	if err != nil {
		return fmt.Errorf("cannot install the site: %w", err)
	}
	return nil
}

// ReadHistory asks the machine's journal what happened since then.
func ReadHistory(ctx context.Context, m *machine.Machine, since time.Time) (History, error) {
	if _, err := m.Run(ctx, "journalctl", "--sync"); err != nil {
		return nil, err
	}
	out, err := m.Run(ctx, JournalCommand(since)...)
	if err != nil {
		return nil, err
	}
	if out.Exit != 0 {
		return nil, fmt.Errorf("cannot read the journal: exit %d: %s", out.Exit, strings.TrimSpace(out.Stderr))
	}
	return ParseJournal([]byte(out.Stdout))
}

// ReadNotes returns what all instances wrote down.
func ReadNotes(ctx context.Context, m *machine.Machine) (string, error) {
	out, err := m.Run(ctx, "sh", "-c", "cat "+NotesFolder+"/*")
	if err != nil {
		return "", err
	}
	if out.Exit != 0 {
		return "", fmt.Errorf("cannot read the notes: %s", strings.TrimSpace(out.Stderr))
	}
	return out.Stdout, nil
}

// Forget removes the notes of a storm before.
func Forget(ctx context.Context, m *machine.Machine) error {
	// Emptied and not removed: they are open.
	_, err := m.Run(ctx, "sh", "-c", "for f in "+NotesFolder+"/*; do test ! -f \"$f\" || : > \"$f\"; done")
	return err
}
