package install

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	// Files are the unit files and drop-ins, and the agent's rule.
	Files []File `json:"files"`
	// ProxyHash is the hash that a proxy started from Files carries.
	ProxyHash string `json:"proxy_hash"`
	// Parents are the folders that the proxy's view has bound in.
	Parents []string `json:"static_parents"`
	// LogFolders are root's folders for the log files of apps. They stay when
	// the app goes.
	LogFolders []string `json:"log_folders"`
	// OnChange is who is told of events, which not everybody may read.
	OnChange []spec.OnChange `json:"-"`
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
	// Start is "boot", "on-demand" or "manual".
	Start        string        `json:"start"`
	StartTimeout time.Duration `json:"start_timeout_ns"`
	StopTimeout  time.Duration `json:"stop_timeout_ns"`
	DrainTimeout time.Duration `json:"drain_timeout_ns"`
	// Directory, User and Group are the spec's, Group "" for the user's own.
	Directory string `json:"directory"`
	// Releases is the folder of its links to releases, "" for an app that was
	// never deployed: then Directory is where it runs.
	Releases string `json:"releases,omitempty"`
	User     string `json:"user"`
	Group    string `json:"group,omitempty"`
	// Bind is "app" or "systemd", "" for a worker.
	Bind string `json:"bind,omitempty"`
	// Health is what "ready" means; nil connects only.
	Health *config.Health `json:"health,omitempty"`
	// IdleStop stops an on-demand app that had no request for so long; 0 never.
	IdleStop time.Duration `json:"idle_stop_ns,omitempty"`
	// Watchdog restarts an instance that fails its health check; nil never.
	Watchdog *spec.Watchdog `json:"watchdog,omitempty"`
	// Deploy is how a new release is rolled out.
	Deploy spec.Deploy `json:"deploy"`
}

// Instance is one started template unit.
type Instance struct {
	// Name is what stands behind the "@".
	Name string `json:"name"`
	// Unit is the whole unit name, "app@8021.service".
	Unit string `json:"unit"`
	// Address is where the proxy reaches it, "" for a worker.
	Address string `json:"address,omitempty"`
	// Socket is the socket unit that holds its address, "" where the app binds
	// it itself.
	Socket string `json:"socket,omitempty"`
}

// ID is the instance's name for people and for the proxy: "app@8021".
func (i Instance) ID() string { return strings.TrimSuffix(i.Unit, ".service") }

// Endpoint is its address as the two words that a connection takes:
// "tcp" and host:port, or "unix" and a path.
func (i Instance) Endpoint() (network, address string) { return splitAddress(i.Address) }

// Sockets are the socket units of its instances, nil where the app binds its
// addresses itself.
func (a App) Sockets() []string {
	var names []string
	for _, i := range a.Instances {
		if i.Socket != "" {
			names = append(names, i.Socket)
		}
	}
	return names
}

// Woken says that a connection to an instance that does not run starts it:
// systemd holds its socket for it.
func (a App) Woken() bool { return a.Start == "on-demand" && a.Bind == "systemd" }

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

// File is one file that webstack owns.
type File struct {
	// Path is below Paths.Units, or absolute for the agent's rule.
	Path string `json:"path"`
	// SHA256 is the content's, in lower-case hex.
	SHA256  string `json:"sha256"`
	Content string `json:"-"`
}

// Sum identifies the whole result, whatever generation it becomes.
func (d *Desired) Sum() string {
	h := sha256.New()
	for _, f := range d.Files {
		fmt.Fprintf(h, "%s %s\n", f.SHA256, f.Path)
	}
	for _, a := range d.Apps {
		text, err := json.Marshal(a)
		if err != nil {
			return ""
		}
		h.Write(append(text, '\n'))
	}
	for _, o := range d.OnChange {
		fmt.Fprintf(h, "%+v\n", o)
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
		if a.Start != "manual" {
			names = append(names, a.Target())
		}
	}
	if len(d.Listeners) > 0 {
		names = append(names, socketUnit)
	}
	return names
}
