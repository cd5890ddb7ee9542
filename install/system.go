package install

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units"
	"github.com/webstack/webstack/units/bus"
	"github.com/webstack/webstack/units/sockets"
)

// connectTimeout bounds one attempt to reach an instance, which is on this
// machine.
const connectTimeout = 2 * time.Second

// journalTimeout bounds the reading of a failed unit's last lines.
const journalTimeout = 5 * time.Second

// NewHost is the machine that this process runs on, by its bus and its proxy's
// control socket.
func NewHost(c *bus.Conn, proxy *control.Client) *Host {
	return &Host{
		Paths:     DefaultPaths(),
		Unit:      func(ctx context.Context, name string) (Unit, error) { return oneUnit(ctx, c, name) },
		Units:     func(ctx context.Context, names []string) ([]Unit, error) { return manyUnits(ctx, c, names) },
		StartedAt: c.MainStart,
		Loaded: func(ctx context.Context, patterns ...string) ([]Unit, error) {
			states, err := c.Units(ctx, patterns...)
			return inWords(states), err
		},
		Start: func(ctx context.Context, unit string) error {
			return job("start", unit, bus.Done)(c.Start(ctx, unit))
		},
		Stop: func(ctx context.Context, unit string) error {
			return job("stop", unit, bus.Done, bus.Skipped)(c.Stop(ctx, unit))
		},
		Restart: func(ctx context.Context, unit string) error {
			return job("restart", unit, bus.Done)(c.Restart(ctx, unit))
		},
		DaemonReload: c.DaemonReload,
		Enable:       func(ctx context.Context, unit string) error { return c.Enable(ctx, unit) },
		Disable:      func(ctx context.Context, unit string) error { return c.Disable(ctx, unit) },
		ResetFailed: func(ctx context.Context, unit string) error {
			err := c.ResetFailed(ctx, unit)
			if errors.Is(err, bus.ErrNoSuchUnit) {
				return nil // nothing of it is left, which is what was wanted
			}
			return err
		},
		ProxyStatus: proxy.Status,
		ProxyReload: func(ctx context.Context) error { _, err := proxy.Reload(ctx); return err },
		Drain:       func(ctx context.Context, d control.DrainRequest) error { _, err := proxy.Drain(ctx, d); return err },
		Undrain:     func(ctx context.Context, d control.DrainRequest) error { _, err := proxy.Undrain(ctx, d); return err },
		ReportUp: func(ctx context.Context, id string) error {
			up := control.InstanceReport{Instance: id, State: control.UnitUp}
			_, err := proxy.Report(ctx, control.ReportRequest{Reports: []control.InstanceReport{up}})
			return err
		},
		ProcessMemory: proportionalMemory,
		UnitHash:      processUnitHash,
		Sees:          seesSame,
		Verify:        verifyUnits,
		Connect:       connect,
		Holder:        sockets.Holder,
		LookupUser:    userExists,
		LookupGroup:   groupExists,
		LogTail:       logTail,
		Now:           time.Now,
		After:         time.After,
	}
}

// job turns the result of a job into an error unless it is one of good.
func job(verb, unit string, good ...bus.Result) func(bus.Result, error) error {
	return func(got bus.Result, err error) error {
		if err != nil {
			return err
		}
		for _, g := range good {
			if got == g {
				return nil
			}
		}
		return fmt.Errorf("cannot %s %s: the job's result is %q", verb, unit, got)
	}
}

// processUnitHash reads the hash out of a process's first environment, or out
// of the record of its gate where the process wrote over that.
func processUnitHash(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return ""
	}
	for v := range strings.SplitSeq(string(text), "\x00") {
		if hash, ok := strings.CutPrefix(v, units.HashVariable+"="); ok {
			return hash
		}
	}
	return recordedHash(pid)
}

// seesSame looks at a folder through a process's root (proc_pid_root(5)).
func seesSame(pid int, path string) bool {
	here, err := os.Stat(path)
	if err != nil {
		return true // what is missing cannot be bound, and needs no new view
	}
	there, err := os.Stat(fmt.Sprintf("/proc/%d/root%s", pid, path))
	return err == nil && os.SameFile(here, there)
}

func connect(ctx context.Context, network, address string) error {
	d := net.Dialer{Timeout: connectTimeout}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	return c.Close()
}

// logTail reads a unit's last lines from the journal; where they cannot be
// had, there are none to show.
func logTail(ctx context.Context, unit string, lines int) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, "journalctl", "--no-pager", "--quiet", "--output=cat",
		"--unit="+unit, "--lines="+strconv.Itoa(lines)).Output()
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")
}
