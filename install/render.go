package install

import (
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/units"
)

// Local is what a desired state takes from this machine besides the spec.
type Local struct {
	// Program is Paths.InstalledProgram.
	Program string
	// Resolve returns the folders that a path leads through, itself included:
	// the proxy's view needs them all.
	Resolve func(path string) []string
	// Releases returns the folder of an app's links to releases, by the name
	// of its template, "" for an app that was never deployed.
	Releases func(unit string) string
	// Rules is the folder of polkit's rules, "" where it has none.
	Rules string
}

// LocalOf is this machine with an installation's paths.
func LocalOf(p Paths) Local {
	return Local{
		Program: p.InstalledProgram(), Resolve: ThroughLinks, Releases: p.deployedFolder,
		Rules: rulesFolder(p),
	}
}

// NewDesired renders a spec's units and compiles its config.
func NewDesired(s *spec.Spec, text []spec.File, local Local) (*Desired, error) {
	d := &Desired{Spec: text, OnChange: s.OnChange}
	cfg, err := CompileConfig(s)
	if err != nil {
		return nil, err
	}
	d.Config = cfg
	for _, a := range s.Apps {
		app, files, err := renderApp(s, a, local)
		if err != nil {
			return nil, err
		}
		d.Apps = append(d.Apps, app)
		d.LogFolders = append(d.LogFolders, logFolders(a)...)
		d.addFiles(files...)
	}
	d.grant(local.Rules)
	for _, site := range s.Sites {
		d.Sites = append(d.Sites, siteOf(site))
	}
	var listeners []units.Listener
	for _, l := range cfg.Listeners {
		ul := units.Listener{Name: l.Name, Network: l.Network, Address: l.Address}
		f, err := units.RenderListener(ul)
		if err != nil {
			return nil, fmt.Errorf("cannot render the socket unit of %s: %w", l.Address, err)
		}
		listeners = append(listeners, ul)
		d.Listeners = append(d.Listeners, Listener{Name: l.Name, Unit: filepath.Base(f.Path), Network: l.Network, Address: l.Address})
		d.addFiles(f)
	}
	var roots []string
	for _, root := range staticRoots(s) {
		roots = append(roots, local.Resolve(root)...)
	}
	if len(listeners) == 0 {
		return d, nil // the proxy has nothing to do and needs no drop-in
	}
	d.Parents = units.StaticParents(roots)
	proxy, err := units.RenderProxy(listeners, d.Parents)
	if err != nil {
		return nil, err
	}
	for _, f := range proxy {
		if strings.HasPrefix(f.Path, proxyUnit) {
			d.ProxyHash = f.Hash
		}
		d.addFiles(f)
	}
	return d, nil
}

func (d *Desired) addFiles(files ...units.File) {
	for _, f := range files {
		d.Files = append(d.Files, File{Path: f.Path, SHA256: sum(f.Content), Content: f.Content})
	}
}

func renderApp(s *spec.Spec, a *spec.App, local Local) (App, []units.File, error) {
	app := App{
		Name: a.Name, Unit: a.Unit, Start: a.Start,
		StartTimeout: a.StartTimeout, StopTimeout: a.StopTimeout, DrainTimeout: a.DrainTimeout,
		Directory: a.Directory, User: a.User, Group: a.Group,
		Bind: a.Bind, Health: compileHealth(a.Balance.Health),
		IdleStop: a.IdleStop, Watchdog: a.Watchdog, Deploy: a.Deploy,
	}
	app.Releases = local.Releases(a.Unit)
	u := units.App{
		Name: a.Name, Source: s.Position("app." + a.Name).File, Unit: a.Unit,
		Command: a.Command, Directory: a.Directory, Releases: app.Releases, User: a.User, Group: a.Group,
		Program: local.Program, Gated: a.Address != "", Address: instanceAddress(a, "%i"), DrainTimeout: a.DrainTimeout,
		Umask: a.Umask, Nice: a.Nice, EnvFiles: a.EnvFiles,
		AtBoot: a.Start == "boot", OnDemand: a.Start == "on-demand",
		SocketFolder: onSockets(a) && a.Bind != "systemd", Restart: a.Restart, RestartDelay: a.RestartDelay,
		StartTimeout: a.StartTimeout, StopTimeout: a.StopTimeout,
		StopSignal: a.StopSignal, StopKill: a.StopKill, SuccessExit: a.SuccessExit,
		Stdout: a.Stdout, Stderr: a.Stderr, DependsOn: a.DependsOn,
		MemoryBytes: a.Limits.MemoryBytes, CPUPercent: a.Limits.CPUPercent,
		Tasks: a.Limits.Tasks, OpenFiles: a.Limits.OpenFiles,
	}
	for _, e := range a.Env {
		u.Env = append(u.Env, units.EnvVar(e))
	}
	for _, c := range a.Credentials {
		u.Credentials = append(u.Credentials, units.Credential(c))
	}
	for _, k := range a.Service {
		u.Service = append(u.Service, units.ServiceKey(k))
	}
	if a.Address == "" {
		app.Bind = "" // nobody binds what a worker has not
	}
	for _, name := range instanceNames(a) {
		inst := Instance{Name: name, Unit: units.InstanceUnit(a.Unit, name), Address: instanceAddress(a, name)}
		u.Instances = append(u.Instances, name)
		if app.Bind == "systemd" {
			inst.Socket = units.InstanceSocketUnit(a.Unit, name)
			network, address := inst.Endpoint()
			u.Sockets = append(u.Sockets, units.InstanceSocket{Instance: name, Network: network, Address: address})
		}
		app.Instances = append(app.Instances, inst)
	}
	files, err := units.RenderApp(u)
	if err != nil {
		return App{}, nil, fmt.Errorf("cannot render the units of app %q: %w", a.Name, err)
	}
	for _, f := range files {
		if f.Path == units.TemplateUnit(a.Unit) {
			app.Hash = f.Hash
		}
	}
	return app, files, nil
}

func instanceNames(a *spec.App) []string {
	var names []string
	for _, p := range a.Ports {
		names = append(names, fmt.Sprint(p))
	}
	for i := 1; len(a.Ports) == 0 && i <= a.Count; i++ {
		names = append(names, fmt.Sprint(i))
	}
	return names
}

// onSockets says that the app's instances have unix sockets for addresses.
func onSockets(a *spec.App) bool { return a.Address == "unix" }

// instanceAddress puts an instance's name into the app's address.
func instanceAddress(a *spec.App, name string) string {
	if onSockets(a) {
		return "unix:" + units.SocketPath(a.Unit, name, a.Bind == "systemd")
	}
	return spec.Expand(a.Address, func(string) string { return name })
}

// siteOf is what people are shown of a site of the spec.
func siteOf(s *spec.Site) Site {
	out := Site{Name: s.Name, Hosts: s.Hosts}
	for _, l := range s.Listen {
		out.Addresses = append(out.Addresses, l.Address)
	}
	for _, r := range s.Routes {
		action := "responds"
		switch {
		case r.App != "":
			action = "-> " + r.App
		case r.Upstream != "":
			action = "-> " + r.Upstream
		case r.Files != "":
			action = "files"
		case r.Redirect != "":
			action = "redirects"
		}
		out.Routes = append(out.Routes, r.Key+" "+action)
	}
	return out
}

// staticRoots are all folders that the proxy serves or may be led to.
func staticRoots(s *spec.Spec) []string {
	seen := map[string]bool{}
	var roots []string
	add := func(dir string) {
		if dir != "" && !seen[dir] {
			seen[dir] = true
			roots = append(roots, dir)
		}
	}
	for _, site := range s.Sites {
		for _, r := range site.Routes {
			add(r.Files)
			for _, to := range r.FollowSymlinksTo {
				add(to)
			}
		}
	}
	sort.Strings(roots)
	return roots
}
