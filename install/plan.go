package install

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// StepKind is what a step does.
type StepKind string

// The kinds, in the order in which a plan holds them.
const (
	// WriteFile puts one unit file in place.
	WriteFile StepKind = "write"
	// MakeFolder makes a folder for log files, root's own.
	MakeFolder StepKind = "make-folder"
	// DaemonReload makes systemd read the unit files again.
	DaemonReload StepKind = "daemon-reload"
	// Enable makes a unit start at boot.
	Enable StepKind = "enable"
	// StopListener closes a listener in PID 1.
	StopListener StepKind = "stop-listener"
	// StartInstance starts an instance and waits until it answers.
	StartInstance StepKind = "start"
	// WaitInstance waits until an instance answers that an earlier apply, which
	// did not end, may have left in trouble.
	WaitInstance StepKind = "wait"
	// StartTarget marks an app as up; its instances are by now.
	StartTarget StepKind = "start-target"
	// ServeConfig makes the proxy run the generation's config: by a reload,
	// or by one restart where its sockets or its view of the disk changed.
	ServeConfig StepKind = "serve"
	// OpenListeners starts webstack.socket or a listener that is not open.
	OpenListeners StepKind = "listen"
	// RollInstance drains, restarts and waits for an instance that runs old code.
	RollInstance StepKind = "restart"
	// ReplaceInstance drains and stops an instance of a unit that is called
	// otherwise now, and starts its successor on the same address.
	ReplaceInstance StepKind = "replace"
	// UndrainInstance puts back what a killed roll left out of rotation.
	UndrainInstance StepKind = "undrain"
	// StopInstance drains and stops an instance that is no longer wanted.
	StopInstance StepKind = "stop"
	// StopTarget stops an app's target, and its slice, after its instances.
	StopTarget StepKind = "stop-target"
	// Disable takes a unit out of the boot.
	Disable StepKind = "disable"
	// DeleteFile removes a file that webstack wrote.
	DeleteFile StepKind = "delete"
	// Commit makes the generation the current one.
	Commit StepKind = "commit"
)

// ReasonNew is why a file is written that was not there before.
const ReasonNew = "new"

// Step is one change with its reason.
type Step struct {
	Kind StepKind `json:"kind"`
	// Subject is the unit, or the file below the unit folder.
	Subject string `json:"subject"`
	// Reason is a phrase for people.
	Reason string `json:"reason"`

	app      *App
	instance *Instance
	// predecessor is the instance that a ReplaceInstance stops.
	predecessor *Instance
}

// Plan is desired minus actual.
type Plan struct {
	// Generation is the number that will be current, Previous the one that is.
	Generation int    `json:"generation"`
	Previous   int    `json:"previous"`
	Steps      []Step `json:"steps"`
	// Notes say what was left alone on purpose.
	Notes []string `json:"notes,omitempty"`

	// store says that the generation is new and its folder must be written.
	store bool
}

// Empty says that there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

func (p *Plan) add(kind StepKind, subject, reason string) {
	p.Steps = append(p.Steps, Step{Kind: kind, Subject: subject, Reason: reason})
}

// MakePlan compares desired with actual. target is the generation to make
// current; 0 picks the current one where nothing changed and next otherwise.
func MakePlan(d *Desired, a *Actual, target, next int) *Plan {
	p := &Plan{Generation: target}
	if a.Current != nil {
		p.Previous = a.Current.Number
	}
	if target == 0 {
		p.Generation, p.store = chooseGeneration(d, a, next)
	}
	m := planner{p: p, d: d, a: a}
	m.writeFiles()
	for _, path := range a.NoFolder {
		p.add(MakeFolder, path, "log files go there")
	}
	m.reloadUnits()
	m.enable()
	m.stopListeners()
	m.startInstances()
	m.serve()
	m.openListeners()
	m.rollInstances()
	m.removeInstances()
	m.disable()
	m.deleteFiles()
	m.commit()
	return p
}

// commit is due whenever a record of something pending stands, or will.
func (m *planner) commit() {
	reason := ""
	switch {
	case m.p.Generation != m.p.Previous:
		reason = "what is above becomes current"
	case len(m.a.Pending) > 0:
		reason = "an earlier apply did not end"
	case m.has(WriteFile):
		reason = "its files stand again"
	default:
		return
	}
	m.p.add(Commit, fmt.Sprintf("generation %d", m.p.Generation), reason)
}

// chooseGeneration reuses the number of an equal generation: the current one,
// or one that a killed apply stored.
func chooseGeneration(d *Desired, a *Actual, next int) (number int, store bool) {
	for _, g := range a.applied() {
		if g.Sum == d.Sum() && !slices.Contains(a.Damaged, g.Number) {
			return g.Number, false
		}
	}
	return next, true
}

// planner adds the steps of one plan, one method for each kind.
type planner struct {
	p *Plan
	d *Desired
	a *Actual
}

func (m *planner) writeFiles() {
	// A socket unit must stand before the drop-in that names it.
	files := slices.Clone(m.d.Files)
	sort.SliceStable(files, func(i, j int) bool { return isDropIn(files[i].Path) < isDropIn(files[j].Path) })
	for _, f := range files {
		if has := m.a.Files[f.Path]; has != f.SHA256 {
			m.p.add(WriteFile, f.Path, m.writeReason(f, has))
		}
	}
}

func isDropIn(path string) int {
	if strings.Contains(path, "/") {
		return 1
	}
	return 0
}

func (m *planner) writeReason(f File, has string) string {
	recorded := ""
	for _, g := range m.a.applied() {
		if old, ok := g.Desired.file(f.Path); ok {
			recorded = old.SHA256
			if has == recorded {
				break
			}
		}
	}
	switch {
	case has == "" && recorded == "":
		return ReasonNew
	case has == "":
		return "it is gone"
	case recorded != "" && has != recorded:
		return "it was changed by hand"
	}
	return "the spec changed"
}

// reloadUnits is needed for new text, and after an apply that may have died
// between the two.
func (m *planner) reloadUnits() {
	switch {
	case m.has(WriteFile):
		m.p.add(DaemonReload, "systemd", "unit files changed")
	case len(m.a.Pending) > 0:
		m.p.add(DaemonReload, "systemd", "an earlier apply did not end")
	}
}

func (m *planner) has(kind StepKind) bool {
	return slices.ContainsFunc(m.p.Steps, func(s Step) bool { return s.Kind == kind })
}

func (m *planner) enable() {
	for _, name := range m.d.enabled() {
		u := m.a.Units[name]
		if u.Masked() {
			if name != socketUnit {
				m.p.Notes = append(m.p.Notes, name+" is masked and stays so")
			}
		} else if u.FileState != "enabled" {
			m.p.add(Enable, name, "start at boot")
		}
	}
}

// stopListeners comes before the proxy's restart: the proxy's own copy of the
// socket answers until then, so nobody is refused early.
func (m *planner) stopListeners() {
	for _, g := range m.a.applied() {
		for _, l := range g.Desired.Listeners {
			if !slices.Contains(m.d.Listeners, l) && m.a.Units[l.Unit].Up() && !m.planned(StopListener, l.Unit) {
				m.p.add(StopListener, l.Unit, "no site listens on "+l.Address)
				m.gap(l)
			}
		}
	}
	if len(m.d.Listeners) > 0 {
		return
	}
	// The umbrella takes the proxy along, but not one that was masked.
	for _, name := range []string{socketUnit, proxyUnit} {
		if u := m.a.Units[name]; u.Up() && (name == socketUnit || u.Masked()) {
			m.p.add(StopListener, name, "no site is left")
		}
	}
}

// gap tells of the one moment in which a port refuses: two addresses of one
// port cannot be open side by side.
func (m *planner) gap(old Listener) {
	for _, l := range m.d.Listeners {
		if l.Network == "tcp" && old.Network == "tcp" && port(l) == port(old) && !m.a.Units[l.Unit].Up() {
			m.p.Notes = append(m.p.Notes, "port "+port(l)+" refuses connections for a moment: "+old.Address+" closes before "+l.Address+" can open")
			return
		}
	}
}

func (m *planner) planned(kind StepKind, subject string) bool {
	return slices.ContainsFunc(m.p.Steps, func(s Step) bool { return s.Kind == kind && s.Subject == subject })
}

// serve flips the config that a starting proxy runs, and brings a running one
// to it.
func (m *planner) serve() {
	proxy := m.a.Units[proxyUnit]
	needed, reason := m.a.Serving != m.p.Generation, "new config"
	switch {
	case len(m.d.Listeners) == 0:
		reason = "no site is left"
	case proxy.Crashing():
		needed, reason = true, "one restart: it does not stay up: "+proxy.Outcome()
	case !proxy.Up():
		reason = "new config, read when the first request starts the proxy"
	case m.a.Running[proxyUnit] != m.d.ProxyHash:
		needed, reason = true, "one restart: its listeners or its view of the disk change"
	case len(m.a.Blind) > 0:
		needed, reason = true, "one restart: "+strings.Join(m.a.Blind, ", ")+" appeared or was replaced since it started"
	case m.a.Proxy != nil && m.a.Proxy.Generation != m.p.Generation:
		needed, reason = true, "reload: new config"
	}
	if needed {
		m.p.add(ServeConfig, proxyUnit, reason)
	}
}

// openListeners starts the umbrella, or what is missing below it where the
// proxy's restart does not do so by itself.
func (m *planner) openListeners() {
	if len(m.d.Listeners) == 0 {
		return
	}
	umbrella := m.a.Units[socketUnit]
	for _, name := range []string{socketUnit, proxyUnit} {
		if u := m.a.Units[name]; u.Masked() && !u.Up() {
			m.p.Notes = append(m.p.Notes, name+" is masked: nothing listens until systemctl unmask "+name)
			return
		}
	}
	if !umbrella.Up() {
		m.p.add(OpenListeners, socketUnit, "open "+addresses(m.d.Listeners))
		return
	}
	for _, l := range m.d.Listeners {
		if u := m.a.Units[l.Unit]; u.Masked() {
			m.p.Notes = append(m.p.Notes, l.Unit+" is masked and stays closed")
		} else if !u.Up() {
			m.p.add(OpenListeners, l.Unit, "open "+l.Address)
		}
	}
}

func addresses(list []Listener) string {
	var out []string
	for _, l := range list {
		out = append(out, l.Address)
	}
	return strings.Join(out, ", ")
}

func (m *planner) disable() {
	for _, g := range m.a.applied() {
		for _, name := range g.Desired.enabled() {
			if slices.Contains(m.d.enabled(), name) || m.planned(Disable, name) {
				continue
			}
			if m.a.Units[name].FileState == "enabled" {
				m.p.add(Disable, name, "no longer in the spec")
			}
		}
	}
}

func (m *planner) deleteFiles() {
	var gone []string
	for path := range m.a.owned() {
		if _, keep := m.d.file(path); !keep && m.a.Files[path] != "" {
			gone = append(gone, path)
		}
	}
	// A drop-in goes before the unit that it names.
	sort.Slice(gone, func(i, j int) bool {
		if a, b := isDropIn(gone[i]), isDropIn(gone[j]); a != b {
			return a > b
		}
		return gone[i] < gone[j]
	})
	for _, path := range gone {
		m.p.add(DeleteFile, path, "no longer in the spec")
	}
	if len(gone) > 0 {
		m.p.add(DaemonReload, "systemd", "unit files are gone")
	}
}
