package install

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units"
)

// Actual is what the machine has, as far as a desired state and the
// generations on disk make it interesting.
type Actual struct {
	// Current is the applied generation, nil where nothing is applied.
	Current *Generation
	// Pending are generations of applies that did not end.
	Pending []*Generation
	// Damaged are those of them, equal to what is desired, whose config is not
	// what was stored.
	Damaged []int
	// Serving is the generation whose config a starting proxy runs.
	Serving int
	// Files holds the SHA-256 of each file of interest by its File.Path, ""
	// for one that is absent.
	Files map[string]string
	// Written holds when each of Files was put in place.
	Written map[string]time.Time
	// NoFolder are the log folders that have to be made.
	NoFolder []string
	// Unlinked are the instances of deployed apps whose link does not lead to
	// the release that they belong to, with where it has to lead.
	Unlinked map[string]string
	// Undeployed are apps, by name, whose deploy has begun and not ended, with
	// where it leads.
	Undeployed map[string]string
	// Units holds each unit of interest by name.
	Units map[string]Unit
	// Running holds the hash that each unit's process was started with, ""
	// where the process does not tell.
	Running map[string]string
	// Strays are started instances of owned templates that no generation names.
	Strays []string
	// Blind are the static folders that the running proxy does not see as they
	// are: they appeared or were replaced since it started.
	Blind []string
	// Proxy is what the running proxy says, nil where none runs.
	Proxy *control.Status
	// Mute says that a proxy runs and does not answer to this user.
	Mute bool
}

// ReadActual looks at the machine. It changes nothing.
func ReadActual(ctx context.Context, h *Host, d *Desired) (*Actual, error) {
	a := &Actual{Files: map[string]string{}, Written: map[string]time.Time{}, Units: map[string]Unit{}, Running: map[string]string{}, Unlinked: map[string]string{}, Undeployed: map[string]string{}}
	if err := a.readGenerations(h.Paths); err != nil {
		return nil, err
	}
	a.readConfigs(h.Paths, d)
	for _, f := range d.Files {
		a.Files[f.Path] = ""
	}
	for path := range a.owned() {
		a.Files[path] = ""
	}
	for path := range a.Files {
		if err := a.readFile(h.Paths, path); err != nil {
			return nil, err
		}
	}
	a.NoFolder = missingFolders(d)
	if err := a.readReleases(h.Paths, d); err != nil {
		return nil, err
	}
	if err := a.readUnits(ctx, h, d); err != nil {
		return nil, err
	}
	if err := a.readProcesses(ctx, h, d); err != nil {
		return nil, err
	}
	status, err := h.ProxyStatus(ctx)
	switch {
	case err == nil:
		a.Proxy = status
	case errors.Is(err, control.ErrNotPermitted):
		a.Mute = true
	case !errors.Is(err, control.ErrNotRunning):
		return nil, err
	}
	return a, nil
}

func (a *Actual) readFile(p Paths, path string) error {
	full := p.place(path)
	text, err := os.ReadFile(full)
	if errors.Is(err, fs.ErrNotExist) || isRule(path) && errors.Is(err, fs.ErrPermission) {
		return nil // polkit's folder is root's to see; nobody else plans
	}
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", full, err)
	}
	a.Files[path] = sum(string(text))
	if info, err := os.Stat(full); err == nil {
		a.Written[path] = info.ModTime()
	}
	return nil
}

// RunsOld says whether an instance's process was started from another unit
// than d's. A process that overwrites its environment (setproctitle does) no
// longer tells; then what counts is whether it started before the unit was
// written.
func (a *Actual) RunsOld(app *App, inst *Instance, d *Desired) bool {
	hash, running := a.Running[inst.Unit]
	switch {
	case !running || hash == app.Hash:
		return false
	case hash != "":
		return true
	}
	path := units.TemplateUnit(app.Unit)
	want, _ := d.file(path)
	return a.Files[path] != want.SHA256 || a.Units[inst.Unit].StartedAt.Before(a.Written[path])
}

func (a *Actual) readGenerations(p Paths) error {
	n, err := CurrentGeneration(p)
	if err != nil {
		return err
	}
	if n > 0 {
		if a.Current, err = loadManifest(p, n); err != nil {
			return stateError(err)
		}
	}
	if a.Serving, err = servingGeneration(p); err != nil {
		return err
	}
	pending, err := readPending(p)
	if err != nil {
		return err
	}
	a.Pending, err = loadManifests(p, pending)
	return err
}

// readConfigs finds out whether the proxy can still be given a generation that
// says what d says. A user who may not read the config is told nothing.
func (a *Actual) readConfigs(p Paths, d *Desired) {
	if d.Config == nil {
		return // a manifest: nothing is to be served from it
	}
	sum := d.Sum()
	for _, g := range a.applied() {
		if g.Sum != sum {
			continue
		}
		c := *d.Config
		c.Generation = g.Number
		want, err := config.Encode(&c)
		if err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.generation(g.Number), configFile))
		if errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err != nil || !bytes.Equal(text, want) {
			a.Damaged = append(a.Damaged, g.Number)
		}
	}
}

// applied are all generations that may have left something on the machine.
func (a *Actual) applied() []*Generation {
	if a.Current == nil {
		return a.Pending
	}
	return append([]*Generation{a.Current}, a.Pending...)
}

// Owns says that something on the machine may be webstack's.
func (a *Actual) Owns() bool { return len(a.applied()) > 0 || a.Serving > 0 }

// owned are the files that webstack wrote, by path.
func (a *Actual) owned() map[string]bool {
	set := map[string]bool{}
	for _, g := range a.applied() {
		for _, f := range g.Desired.Files {
			set[f.Path] = true
		}
	}
	return set
}

// readUnits looks at every unit that some generation has or d wants.
func (a *Actual) readUnits(ctx context.Context, h *Host, d *Desired) error {
	for _, name := range []string{socketUnit, proxyUnit} {
		u, err := h.Unit(ctx, name)
		if err != nil {
			return err
		}
		a.Units[name] = u
	}
	var names, patterns []string
	of := []*Desired{d}
	for _, g := range a.applied() {
		of = append(of, &g.Desired)
	}
	for _, d := range of {
		for _, app := range d.Apps {
			names = append(append(names, app.Target(), app.Slice()), app.Sockets()...)
			patterns = append(patterns, units.InstancePattern(app.Unit))
			for _, i := range app.Instances {
				names = append(names, i.Unit)
			}
		}
		for _, l := range d.Listeners {
			names = append(names, l.Unit)
		}
	}
	slices.Sort(names)
	list, err := h.Units(ctx, slices.Compact(names))
	if err != nil {
		return err
	}
	for _, u := range list {
		a.Units[u.Name] = u
	}
	if len(patterns) == 0 {
		return nil
	}
	loaded, err := h.Loaded(ctx, patterns...)
	if err != nil {
		return err
	}
	for _, u := range loaded {
		if _, known := a.Units[u.Name]; !known && u.Up() {
			a.Units[u.Name] = u
			a.Strays = append(a.Strays, u.Name)
		}
	}
	return nil
}

// readProcesses looks at what the units' processes were started with, and at
// what the proxy sees.
func (a *Actual) readProcesses(ctx context.Context, h *Host, d *Desired) error {
	if pid := a.Units[proxyUnit].MainPID; pid > 0 {
		a.Blind = h.blind(pid, d)
	}
	for name, u := range a.Units {
		if u.MainPID == 0 || !strings.HasSuffix(name, ".service") {
			continue
		}
		hash := h.UnitHash(u.MainPID)
		a.Running[name] = hash
		if hash == "" { // its start time has to tell
			var err error
			if u.StartedAt, err = h.StartedAt(ctx, name); err != nil {
				return err
			}
			a.Units[name] = u
		}
	}
	return nil
}

// blind are the static folders that a process does not see as they are.
func (h *Host) blind(pid int, d *Desired) []string {
	return slices.DeleteFunc(slices.Clone(d.Parents), func(path string) bool { return h.Sees(pid, path) })
}

// draining tells whether the proxy keeps an instance out of rotation because
// a change that was killed told it to.
func (a *Actual) draining(id string) bool { return len(leftDrained(a.Proxy, id)) > 0 }
