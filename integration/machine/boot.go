package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// RebootKind is how a machine goes down before it comes up again.
type RebootKind int

const (
	// Orderly stops every unit first, as `systemctl reboot` does.
	Orderly RebootKind = iota
	// PowerCut kills PID 1 and with it everything, at once.
	PowerCut
)

// pollInterval separates two looks at a PID 1 that has no way yet to say that
// it is ready.
const pollInterval = 20 * time.Millisecond

// life is what the caller holds of one boot: descriptors, so that nothing is
// ever done to a stranger which got the same PID.
type life struct {
	booted
	netns *os.File
	// home is the cgroup of PID 1's own unit, where Command starts processes;
	// opened on first use, for systemd makes it.
	home *os.File
}

func newLife(b booted) (*life, error) {
	netns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", b.PID))
	if err != nil {
		return nil, fmt.Errorf("cannot open the machine's network namespace: %w", err)
	}
	return &life{booted: b, netns: netns}, nil
}

func (l *life) close() {
	l.netns.Close()
	if l.home != nil {
		l.home.Close()
	}
}

// Reboot takes the machine down and returns when it runs again, on the same
// disk.
func (m *Machine) Reboot(ctx context.Context, kind RebootKind) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	if _, err := m.alive(); err != nil {
		return fmt.Errorf("cannot reboot: %w", err)
	}
	next := m.Boots() + 1
	if err := m.order(order{Reboot: kind == Orderly, PowerCut: kind == PowerCut}); err != nil {
		return fmt.Errorf("cannot reboot: %w", err)
	}
	if err := m.awaitBoot(ctx, next); err != nil {
		return fmt.Errorf("cannot reboot: %w", err)
	}
	return nil
}

// WaitBoot waits until the machine has been booted n times and runs: for a
// reboot that was asked for inside the machine.
func (m *Machine) WaitBoot(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	return m.awaitBoot(ctx, n)
}

func (m *Machine) awaitBoot(ctx context.Context, n int) error {
	if err := m.awaitPID1(ctx, n); err != nil {
		return m.withConsole(err)
	}
	if err := m.awaitRunning(ctx); err != nil {
		return m.withConsole(err)
	}
	return nil
}

// awaitPID1 waits until the n-th systemd has been started.
func (m *Machine) awaitPID1(ctx context.Context, n int) error {
	for {
		m.mu.Lock()
		boots, ended, changed := m.boots, m.ended, m.changed
		m.mu.Unlock()
		switch {
		case ended != "":
			return errors.New(ended)
		case boots >= n:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("PID 1 was not started in time: %w", ctx.Err())
		}
	}
}

// awaitRunning waits until systemd has nothing more to start, and insists that
// no unit failed.
func (m *Machine) awaitRunning(ctx context.Context) error {
	for {
		l, err := m.alive()
		if err != nil {
			return err
		}
		if listening(l.PID) {
			out, err := m.Run(ctx, "systemctl", "is-system-running", "--wait")
			state := strings.TrimSpace(out.Stdout)
			switch {
			case ctx.Err() != nil:
				return fmt.Errorf("systemd does not reach running in time: %w", ctx.Err())
			case err != nil:
				return err
			case state == "running":
				return nil
			case state == "degraded":
				return m.failedUnits(ctx)
			}
			// "offline" or a refused connection: the socket is from before
			// systemd serves it. Look again.
		}
		select {
		case <-time.After(pollInterval):
		case <-ctx.Done():
			return fmt.Errorf("systemd does not open its socket in time: %w", ctx.Err())
		}
	}
}

// listening tells whether PID 1 has opened the socket that systemctl uses.
func listening(pid int) bool {
	_, err := os.Lstat(filepath.Join("/proc", fmt.Sprint(pid), "root/run/systemd/private"))
	return err == nil
}

// failedUnits names what failed and why, as the journal has it.
func (m *Machine) failedUnits(ctx context.Context) error {
	list, err := m.Run(ctx, "systemctl", "list-units", "--state=failed", "--plain", "--no-legend")
	if err != nil {
		return fmt.Errorf("systemd is degraded, and its failed units cannot be listed: %w", err)
	}
	text := "systemd is degraded:"
	for line := range strings.Lines(list.Stdout) {
		unit, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if unit == "" {
			continue
		}
		log, err := m.Run(ctx, "journalctl", "-b", "-u", unit, "-n", "5", "--no-pager", "-o", "cat")
		if err != nil {
			return err
		}
		text += "\n  " + unit + ": " + strings.ReplaceAll(strings.TrimSpace(log.Stdout), "\n", "\n    ")
	}
	return errors.New(text)
}
