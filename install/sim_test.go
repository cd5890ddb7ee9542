package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
)

// sim is a machine in memory but for its files, which are real ones below a
// temporary folder: units with states, a proxy that runs a generation, and a
// log of every call that changes something.
type sim struct {
	t     *testing.T
	mu    sync.Mutex // instances start side by side
	host  *Host
	units map[string]*Unit
	// hash is what each running process was started with.
	hash map[int]string
	// release is where each running process works.
	release map[int]string
	// opened is the text that each open socket of an instance was opened by.
	opened map[string]string
	// saidAtStart is what a running process's template said of it.
	saidAtStart map[int]string
	// loaded is the text of each unit file as of the last daemon-reload.
	loaded  map[string]string
	enabled map[string]bool
	// told is what systemd tells of enabled, as of the last daemon-reload.
	told    map[string]bool
	nextPID int
	// drained is who asked for each drain.
	drained map[string]string
	// serving is the generation that the running proxy has taken, 0 for none.
	serving int
	// calls are the writes, in order; refuse makes the nth of them fail.
	calls  []string
	refuse int
	// dieAt ends the "process" when the nth step is reached.
	dieAt, steps int
}

// proxyDropIn names the listeners, in a sim by their ports alone.
const proxyDropIn = "webstack.service.d/50.conf"

// died is what a sim panics with where the process is to end.
type died struct{ step string }

var errRefused = errors.New("the sim refuses this call")

func newSim(t *testing.T) *sim {
	dir := memoryDir(t)
	s := &sim{
		t: t, units: map[string]*Unit{}, hash: map[int]string{}, saidAtStart: map[int]string{}, release: map[int]string{}, opened: map[string]string{}, loaded: map[string]string{},
		enabled: map[string]bool{}, drained: map[string]string{}, nextPID: 100,
	}
	s.units[socketUnit] = &Unit{Name: socketUnit, Load: "loaded", Active: "inactive"}
	s.units[proxyUnit] = &Unit{Name: proxyUnit, Load: "loaded", Active: "inactive"}
	s.host = &Host{
		Paths: Paths{Units: filepath.Join(dir, "units"), State: filepath.Join(dir, "state"), UnitPath: []string{filepath.Join(dir, "units")}},
		UnitHash: func(pid int) string {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.hash[pid]
		},
		Sees:        func(int, string) bool { return true },
		Verify:      func(context.Context, string, []string) error { return nil },
		Connect:     func(_ context.Context, _, address string) error { return s.connect(address) },
		Holder:      func(string, string) string { return "" },
		LookupUser:  func(context.Context, string) bool { return true },
		LookupGroup: func(context.Context, string) bool { return true },
		LogTail:     func(context.Context, string, int) []string { return nil },
		Reached: func(step string) {
			s.steps++
			if s.dieAt > 0 && s.steps == s.dieAt {
				panic(died{step})
			}
		},
	}
	s.offerUnits()
	s.offerProxy()
	s.offerClock()
	return s
}

// offerUnits is systemd as a host's functions.
func (s *sim) offerUnits() {
	h := s.host
	h.Unit = func(_ context.Context, name string) (Unit, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		u := *s.unit(name)
		if s.told[name] {
			u.FileState = "enabled"
		}
		return u, nil
	}
	h.Units = func(ctx context.Context, names []string) ([]Unit, error) {
		var list []Unit
		for _, name := range names {
			u, err := h.Unit(ctx, name)
			if err != nil {
				return nil, err
			}
			list = append(list, u)
		}
		return list, nil
	}
	h.StartedAt = func(_ context.Context, unit string) (time.Time, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.unit(unit).StartedAt, nil
	}
	h.Loaded = func(_ context.Context, patterns ...string) ([]Unit, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var list []Unit
		for name, u := range s.units {
			if slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, name); return ok }) {
				list = append(list, *u)
			}
		}
		return list, nil
	}
	h.Start = func(_ context.Context, unit string) error {
		if s.busySocket(unit) {
			return fmt.Errorf("cannot start %s: its service is active", unit)
		}
		return s.stays(unit, s.write("start "+unit, func() { s.start(unit) }))
	}
	h.Stop = func(_ context.Context, unit string) error { return s.write("stop "+unit, func() { s.stop(unit) }) }
	h.Restart = func(_ context.Context, unit string) error {
		return s.stays(unit, s.write("restart "+unit, func() { s.stop(unit); s.start(unit) }))
	}
	h.DaemonReload = func(context.Context) error { return s.write("daemon-reload", s.reloadUnits) }
	h.Enable = func(_ context.Context, unit string) error {
		return s.write("enable "+unit, func() { s.enabled[unit] = true })
	}
	h.Disable = func(_ context.Context, unit string) error {
		return s.write("disable "+unit, func() { delete(s.enabled, unit) })
	}
	h.ResetFailed = func(context.Context, string) error { return nil }
}

// offerProxy is the control socket of the sim's proxy.
func (s *sim) offerProxy() {
	write := func(call string, do func()) error {
		s.mu.Lock()
		up := s.units[proxyUnit].Active == "active"
		s.mu.Unlock()
		if !up {
			return control.ErrNotRunning
		}
		return s.write(call, do)
	}
	s.host.ProxyStatus = func(context.Context) (*control.Status, error) { return s.status() }
	s.host.ProxyReload = func(context.Context) error { return write("reload the proxy", s.readConfig) }
	s.host.Drain = func(_ context.Context, d control.DrainRequest) error {
		if d.By == "" || d.LeaseMS == 0 {
			s.t.Errorf("a drain without an owner and a lease: %+v", d)
		}
		return write("drain "+d.Instance, func() { s.drained[d.Instance] = d.By })
	}
	s.host.Undrain = func(_ context.Context, d control.DrainRequest) error {
		return write("undrain "+d.Instance, func() {
			if s.drained[d.Instance] == d.By {
				delete(s.drained, d.Instance)
			}
		})
	}
	s.host.ReportUp = func(context.Context, string) error { return nil }
}

// offerClock is a clock that moves whenever it is read; nothing takes longer.
func (s *sim) offerClock() {
	now := time.Unix(1_700_000_000, 0)
	s.host.Now = func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		now = now.Add(time.Millisecond)
		return now
	}
	s.host.After = func(time.Duration) <-chan time.Time {
		c := make(chan time.Time, 1)
		c <- time.Time{}
		return c
	}
}

// memoryDir is a temporary folder in memory where there is one: a sim fsyncs
// a lot, and what a disk makes of that is not its business.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "webstack-sim-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// write is one call that changes the machine.
func (s *sim) write(call string, do func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	if s.refuse > 0 && len(s.calls) == s.refuse {
		return fmt.Errorf("cannot %s: %w", call, errRefused)
	}
	do()
	return nil
}

// readConfig is the proxy taking the config that the serving link leads to.
func (s *sim) readConfig() {
	text, err := os.ReadFile(s.host.Paths.servingLink())
	if err != nil {
		return // a proxy without a config answers 503
	}
	c, err := config.Decode(text)
	if err != nil {
		s.t.Fatalf("the proxy was given a config that it cannot read: %v", err)
	}
	s.serving = c.Generation
}

func (s *sim) status() (*control.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.units[proxyUnit].Active != "active" {
		return nil, control.ErrNotRunning
	}
	st := &control.Status{Version: control.Version, Generation: s.serving}
	up := control.UpstreamStatus{Name: "all"}
	for id, by := range s.drained {
		up.Instances = append(up.Instances, control.InstanceStatus{ID: id, State: "draining", DrainedBy: by})
	}
	st.Upstreams = append(st.Upstreams, up)
	return st, nil
}
