package proxy

import (
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/engine"
	"github.com/webstack/webstack/proxy/health"
	"github.com/webstack/webstack/proxy/snapshot"
)

// WakeListener is the name of the umbrella's own listening address, whose
// only use is that a connection to it starts the proxy.
const WakeListener = "wake"

// Listener is one listening socket and the name that systemd knows it by.
type Listener struct {
	Name string
	net.Listener
}

// Notify tells the service manager how the proxy is. Each may be nil.
type Notify struct {
	Ready     func()
	Reloading func()
	// Stopping is told how long the stop may take.
	Stopping func(timeout time.Duration)
	// Status is one line for people.
	Status func(string)
}

// Options are what a Proxy is given besides its first config.
type Options struct {
	Listeners []Listener
	// Load reads the config anew, for a reload.
	Load   func() (*config.Config, error)
	Notify Notify
	Log    *slog.Logger
	// StatePath is where drains, reports, pauses and maintenance are kept for
	// the next process; "" is nowhere. BootID is the machine's boot, in which
	// alone all but maintenance holds.
	StatePath, BootID string
}

// Proxy serves a config.
type Proxy struct {
	options Options
	started time.Time
	engine  *engine.Engine
	access  *accesslog.Log
	// log is what the loops write to, and say the same for whoever holds the
	// lock: who writes the log may have to wait, and they must not.
	log *detachedLog
	say *slog.Logger

	events    *control.Hub
	prober    *health.Prober
	stateFile *stateFile
	// wanted are upstreams whose instances are to be started; stirred says that
	// something has begun that time will change.
	wanted  chan string
	stirred chan struct{}

	// mu orders reloads, status, and what is done and seen of instances; no
	// request takes it.
	mu      sync.Mutex
	config  *config.Config
	current *snapshot.Snapshot
	// retired are upstreams of earlier configs with something in flight.
	retired []*snapshot.Upstream
	// missing are the listeners that were said to be missing.
	missing map[string]bool
	// seen is what the latest look found, and looks how many there were.
	seen  map[spot]sight
	looks uint64
	// probed are those that are checked.
	probed map[spot]bool
	// hearsay are the instances that are out by what was reported of their
	// units to the process before, and by nobody to this one.
	hearsay map[string]bool
	// heard is when the latest report on each instance was sent.
	heard map[string]int64
	// pauses are the paused upstreams and for how long they are; maintenance
	// are the sites in maintenance.
	pauses      map[string]lease
	maintenance map[string]control.MaintenanceRequest
	// unsaved says that the state file is to be written.
	unsaved bool
	// stopping says that the stop has begun: no config is taken any more. over
	// says that the state has been written for the last time.
	stopping, over bool
}

// New makes a proxy of its first config, and of what the process before it has
// left.
func New(c *config.Config, o Options) (*Proxy, error) {
	p := &Proxy{
		options:     o,
		started:     time.Now(),
		access:      accesslog.New(o.Log),
		log:         newDetachedLog(o.Log.Handler()),
		events:      control.NewHub(),
		prober:      health.NewProber(),
		stateFile:   newStateFile(o.StatePath, o.Log),
		wanted:      make(chan string, wantedPending),
		stirred:     make(chan struct{}, 1),
		config:      c,
		missing:     map[string]bool{},
		seen:        map[spot]sight{},
		hearsay:     map[string]bool{},
		heard:       map[string]int64{},
		pauses:      map[string]lease{},
		maintenance: map[string]control.MaintenanceRequest{},
	}
	p.say = slog.New(p.log)
	s, err := p.build(c)
	if err != nil {
		return nil, err
	}
	p.current = s
	// Before the first request: it must not go to what is being restarted.
	p.restore(p.started)
	p.observe(p.started)
	p.probe()
	if p.engine, err = engine.New(s, p.say, p.access); err != nil {
		return nil, err
	}
	// A proxy does not stay down because its log cannot be written.
	if err := configureLog(p.access, &c.Proxy); err != nil {
		p.sayUnlogged(err)
	}
	return p, nil
}

// build validates and compiles; what the current snapshot has too lives on.
func (p *Proxy) build(c *config.Config) (*snapshot.Snapshot, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return compile(c, p.current, p.want)
}

// Alive says whether requests are being served: not so when a loop hangs.
func (p *Proxy) Alive(within time.Duration) error { return p.engine.Alive(within) }

func (p *Proxy) status(format string, args ...any) {
	if p.options.Notify.Status != nil {
		p.options.Notify.Status(fmt.Sprintf(format, args...))
	}
}

func tell(f func()) {
	if f != nil {
		f()
	}
}
