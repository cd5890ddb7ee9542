package install

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/units"
)

const (
	// socketUnit is the umbrella that every listener is part of.
	socketUnit = units.ProxySocket
	// proxyUnit runs `webstack serve`.
	proxyUnit = units.ProxyService
)

// Desired is what a spec, or a stored generation, means for the machine.
type Desired struct {
	Apps      []App      `json:"apps"`
	Listeners []Listener `json:"listeners"`
	Sites     []Site     `json:"sites"`
	// Files are the unit files and drop-ins, by path below Paths.Units.
	Files []File `json:"files"`
	// ProxyHash is the hash that a proxy started from Files carries.
	ProxyHash string `json:"proxy_hash"`
	// Parents are the folders that the proxy's view has bound in.
	Parents []string `json:"static_parents"`
	// LogFolders are root's folders for the log files of apps. They stay when
	// the app goes.
	LogFolders []string `json:"log_folders"`
	// Config is what the proxy is to run; its Generation is filled in when
	// the generation gets its number.
	Config *config.Config `json:"-"`
	// Spec is the operator's text that this was made from.
	Spec []spec.File `json:"-"`
}

// App is what apply drives of one app.
type App struct {
	Name string `json:"name"`
	// Unit is the template's name without "@.service".
	Unit string `json:"unit"`
	// Hash is the template's; a process with another runs old code.
	Hash      string     `json:"hash"`
	Instances []Instance `json:"instances"`
	// Start is "boot" or "manual".
	Start        string        `json:"start"`
	StartTimeout time.Duration `json:"start_timeout_ns"`
	StopTimeout  time.Duration `json:"stop_timeout_ns"`
	DrainTimeout time.Duration `json:"drain_timeout_ns"`
}

// Instance is one started template unit.
type Instance struct {
	// Name is what stands behind the "@".
	Name string `json:"name"`
	// Unit is the whole unit name, "app@8021.service".
	Unit string `json:"unit"`
	// Address is where the proxy reaches it, "" for a worker.
	Address string `json:"address,omitempty"`
}

// ID is the instance's name for people and for the proxy: "app@8021".
func (i Instance) ID() string { return strings.TrimSuffix(i.Unit, ".service") }

// Target is the app's target unit.
func (a App) Target() string { return units.TargetUnit(a.Unit) }

// Slice is the slice that its instances run in.
func (a App) Slice() string { return units.SliceUnit(a.Unit) }

// Listener is one socket unit.
type Listener struct {
	// Name is its FileDescriptorName.
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	Network string `json:"network"`
	Address string `json:"address"`
}

// Site is what people are shown of a site.
type Site struct {
	Name string `json:"name"`
	// Addresses are where it listens.
	Addresses []string `json:"addresses"`
	Hosts     []string `json:"hosts,omitempty"`
	// Routes are phrases: "/ -> analysisweb", "/static/ files".
	Routes []string `json:"routes"`
}

func describeSite(s *spec.Site) Site {
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

// File is one file that webstack owns.
type File struct {
	// Path is below Paths.Units.
	Path string `json:"path"`
	// SHA256 is the content's, in lower-case hex.
	SHA256  string `json:"sha256"`
	Content string `json:"-"`
}

// NewDesired renders a spec's units and compiles its config. resolve returns
// the folders that a path leads through on this machine, itself included: the
// proxy's view needs them all.
func NewDesired(s *spec.Spec, text []spec.File, resolve func(path string) []string) (*Desired, error) {
	d := &Desired{Spec: text}
	cfg, err := CompileConfig(s)
	if err != nil {
		return nil, err
	}
	d.Config = cfg
	for _, a := range s.Apps {
		app, files, err := renderApp(s, a)
		if err != nil {
			return nil, err
		}
		d.Apps = append(d.Apps, app)
		d.LogFolders = append(d.LogFolders, logFolders(a)...)
		d.addFiles(files...)
	}
	for _, site := range s.Sites {
		d.Sites = append(d.Sites, describeSite(site))
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
		roots = append(roots, resolve(root)...)
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

func renderApp(s *spec.Spec, a *spec.App) (App, []units.File, error) {
	app := App{
		Name: a.Name, Unit: a.Unit, Start: a.Start,
		StartTimeout: a.StartTimeout, StopTimeout: a.StopTimeout, DrainTimeout: a.DrainTimeout,
	}
	u := units.App{
		Name: a.Name, Source: s.Position("app." + a.Name).File, Unit: a.Unit,
		Command: a.Command, Directory: a.Directory, User: a.User, Group: a.Group,
		Umask: a.Umask, Nice: a.Nice, EnvFiles: a.EnvFiles,
		AtBoot: a.Start == "boot", Restart: a.Restart, RestartDelay: a.RestartDelay,
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
	for _, name := range instanceNames(a) {
		u.Instances = append(u.Instances, name)
		app.Instances = append(app.Instances, Instance{
			Name: name, Unit: units.InstanceUnit(a.Unit, name), Address: instanceAddress(a, name),
		})
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

// instanceAddress puts an instance's name into the app's address.
func instanceAddress(a *spec.App, name string) string {
	return spec.Expand(a.Address, func(string) string { return name })
}

// Sum identifies the whole result, whatever generation it becomes.
func (d *Desired) Sum() string {
	h := sha256.New()
	for _, f := range d.Files {
		fmt.Fprintf(h, "%s %s\n", f.SHA256, f.Path)
	}
	for _, a := range d.Apps {
		fmt.Fprintf(h, "%+v\n", a)
	}
	c := *d.Config
	c.Generation = 0
	text, err := config.Encode(&c)
	if err != nil {
		return ""
	}
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil))
}

func sum(content string) string {
	s := sha256.Sum256([]byte(content))
	return hex.EncodeToString(s[:])
}

// file finds a file by its path.
func (d *Desired) file(path string) (File, bool) {
	for _, f := range d.Files {
		if f.Path == path {
			return f, true
		}
	}
	return File{}, false
}

// enabled are the unit files that start at boot.
func (d *Desired) enabled() []string {
	var names []string
	for _, a := range d.Apps {
		if a.Start == "boot" {
			names = append(names, a.Target())
		}
	}
	if len(d.Listeners) > 0 {
		names = append(names, socketUnit)
	}
	return names
}
