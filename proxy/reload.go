package proxy

import (
	"fmt"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// Reload reads the config anew and serves by it, or changes nothing and says
// why not. It returns the generation that is served afterwards.
func (p *Proxy) Reload() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return p.config.Generation, fmt.Errorf("cannot take the new config: %w", control.ErrStopping)
	}
	tell(p.options.Notify.Reloading)
	defer tell(p.options.Notify.Ready)
	c, err := p.options.Load()
	if err != nil {
		return p.config.Generation, p.rejected(err)
	}
	s, err := p.build(c)
	if err != nil {
		return p.config.Generation, p.rejected(err)
	}
	if err := p.relog(c); err != nil {
		return p.config.Generation, p.rejected(err)
	}
	now := time.Now()
	p.inherit(now, p.current, s)
	p.engine.Swap(s)
	for _, u := range s.Upstreams {
		u.Group.TakeOver(now)
	}
	p.retire(p.current, s)
	p.config, p.current = c, s
	p.observe(now)
	p.probe()
	p.stir()
	p.sayMissing()
	p.status("serving generation %d", c.Generation)
	p.options.Log.Info("reloaded", "generation", c.Generation)
	p.reloaded(c.Generation, "")
	return c.Generation, nil
}

// rejected keeps a reason where `systemctl status` shows it, and tells who
// listens; who asked for the reload gets it too.
func (p *Proxy) rejected(err error) error {
	p.status("serving generation %d; the last reload was rejected: %v", p.config.Generation, err)
	p.reloaded(p.config.Generation, err.Error())
	return fmt.Errorf("cannot take the new config: %w", err)
}

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
