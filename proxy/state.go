package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/snapshot"
)

// stateVersion is the state file's. One of another version is not read: what
// is lost by that is said again, or can be.
const stateVersion = 1

// maxStateBytes bounds the state file: a thousand sites in maintenance, each
// with the longest page, fit.
const maxStateBytes = 64 << 20

// state is what was asked for or reported and is to outlive the process: a
// proxy that comes back must not send requests to what is being restarted.
type state struct {
	Version int `json:"version"`
	// Boot is the machine's boot. In another one nobody who asked for a drain
	// is there any more, and no unit is what it was.
	Boot string `json:"boot"`
	// Instances are the marks, by the instance's ID.
	Instances map[string]balance.Marks `json:"instances,omitempty"`
	// Pauses are the paused upstreams.
	Pauses map[string]lease `json:"pauses,omitempty"`
	// Maintenance are the sites in maintenance, by name.
	Maintenance map[string]control.MaintenanceRequest `json:"maintenance,omitempty"`
}

// lease is since when something is so and until when; zero is without end.
type lease struct {
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// over says that it has run out.
func (l lease) over(now time.Time) bool { return !l.Until.IsZero() && !now.Before(l.Until) }

// restored is a lease that another process began: it has no more left than its
// whole length, though the clock was set back since.
func (l lease) restored(now time.Time) lease {
	if whole := l.Until.Sub(l.Since); !l.Until.IsZero() && l.Until.Sub(now) > whole {
		l.Until = now.Add(whole)
	}
	return l
}

// readState reads the state file. One that is not there is the empty state.
func readState(path string) (*state, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &state{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the state: %w", err)
	}
	if info.Size() > maxStateBytes {
		return nil, fmt.Errorf("cannot read the state: %s has %d bytes, more than %d", path, info.Size(), maxStateBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the state: %w", err)
	}
	s, err := decodeState(text)
	if err != nil {
		return nil, fmt.Errorf("cannot use the state %s: %w", path, err)
	}
	return s, nil
}

// unitStates are those that a report can have left behind.
var unitStates = []balance.UnitState{
	"", balance.UnitUnknown, balance.UnitStarting, balance.UnitUp, balance.UnitStopped, balance.UnitDown,
}

// decodeState reads a state whole or not at all.
func decodeState(text []byte) (*state, error) {
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	if s.Version != stateVersion {
		return nil, fmt.Errorf("its version is %d, this proxy writes %d", s.Version, stateVersion)
	}
	for id, m := range s.Instances {
		if !slices.Contains(unitStates, m.Unit) {
			return nil, fmt.Errorf("instance %q has the unknown state %q", id, m.Unit)
		}
	}
	for name, m := range s.Maintenance {
		if m.Site != name {
			return nil, fmt.Errorf("the maintenance of site %q is that of %q", name, m.Site)
		}
		if err := m.Check(); err != nil {
			return nil, fmt.Errorf("the maintenance of site %q: %w", name, err)
		}
	}
	return &s, nil
}

// collect is the present state. It is called with the lock held.
func (p *Proxy) collect() *state {
	s := &state{
		Version: stateVersion, Boot: p.options.BootID,
		Instances: map[string]balance.Marks{}, Pauses: map[string]lease{}, Maintenance: p.maintenance,
	}
	for i, u := range p.current.Upstreams {
		for _, in := range p.config.Upstreams[i].Instances {
			m, ok := u.Group.Marks(in.ID)
			if ok && (len(m.Drains) > 0 || m.Unit != balance.UnitUnknown && m.Unit != "") {
				s.Instances[in.ID] = m
			}
		}
	}
	maps.Copy(s.Pauses, p.pauses)
	return s
}

// restore takes over what another process has left. It is called before
// anything runs.
func (p *Proxy) restore(now time.Time) {
	if p.options.StatePath == "" {
		return
	}
	s, err := readState(p.options.StatePath)
	if err != nil {
		p.options.Log.Error("drains, pauses and maintenance of before are lost", "error", err)
		return
	}
	for _, site := range p.current.Sites {
		if m, ok := s.Maintenance[site.Name]; ok {
			if err := p.maintain(site, m); err != nil {
				p.options.Log.Error("the maintenance of a site is lost", "site", site.Name, "error", err)
			}
		}
	}
	if s.Boot == "" || s.Boot != p.options.BootID {
		return
	}
	for id, m := range s.Instances {
		out := m.Unit == balance.UnitStarting || m.Unit == balance.UnitStopped || m.Unit == balance.UnitDown
		if p.inGroups(func(g *balance.Group) bool { return g.Restore(now, id, m) }) && out {
			p.hearsay[id] = true
		}
	}
	for _, u := range p.current.Upstreams {
		if l, ok := s.Pauses[u.Name]; ok && !l.over(now) {
			p.pauses[u.Name] = l.restored(now)
			u.Group.Pause(now, true)
		}
	}
}

// inherit gives an instance that an upstream of next has for the first time
// the marks that it has in others: a drain is of an instance wherever it is.
// What nothing in next is called is forgotten.
func (p *Proxy) inherit(now time.Time, old, next *snapshot.Snapshot) {
	marks := map[string]balance.Marks{}
	had := map[spot]bool{}
	for _, u := range old.Upstreams {
		u.Group.Each(now, func(in *balance.Instance, _ balance.View) {
			if m, ok := u.Group.Marks(in.ID); ok {
				marks[in.ID] = m
				had[spot{u.Name, in.ID}] = true
			}
		})
	}
	stays, sites, named := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, u := range next.Upstreams {
		stays[u.Name] = true
		u.Group.Each(now, func(in *balance.Instance, _ balance.View) {
			named[in.ID] = true
			if m, known := marks[in.ID]; known && !had[spot{u.Name, in.ID}] {
				u.Group.Restore(now, in.ID, m)
			}
		})
	}
	for _, s := range next.Sites {
		sites[s.Name] = true
	}
	for name := range p.pauses {
		if !stays[name] {
			delete(p.pauses, name)
		}
	}
	maps.DeleteFunc(p.heard, func(id string, _ int64) bool { return !named[id] })
	for name := range p.maintenance {
		if !sites[name] {
			delete(p.maintenance, name)
		}
	}
	p.unsaved = true
}

// save hands the state to whoever writes it, where it has changed.
func (p *Proxy) save() {
	if !p.unsaved || p.options.StatePath == "" {
		return
	}
	p.unsaved = false
	p.stateFile.put(p.collect().encode())
}

// encode cannot fail: a state is strings, numbers and times.
func (s *state) encode() []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("a state cannot be written as JSON: %v", err))
	}
	return append(text, '\n')
}
