package install

import (
	"slices"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/config"
)

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

// desireSockets is desire for an app whose addresses systemd binds: start is
// "boot" or "on-demand".
func desireSockets(version, host, start string, ports []string, listeners ...string) *Desired {
	d := desire(version+" on sockets", ports, listeners...)
	app := &d.Apps[0]
	app.Start = start
	for i := range app.Instances {
		inst := &app.Instances[i]
		inst.Address = host + ":" + inst.Name
		inst.Socket = "app@" + inst.Name + ".socket"
		content := "listen " + inst.Address
		d.Files = append(d.Files, File{Path: inst.Socket, SHA256: sum(content), Content: content})
	}
	for i := range d.Files {
		if f := &d.Files[i]; f.Path == "app.target" && start != "boot" {
			f.Content, f.SHA256 = "", sum("")
		}
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
			u := s.unit(i.Unit)
			if i.Socket != "" && (s.unit(i.Socket).Active != "active" || s.opened[i.Socket] != s.loaded[i.Socket]) {
				s.t.Errorf("%s is %s, opened as %q, want %q", i.Socket, s.unit(i.Socket).Active, s.opened[i.Socket], s.loaded[i.Socket])
			}
			if u.Active != "active" {
				if app.Start == "on-demand" {
					continue
				}
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
			wanted = wanted || name == app.Target() || slices.ContainsFunc(app.Instances, func(i Instance) bool { return i.Unit == name || i.Socket == name })
		}
		for _, l := range d.Listeners {
			wanted = wanted || l.Unit == name
		}
		if u.Active == "active" && !wanted {
			s.t.Errorf("%s runs and nobody wants it", name)
		}
	}
}
