package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/engine"
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
	// Wanted is told, at most once a second, that requests wait for an
	// upstream whose instances start on demand. It is called on any thread,
	// also while a request is served: it only passes that on.
	Wanted func(upstream string)
	Log    *slog.Logger
}

// Proxy serves a config.
type Proxy struct {
	options Options
	started time.Time
	engine  *engine.Engine
	access  *accesslog.Log
	// log is what the loops write to.
	log *detachedLog

	// mu orders reloads, drains and status; no request takes it.
	mu      sync.Mutex
	config  *config.Config
	current *snapshot.Snapshot
	// retired are upstreams of earlier configs with something in flight.
	retired []*snapshot.Upstream
	// missing are the listeners that were said to be missing.
	missing map[string]bool
	// stopping says that the stop has begun: nothing is changed any more.
	stopping bool
}

// New makes a proxy of its first config.
func New(c *config.Config, o Options) (*Proxy, error) {
	s, err := build(c, nil, o.Wanted)
	if err != nil {
		return nil, err
	}
	access := accesslog.New(o.Log)
	detached := newDetachedLog(o.Log.Handler())
	e, err := engine.New(s, slog.New(detached), access)
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		options: o,
		started: time.Now(),
		engine:  e,
		access:  access,
		log:     detached,
		config:  c,
		current: s,
		missing: map[string]bool{},
	}
	// A proxy does not stay down because its log cannot be written.
	if err := configureLog(p.access, &c.Proxy); err != nil {
		p.sayUnlogged(err)
	}
	return p, nil
}

// build validates and compiles.
func build(c *config.Config, prev *snapshot.Snapshot, wanted func(string)) (*snapshot.Snapshot, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return compile(c, prev, wanted)
}

// Run serves until ctx is done, and then stops within the config's bounds.
func (p *Proxy) Run(ctx context.Context) {
	var wakes []net.Listener
	var running sync.WaitGroup
	for _, l := range p.options.Listeners {
		if l.Name == WakeListener {
			wakes = append(wakes, l.Listener)
			running.Go(func() { wake(ctx, l.Listener) })
			continue
		}
		if err := p.engine.Listen(l.Name, l.Listener); err != nil {
			p.options.Log.Error(err.Error(), "listener", l.Name)
		}
	}
	p.engine.Start()
	logging, logged := context.WithCancel(context.WithoutCancel(ctx))
	var writing sync.WaitGroup
	writing.Go(func() { p.access.Run(logging) })
	writing.Go(func() { p.log.run(logging) })
	p.mu.Lock()
	p.sayMissing()
	generation := p.config.Generation
	p.mu.Unlock()
	p.status("serving generation %d", generation)
	tell(p.options.Notify.Ready)

	<-ctx.Done()
	p.mu.Lock()
	p.stopping = true
	grace, timeout := time.Duration(p.config.Proxy.StopGrace), time.Duration(p.config.Proxy.StopTimeout)
	p.mu.Unlock()
	if p.options.Notify.Stopping != nil {
		p.options.Notify.Stopping(timeout)
	}
	p.status("stopping")
	for _, l := range wakes {
		l.Close()
	}
	if cut := p.engine.Stop(grace, timeout); cut > 0 {
		p.options.Log.Warn("connections were cut in the middle of an answer", "connections", cut, "stop_timeout", timeout)
	}
	running.Wait()
	for _, l := range p.options.Listeners {
		l.Close()
	}
	// What the last exchanges have logged is written before the proxy ends.
	logged()
	writing.Wait()
}

var errStopping = errors.New("cannot take the new config: the proxy is stopping")

// Reload reads the config anew and serves by it, or changes nothing and says
// why not. It returns the generation that is served afterwards.
func (p *Proxy) Reload() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return p.config.Generation, errStopping
	}
	tell(p.options.Notify.Reloading)
	defer tell(p.options.Notify.Ready)
	c, err := p.options.Load()
	if err != nil {
		return p.config.Generation, p.rejected(err)
	}
	s, err := build(c, p.current, p.options.Wanted)
	if err != nil {
		return p.config.Generation, p.rejected(err)
	}
	if err := p.relog(c); err != nil {
		return p.config.Generation, p.rejected(err)
	}
	p.engine.Swap(s)
	now := time.Now()
	for _, u := range s.Upstreams {
		u.Group.TakeOver(now)
	}
	p.retire(p.current, s)
	p.config, p.current = c, s
	p.sayMissing()
	p.status("serving generation %d", c.Generation)
	p.options.Log.Info("reloaded", "generation", c.Generation)
	return c.Generation, nil
}

// rejected keeps a reason where `systemctl status` shows it; who asked for
// the reload gets it too.
func (p *Proxy) rejected(err error) error {
	p.status("serving generation %d; the last reload was rejected: %v", p.config.Generation, err)
	return fmt.Errorf("cannot take the new config: %w", err)
}

// drainOwner is who drains by the control API, as long as that does not say.
const drainOwner = "control"

// Drain gives an instance nothing new, in every upstream that has it, or with
// on false takes it back and clears its failures.
func (p *Proxy) Drain(instance string, on bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, found := time.Now(), false
	for _, u := range p.current.Upstreams {
		if on {
			found = u.Group.Drain(now, instance, drainOwner, time.Time{}) || found
		} else {
			found = u.Group.Undrain(now, instance, "") || found
		}
	}
	if !found {
		return fmt.Errorf("no upstream has an instance %q", instance)
	}
	return nil
}

// Alive says whether requests are being served: not so when a loop hangs.
func (p *Proxy) Alive(within time.Duration) error { return p.engine.Alive(within) }

// sayMissing logs, once each, the listeners that the config has and that were
// not passed in. It is called with the lock held.
func (p *Proxy) sayMissing() {
	passed := map[string]bool{}
	for _, l := range p.options.Listeners {
		passed[l.Name] = true
	}
	for _, l := range p.config.Listeners {
		if !passed[l.Name] && !p.missing[l.Name] {
			p.missing[l.Name] = true
			p.options.Log.Warn("a listener was not passed in; a restart of the proxy opens it", "listener", l.Name, "address", l.Address)
		}
	}
}

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
