package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
)

func newStatus(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "status [APP]...",
		GroupID: groupRun,
		Short:   "Show apps, instances, sites and the proxy",
		Long: `Status shows what is applied and how it runs. It works with the proxy stopped,
and does not start it.

Exit codes: 0 everything that should run does, 3 something does not, 4 it
cannot be told.`,
		Example: `  webstack status
  webstack status analysisweb
  webstack status --json`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			h, done, err := openHost(cmd.Context())
			if err != nil {
				return err
			}
			defer done()
			doc, running, err := readStatus(cmd.Context(), h, args)
			if err != nil {
				if exitCode(err) == exitFailed {
					err = &statusError{code: exitUnknown, err: err}
				}
				return err
			}
			if out.json {
				err = out.document(doc)
			} else {
				out.status(doc, len(args) > 0, time.Now())
			}
			if err == nil && !running {
				err = exit(exitNotRunning)
			}
			return err
		},
	}
}

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
		Apps: []appState{}, Sites: []siteState{}, Listeners: []openSocket{},
	}
	running := true
	for i := range apps {
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

func describeApp(app *install.App, a *install.Actual, d *install.Desired) appState {
	state := appState{Name: app.Name, Unit: app.Unit, Instances: []instanceState{}}
	for i := range app.Instances {
		inst := &app.Instances[i]
		u := a.Units[inst.Unit]
		s := instanceState{
			ID: inst.ID(), Address: inst.Address, PID: u.MainPID,
			Restarts: u.Restarts, MemoryBytes: u.MemoryBytes,
			Old: a.RunsOld(app, inst, d) && a.Running[inst.Unit] != "",
		}
		s.State, s.Detail = unitState(u)
		if u.Active == "active" && !u.StartedAt.IsZero() {
			s.Since = &u.StartedAt
		}
		if p := proxyInstance(a.Proxy, inst.ID()); p != nil {
			s.InFlight, s.Requests, s.Failed = p.InFlight, p.Requests, p.Failed
			if s.State == "up" && p.State != "up" {
				s.State, s.Detail = p.State, p.LastError
			}
		}
		if s.State == "up" {
			state.Up++
		}
		state.Instances = append(state.Instances, s)
	}
	return state
}

// unitState puts systemd's words into ours.
func unitState(u install.Unit) (state, detail string) {
	switch u.Active {
	case "active", "reloading":
		return "up", ""
	case "activating":
		if u.Sub == "auto-restart" {
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

func proxyInstance(s *control.Status, id string) *control.InstanceStatus {
	if s == nil {
		return nil
	}
	for i := range s.Upstreams {
		for j := range s.Upstreams[i].Instances {
			if s.Upstreams[i].Instances[j].ID == id {
				return &s.Upstreams[i].Instances[j]
			}
		}
	}
	return nil
}

func describeSite(s install.Site, proxy *control.Status) siteState {
	state := siteState{Name: s.Name, Addresses: s.Addresses, Hosts: s.Hosts, Routes: s.Routes}
	if proxy != nil {
		for _, p := range proxy.Sites {
			if p.Name == s.Name {
				state.Requests, state.Errors = p.Requests, p.Errors
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

// status prints the document for people.
func (c *console) status(doc *statusDocument, appsOnly bool, now time.Time) {
	for _, app := range doc.Apps {
		var requests, failed uint64
		for _, i := range app.Instances {
			requests += i.Requests
			failed += i.Failed
		}
		up := fmt.Sprintf("%d/%d up", app.Up, len(app.Instances))
		if app.Up == len(app.Instances) {
			up = c.good(up)
		} else {
			up = c.bad(up)
		}
		c.printf("%s  %s   %d requests, %d failed tries\n", c.bold(app.Name), up, requests, failed)
		for _, i := range app.Instances {
			line := fmt.Sprintf("  %-16s %s  %-22s %s", i.ID, c.state(i.State), c.characters(instanceFacts(i, now)), printable(i.Detail))
			c.printf("%s\n", strings.TrimRight(line, " "))
			if i.State == "failed" || i.State == "down" && i.Detail != "" {
				c.printf("  %-16s `webstack logs %s -n 20`\n", "", i.ID)
			}
		}
	}
	if appsOnly {
		return
	}
	for _, s := range doc.Sites {
		c.printf("%s  %s   %s   %d requests\n", c.bold(s.Name), strings.Join(s.Addresses, ", "), strings.Join(s.Routes, ", "), s.Requests)
	}
	for _, l := range doc.Listeners {
		if !l.Open {
			c.printf("%s  %s is closed: systemctl status %s\n", c.bad("listener"), l.Address, l.Unit)
		}
	}
	c.printf("%s  %s\n", c.bold("proxy"), proxyFacts(doc, now))
}

func (c *console) state(s string) string {
	padded := fmt.Sprintf("%-9s", s)
	switch s {
	case "up":
		return c.good(padded)
	case "failed", "down":
		return c.bad(padded)
	}
	return c.warn(padded)
}

func instanceFacts(i instanceState, now time.Time) string {
	var facts []string
	if i.Since != nil {
		facts = append(facts, "for "+age(now.Sub(*i.Since)))
	}
	if i.InFlight > 0 {
		facts = append(facts, fmt.Sprintf("%d in flight", i.InFlight))
	}
	if i.MemoryBytes > 0 {
		facts = append(facts, megabytes(i.MemoryBytes))
	}
	if i.Restarts > 0 {
		facts = append(facts, fmt.Sprintf("restarted %d×", i.Restarts))
	}
	if i.Old {
		facts = append(facts, "runs the old unit")
	}
	return strings.Join(facts, ", ")
}

func proxyFacts(doc *statusDocument, now time.Time) string {
	p := doc.Proxy
	switch p.State {
	case "running":
		if p.Generation == 0 && p.Since == nil {
			return "running; it tells more to root and to the group " + adminGroup
		}
		text := fmt.Sprintf("generation %d", p.Generation)
		if p.Since != nil {
			text += ", up " + age(now.Sub(*p.Since))
		}
		return fmt.Sprintf("%s, %s, %s", text, count(p.Connections, "connection"), megabytes(p.MemoryBytes))
	case "waiting":
		return fmt.Sprintf("generation %d, waiting: the first request starts it", doc.Generation)
	case "starting":
		if p.Detail != "" {
			return "starting: " + p.Detail + ", journalctl -u webstack.service -n 20"
		}
		return "starting"
	}
	if p.Masked != "" {
		return fmt.Sprintf("stopped: %s is masked, systemctl unmask %s", p.Masked, p.Masked)
	}
	return "stopped: systemctl start webstack.socket"
}

// age says how long something has lasted in its two largest units.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+1<<19)>>20) }
