package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
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
	// saidAtStart is what a running process's template said of it.
	saidAtStart map[int]string
	// loaded is the text of each unit file as of the last daemon-reload.
	loaded  map[string]string
	enabled map[string]bool
	nextPID int
	drained map[string]bool
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
		t: t, units: map[string]*Unit{}, hash: map[int]string{}, saidAtStart: map[int]string{}, loaded: map[string]string{},
		enabled: map[string]bool{}, drained: map[string]bool{}, nextPID: 100,
	}
	s.units[socketUnit] = &Unit{Name: socketUnit, Load: "loaded", Active: "inactive"}
	s.units[proxyUnit] = &Unit{Name: proxyUnit, Load: "loaded", Active: "inactive"}
	now := time.Unix(1_700_000_000, 0)
	s.host = &Host{
		Paths: Paths{Units: filepath.Join(dir, "units"), State: filepath.Join(dir, "state"), UnitPath: []string{filepath.Join(dir, "units")}},
		Units: func(_ context.Context, patterns ...string) ([]Unit, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			var list []Unit
			for name, u := range s.units {
				if slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, name); return ok }) {
					list = append(list, *u)
				}
			}
			return list, nil
		},
		Unit: func(_ context.Context, name string) (Unit, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			u := *s.unit(name)
			if s.enabled[name] {
				u.FileState = "enabled"
			}
			return u, nil
		},
		Start: func(_ context.Context, unit string) error {
			return s.stays(unit, s.write("start "+unit, func() { s.start(unit) }))
		},
		Stop: func(_ context.Context, unit string) error { return s.write("stop "+unit, func() { s.stop(unit) }) },
		Restart: func(_ context.Context, unit string) error {
			return s.stays(unit, s.write("restart "+unit, func() { s.stop(unit); s.start(unit) }))
		},
		DaemonReload: func(context.Context) error { return s.write("daemon-reload", s.reloadUnits) },
		Enable: func(_ context.Context, unit string) error {
			return s.write("enable "+unit, func() { s.enabled[unit] = true })
		},
		Disable: func(_ context.Context, unit string) error {
			return s.write("disable "+unit, func() { delete(s.enabled, unit) })
		},
		ResetFailed: func(context.Context, string) error { return nil },
		ProxyStatus: func(context.Context) (*control.Status, error) { return s.status() },
		ProxyReload: func(context.Context) error {
			if s.units[proxyUnit].Active != "active" {
				return control.ErrNotRunning
			}
			return s.write("reload the proxy", s.readConfig)
		},
		Drain: func(_ context.Context, id string) error {
			if s.units[proxyUnit].Active != "active" {
				return control.ErrNotRunning
			}
			return s.write("drain "+id, func() { s.drained[id] = true })
		},
		Undrain: func(_ context.Context, id string) error {
			if s.units[proxyUnit].Active != "active" {
				return control.ErrNotRunning
			}
			return s.write("undrain "+id, func() { delete(s.drained, id) })
		},
		UnitHash:    func(pid int) string { return s.hash[pid] },
		Sees:        func(int, string) bool { return true },
		Verify:      func(context.Context, string, []string) error { return nil },
		Connect:     func(_ context.Context, _, address string) error { return s.connect(address) },
		Holder:      func(string, string) string { return "" },
		LookupUser:  func(context.Context, string) bool { return true },
		LookupGroup: func(context.Context, string) bool { return true },
		LogTail:     func(context.Context, string, int) []string { return nil },
		Now: func() time.Time {
			s.mu.Lock()
			defer s.mu.Unlock()
			now = now.Add(time.Millisecond)
			return now
		},
		After: func(time.Duration) <-chan time.Time {
			c := make(chan time.Time, 1)
			c <- time.Time{}
			return c
		},
		Reached: func(step string) {
			s.steps++
			if s.dieAt > 0 && s.steps == s.dieAt {
				panic(died{step})
			}
		},
	}
	return s
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

func (s *sim) unit(name string) *Unit {
	if s.units[name] == nil {
		s.units[name] = &Unit{Name: name, Load: "loaded", Active: "inactive"}
	}
	return s.units[name]
}

// What a template says of its processes: they end at once, or never answer.
const (
	crashes = "crashes"
	mute    = "mute"
)

// stays is a job's error where the process did not stay up.
func (s *sim) stays(unit string, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.unit(unit).Crashing() {
		return errors.New("the job's result is failed")
	}
	return err
}

// connect fails where a unit on that port runs and does not listen.
func (s *sim) connect(address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, port, _ := strings.Cut(address, ":")
	for name, u := range s.units {
		if strings.Contains(name, "@"+port+".") && u.Active == "active" && s.saidAtStart[u.MainPID] == mute {
			return errors.New("connection refused")
		}
	}
	return nil
}

// portTaken says that another unit's process listens on an instance's port.
func (s *sim) portTaken(name string) bool {
	_, port, _ := strings.Cut(name, "@")
	for other, u := range s.units {
		if other != name && u.Active == "active" && strings.HasSuffix(other, "@"+port) {
			return true
		}
	}
	return false
}

func (s *sim) start(name string) {
	u := s.unit(name)
	if u.Active == "active" {
		return
	}
	u.Active, u.Sub = "active", ""
	text := s.loaded[template(name)]
	if strings.Contains(name, "@") && (strings.Contains(text, crashes) || s.portTaken(name)) {
		u.Active, u.Sub, u.Result, u.ExitStatus = "activating", "auto-restart", "exit-code", 3
		return
	}
	if name == socketUnit || name == proxyUnit {
		s.openListeners()
	}
	if !strings.HasSuffix(name, ".service") {
		return
	}
	s.nextPID++
	u.MainPID = s.nextPID
	s.hash[u.MainPID] = fakeHash(text)
	if strings.Contains(text, mute) {
		s.saidAtStart[u.MainPID] = mute
	}
	if name == proxyUnit {
		s.hash[u.MainPID] = fakeHash(s.loaded[proxyDropIn])
		s.readConfig()
	}
}

// openListeners opens what the loaded drop-in names.
func (s *sim) openListeners() {
	for _, name := range strings.Fields(s.loaded[proxyDropIn]) {
		if unit := "webstack-" + name + ".socket"; s.loaded[unit] != "" {
			s.unit(unit).Active = "active"
		}
	}
}

func (s *sim) stop(name string) {
	u := s.unit(name)
	u.Active, u.Sub, u.MainPID = "inactive", "", 0
	if name == proxyUnit {
		s.serving = 0
		s.drained = map[string]bool{}
	}
	if name == socketUnit {
		s.stop(proxyUnit)
		for other := range s.units {
			if strings.HasPrefix(other, "webstack-") {
				s.units[other].Active = "inactive"
			}
		}
	}
}

func template(unit string) string {
	name, _, ok := strings.Cut(unit, "@")
	if !ok {
		return unit
	}
	return name + "@.service"
}

// reloadUnits reads the unit folder as systemd does.
func (s *sim) reloadUnits() {
	s.loaded = map[string]string{}
	err := filepath.WalkDir(s.host.Paths.Units, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.host.Paths.Units, path)
		s.loaded[rel] = string(text)
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatalf("the sim cannot read its units: %v", err)
	}
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
	if s.units[proxyUnit].Active != "active" {
		return nil, control.ErrNotRunning
	}
	st := &control.Status{Version: control.Version, Generation: s.serving}
	up := control.UpstreamStatus{Name: "all"}
	for id := range s.drained {
		up.Instances = append(up.Instances, control.InstanceStatus{ID: id, State: "draining"})
	}
	st.Upstreams = append(st.Upstreams, up)
	return st, nil
}

// reboot stops everything, reads the units again and starts what is enabled.
func (s *sim) reboot() {
	for name := range s.units {
		s.stop(name)
	}
	s.reloadUnits()
	for name := range s.enabled {
		if s.loaded[name] == "" && name != socketUnit {
			continue // a dangling link
		}
		s.start(name)
		if unit, ok := strings.CutSuffix(name, ".target"); ok {
			text, err := os.ReadFile(filepath.Join(s.host.Paths.Units, name))
			if err != nil {
				s.t.Fatal(err)
			}
			for _, inst := range strings.Fields(string(text)) {
				s.start(unit + "@" + inst + ".service")
			}
		}
	}
}

func fakeHash(content string) string {
	h := sha256.Sum256([]byte(content))
	return hex.EncodeToString(h[:8])
}

// desire builds a desired state: an app "app" with a version of its code on
// some ports, and listeners.
func desire(version string, ports []string, listeners ...string) *Desired {
	return desireUnit("app", version, ports, listeners...)
}

// desireUnit is desire for an app whose units have another name.
func desireUnit(unit, version string, ports []string, listeners ...string) *Desired {
	d := &Desired{Config: &config.Config{Version: config.Version}}
	add := func(path, content string) {
		d.Files = append(d.Files, File{Path: path, SHA256: sum(content), Content: content})
	}
	if len(ports) > 0 {
		content := "template " + version
		app := App{Name: "app", Unit: unit, Hash: fakeHash(content), Start: "boot", StartTimeout: time.Second, DrainTimeout: time.Second}
		for _, p := range ports {
			app.Instances = append(app.Instances, Instance{Name: p, Unit: unit + "@" + p + ".service", Address: "127.0.0.1:" + p})
		}
		d.Apps = []App{app}
		add(unit+"@.service", content)
		add(unit+".target", strings.Join(ports, " "))
	}
	dropIn := "sockets " + strings.Join(listeners, " ")
	for _, l := range listeners {
		unit := "webstack-" + l + ".socket"
		add(unit, "listen "+l)
		d.Listeners = append(d.Listeners, Listener{Name: l, Unit: unit, Network: "tcp", Address: "0.0.0.0:" + l})
		d.Config.Listeners = append(d.Config.Listeners, config.Listener{Name: l, Network: "tcp", Address: "0.0.0.0:" + l})
	}
	if len(listeners) > 0 {
		add(proxyDropIn, dropIn)
		d.ProxyHash = fakeHash(dropIn)
	}
	return d
}

// plan compares a desired state with the sim.
func (s *sim) plan(d *Desired) (*Actual, *Plan) {
	s.t.Helper()
	a, err := ReadActual(s.t.Context(), s.host, d)
	if err != nil {
		s.t.Fatalf("cannot read the machine: %v", err)
	}
	next, err := NextGeneration(s.host.Paths)
	if err != nil {
		s.t.Fatal(err)
	}
	return a, MakePlan(d, a, 0, next)
}

// apply plans and applies; it returns whether the process died.
func (s *sim) apply(d *Desired) (dead string, err error) {
	s.t.Helper()
	a, p := s.plan(d)
	defer func() {
		if r := recover(); r != nil {
			d, ok := r.(died)
			if !ok {
				panic(r)
			}
			dead = d.step
		}
	}()
	return "", Apply(s.t.Context(), s.host, d, a, p, nil)
}

// wantApplied checks that the machine is what d says, and that a plan for it
// is empty.
func (s *sim) wantApplied(d *Desired) {
	s.t.Helper()
	for _, app := range d.Apps {
		for _, i := range app.Instances {
			u := s.units[i.Unit]
			if u == nil || u.Active != "active" {
				s.t.Errorf("%s is not active", i.Unit)
			} else if s.hash[u.MainPID] != app.Hash {
				s.t.Errorf("%s runs the old unit", i.Unit)
			}
		}
	}
	for _, l := range d.Listeners {
		if u := s.units[l.Unit]; u == nil || u.Active != "active" {
			s.t.Errorf("%s is not open", l.Unit)
		}
	}
	a, p := s.plan(d)
	if !p.Empty() {
		s.t.Errorf("a second plan is not empty: %+v %v", p.Steps, p.Notes)
	}
	if len(a.Pending) > 0 {
		s.t.Errorf("something is pending still: %+v", a.Pending)
	}
	for name, u := range s.units {
		wanted := name == socketUnit || name == proxyUnit || name == "app.target" && len(d.Apps) == 0
		for _, app := range d.Apps {
			wanted = wanted || name == app.Target() || slices.ContainsFunc(app.Instances, func(i Instance) bool { return i.Unit == name })
		}
		for _, l := range d.Listeners {
			wanted = wanted || l.Unit == name
		}
		if u.Active == "active" && !wanted {
			s.t.Errorf("%s runs and nobody wants it", name)
		}
	}
}
