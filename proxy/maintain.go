package proxy

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/snapshot"
)

// Maintain has a site answer 503 with a page, to all but those who are let in,
// or ends that. Asking again changes the page.
func (p *Proxy) Maintain(m control.MaintenanceRequest) error {
	return p.operate(func(now time.Time) error {
		s, err := p.site(m.Site)
		if err != nil {
			return err
		}
		before := maintained(s)
		if err := p.maintain(s, m); err != nil {
			return err
		}
		if before != m.On {
			p.say.Info("a site's maintenance begins or ends", "site", s.Name, "on", m.On)
			p.events.Publish(maintenanceEvent(now, s, m.On))
		}
		return nil
	})
}

// maintain puts a site into maintenance, or back, for every request that comes
// from here on.
func (p *Proxy) maintain(s *snapshot.Site, m control.MaintenanceRequest) error {
	if !m.On {
		s.Maintenance.Store(nil)
		delete(p.maintenance, s.Name)
		return nil
	}
	compiled := &snapshot.Maintenance{Page: m.Page, RetryAfter: m.RetryAfterSeconds}
	for _, text := range m.Allow {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("cannot let %q in: %w", text, err)
		}
		compiled.Allow = append(compiled.Allow, prefix)
	}
	s.Maintenance.Store(compiled)
	p.maintenance[s.Name] = m
	return nil
}

func maintained(s *snapshot.Site) bool { return s.Maintenance.Load() != nil }

func (p *Proxy) site(name string) (*snapshot.Site, error) {
	unknown := &control.Unknown{Kind: "site", Name: name}
	for _, s := range p.current.Sites {
		if s.Name == name {
			return s, nil
		}
		unknown.Known = append(unknown.Known, s.Name)
	}
	return nil, unknown
}

func maintenanceEvent(now time.Time, s *snapshot.Site, on bool) control.Event {
	e := control.NewEvent(now, control.EventMaintenance)
	e.Site, e.State = s.Name, onOff(on)
	return e
}
