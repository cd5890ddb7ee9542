package deploy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/webstack/webstack/integration/machine"
)

// Paths of the deployment, as examples/tornado/webstack.toml names them.
const (
	AppFolder     = "/home/ly/analysisweb"
	ReportsFolder = "/srv/reports"
	SpecPath      = "/etc/webstack/webstack.toml"
)

// stepTimeout bounds one command in the machine.
const stepTimeout = time.Minute

// reportsPage is the second site's whole content.
const reportsPage = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Reports</title>
<h1>Reports</h1>
<p>Plain files, served by the proxy alone.</p>
</html>
`

// Stage builds webstack and fills dir with all that it installs.
func Stage(ctx context.Context, repository, dir string) error {
	// Whoever copies the folder onto a root gets its mode too.
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot stage webstack: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("cannot stage webstack: %w", err)
	}
	cmd := exec.CommandContext(ctx, "make", "--silent", "build", "install", "DESTDIR="+dir, "PREFIX=/usr")
	cmd.Dir = repository
	// As if by hand: a make above this process must not pass its flags and
	// variables down.
	cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "MAKEOVERRIDES=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot stage webstack: make install: %w\n%s", err, out)
	}
	return nil
}

// Install copies a staged webstack into a machine and does what a package's
// script does after its files are there.
func Install(ctx context.Context, m *machine.Machine, staged string) error {
	if err := m.CopyIn(staged, "/"); err != nil {
		return fmt.Errorf("cannot install webstack: %w", err)
	}
	steps := [][]string{
		{"systemd-sysusers", "webstack.conf"},
		{"systemd-tmpfiles", "--create", "webstack.conf"},
		{"systemctl", "daemon-reload"},
	}
	for _, argv := range steps {
		if err := do(ctx, m, argv...); err != nil {
			return fmt.Errorf("cannot install webstack: %w", err)
		}
	}
	return nil
}

// Boot starts a machine and installs a staged webstack into it.
func Boot(ctx context.Context, hostname, staged string) (*machine.Machine, error) {
	m, err := machine.Start(ctx, machine.Options{Hostname: hostname})
	if err != nil {
		return nil, err
	}
	if err := Install(ctx, m, staged); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// BootSeed stages webstack in a folder, starts a machine with it and puts the
// example's application there.
func BootSeed(ctx context.Context, hostname, repository, staged string) (*machine.Machine, error) {
	if err := Stage(ctx, repository, staged); err != nil {
		return nil, err
	}
	m, err := Boot(ctx, hostname, staged)
	if err != nil {
		return nil, err
	}
	if err := SeedApp(ctx, m, repository); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// SeedApp makes the user ly with a home that nobody else may enter, the
// example application in it, and the folder of the second site.
func SeedApp(ctx context.Context, m *machine.Machine, repository string) error {
	if err := seed(ctx, m, repository); err != nil {
		return fmt.Errorf("cannot put the example in place: %w", err)
	}
	return nil
}

func seed(ctx context.Context, m *machine.Machine, repository string) error {
	home := filepath.Dir(AppFolder)
	if err := do(ctx, m, "useradd", "--create-home", "--home-dir", home, "--shell", "/bin/sh", "ly"); err != nil {
		return err
	}
	if err := m.CopyIn(filepath.Join(repository, "examples/tornado"), AppFolder); err != nil {
		return err
	}
	if err := do(ctx, m, "chown", "-R", "ly:ly", home); err != nil {
		return err
	}
	if err := do(ctx, m, "chmod", "700", home); err != nil {
		return err
	}
	return m.WriteFile(filepath.Join(ReportsFolder, "index.html"), []byte(reportsPage), 0o644)
}

// WriteSpec makes the example's spec the machine's.
func WriteSpec(m *machine.Machine, repository string) error {
	text, err := os.ReadFile(filepath.Join(repository, "examples/tornado/webstack.toml"))
	if err != nil {
		return fmt.Errorf("cannot write the spec: %w", err)
	}
	return m.WriteFile(SpecPath, text, 0o644)
}

// do runs a command in the machine that has to succeed.
func do(ctx context.Context, m *machine.Machine, argv ...string) error {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	out, err := m.Run(ctx, argv...)
	if err != nil {
		return err
	}
	if out.Exit != 0 {
		return fmt.Errorf("%s: exit %d: %s", strings.Join(argv, " "), out.Exit, strings.TrimSpace(out.Stdout+out.Stderr))
	}
	return nil
}
