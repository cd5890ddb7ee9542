package main

import (
	"context"
	"fmt"
	"time"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
)

// readStatus gathers what systemd, the proxy and the generation say. running
// tells whether all that should run does.
func readStatus(ctx context.Context, h *install.Host, args []string) (*statusDocument, bool, error) {
	g, err := applied(h.Paths)
	if err != nil {
		return nil, false, err
	}
	d := &g.Desired
	apps := d.Apps
	if len(args) > 0 {
		targets, err := findTargets(g, args)
		if err != nil {
			return nil, false, err
		}
		apps = nil
		for _, t := range targets {
			one := *t.app
			one.Instances = t.instances
			apps = append(apps, one)
		}
	}
	a, err := install.ReadActual(ctx, h, d)
	if err != nil {
		return nil, false, err
	}
	doc := &statusDocument{
		Version: documentVersion, Generation: g.Number,
		Pending: []int{}, Apps: []appState{}, Sites: []siteState{}, Listeners: []openSocket{},
	}
	for _, began := range a.Pending {
		doc.Pending = append(doc.Pending, began.Number)
	}
	running := true
	for i := range apps {
		if err := readInstances(ctx, h, &apps[i], a); err != nil {
			return nil, false, err
		}
		state := describeApp(&apps[i], a, d)
		running = running && (state.Up == len(state.Instances) || apps[i].Start != "boot")
		doc.Apps = append(doc.Apps, state)
	}
	for _, s := range d.Sites {
		doc.Sites = append(doc.Sites, describeSite(s, a.Proxy))
	}
	for _, l := range d.Listeners {
		open := a.Units[l.Unit].Up()
		running = running && (open || len(args) > 0)
		doc.Listeners = append(doc.Listeners, openSocket{Unit: l.Unit, Address: l.Address, Open: open})
	}
	doc.Proxy = describeProxy(a)
	running = running && (doc.Proxy.Masked == "" && doc.Proxy.Detail == "" || len(d.Listeners) == 0 || len(args) > 0)
	return doc, running, nil
}

// readInstances asks for what a plan does not need to know of instances.
func readInstances(ctx context.Context, h *install.Host, app *install.App, a *install.Actual) error {
	for _, inst := range app.Instances {
		u, err := h.Unit(ctx, inst.Unit)
		if err != nil {
			return err
		}
		if u.MemoryBytes == 0 && u.MainPID > 0 {
			u.MemoryBytes = h.ProcessMemory(u.MainPID)
		}
		a.Units[inst.Unit] = u
	}
	return nil
}

func describeApp(app *install.App, a *install.Actual, d *install.Desired) appState {
	state := appState{Name: app.Name, Unit: app.Unit, Instances: []instanceState{}}
	for i := range app.Instances {
		inst := &app.Instances[i]
		u := a.Units[inst.Unit]
		s := instanceState{
			ID: inst.ID(), Address: inst.Address, PID: u.MainPID,
			Restarts: u.Restarts, MemoryBytes: u.MemoryBytes,
			Old: runsOld(app, inst, a, d),
		}
		s.State, s.Detail = unitState(u)
		if u.Active == "active" && !u.StartedAt.IsZero() {
			s.Since = &u.StartedAt
		}
		if p, known := a.Proxy.Instance(inst.ID()); known {
			s.InFlight, s.Requests, s.Failed, s.ErrorAnswers = p.InFlight, p.Requests, p.Failed, p.Errors
			s.DrainedBy = p.DrainedBy
			if s.State == "up" && p.State != "up" {
				asProxySees(&s, p)
			}
		}
		if s.State == "up" {
			state.Up++
		}
		state.Instances = append(state.Instances, s)
	}
	describeTraffic(&state, a.Proxy)
	return state
}

// asProxySees describes an instance whose unit is up and that is out of
// rotation all the same.
func asProxySees(s *instanceState, p control.InstanceStatus) {
	s.State, s.Since, s.Detail = p.State, nil, p.Reason
	if t, err := time.Parse(time.RFC3339, p.Since); err == nil {
		s.Since = &t
	}
	switch {
	case p.DrainedBy != "":
		s.Detail = "by " + p.DrainedBy
	case s.Detail == "":
		s.Detail = p.LastError
	}
}

// describeTraffic adds what the proxy knows of the app as a whole.
func describeTraffic(state *appState, proxy *control.Status) {
	if proxy == nil {
		return
	}
	for _, u := range proxy.Upstreams {
		if u.Name == state.Name {
			state.Paused, state.Held, state.Waiting = u.Paused, u.Held, u.Waiting
		}
	}
}

// runsOld compares with the newest unit that stands: that of an apply which
// has not ended, where there is one.
func runsOld(app *install.App, inst *install.Instance, a *install.Actual, d *install.Desired) bool {
	if n := len(a.Pending); n > 0 {
		newest := &a.Pending[n-1].Desired
		for i := range newest.Apps {
			if newest.Apps[i].Unit == app.Unit {
				app, d = &newest.Apps[i], newest
			}
		}
	}
	return a.RunsOld(app, inst, d) && a.Running[inst.Unit] != ""
}

// unitState puts systemd's words into ours.
func unitState(u install.Unit) (state, detail string) {
	switch u.Active {
	case "active", "reloading":
		return "up", ""
	case "activating":
		if u.Crashing() {
			return "down", fmt.Sprintf("%s; systemd starts it again", u.Outcome())
		}
		return "starting", u.Sub
	case "deactivating":
		return "stopping", u.Sub
	case "failed":
		return "failed", u.Outcome()
	}
	if u.Masked() {
		return "down", "masked"
	}
	return "down", ""
}

func describeSite(s install.Site, proxy *control.Status) siteState {
	state := siteState{Name: s.Name, Addresses: s.Addresses, Hosts: s.Hosts, Routes: s.Routes}
	if proxy != nil {
		for _, p := range proxy.Sites {
			if p.Name == s.Name {
				state.Requests, state.Errors, state.Maintenance = p.Requests, p.Errors, p.Maintenance
			}
		}
	}
	return state
}

func describeProxy(a *install.Actual) proxyState {
	switch {
	case a.Proxy != nil:
		p := proxyState{
			State: "running", PID: a.Proxy.PID, Generation: a.Proxy.Generation,
			Connections: a.Proxy.Connections, MemoryBytes: a.Proxy.MemoryBytes,
		}
		if t, err := time.Parse(time.RFC3339, a.Proxy.StartedAt); err == nil {
			p.Since = &t
		}
		return p
	case a.Mute:
		return proxyState{State: "running", PID: a.Units["webstack.service"].MainPID}
	case a.Units["webstack.service"].Crashing():
		return proxyState{State: "starting", Detail: "it does not stay up: " + a.Units["webstack.service"].Outcome()}
	case a.Units["webstack.service"].Up():
		return proxyState{State: "starting", PID: a.Units["webstack.service"].MainPID}
	case a.Units["webstack.service"].Masked():
		return proxyState{State: "stopped", Masked: "webstack.service"}
	case a.Units["webstack.socket"].Masked():
		return proxyState{State: "stopped", Masked: "webstack.socket"}
	case a.Units["webstack.socket"].Up():
		return proxyState{State: "waiting"}
	}
	return proxyState{State: "stopped"}
}
