package install

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// planner adds the steps of one plan, one method for each kind.
type planner struct {
	p *Plan
	d *Desired
	a *Actual
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
	m.linkReleases()
	m.enable()
	m.reloadUnits()
	m.stopListeners()
	m.sockets()
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

// chooseGeneration reuses the number of an equal generation: the current one,
// or one that a killed apply stored.
func chooseGeneration(d *Desired, a *Actual, next int) (number int, store bool) {
	sum := d.Sum()
	for _, g := range a.applied() {
		if g.Sum == sum && !slices.Contains(a.Damaged, g.Number) {
			return g.Number, false
		}
	}
	return next, true
}

func (m *planner) planned(kind StepKind, subject string) bool {
	return slices.ContainsFunc(m.p.Steps, func(s Step) bool { return s.Kind == kind && s.Subject == subject })
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
// between the two. And systemd tells of a unit that it has looked at whether it
// starts at boot as it found it then.
func (m *planner) reloadUnits() {
	switch {
	case m.p.has(WriteFile):
		m.p.add(DaemonReload, "systemd", "unit files changed")
	case len(m.a.Pending) > 0:
		m.p.add(DaemonReload, "systemd", "an earlier apply did not end")
	case m.p.has(Enable):
		m.p.add(DaemonReload, "systemd", "what starts at boot changed")
	}
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
	switch {
	case len(gone) > 0:
		m.p.add(DaemonReload, "systemd", "unit files are gone")
	case m.p.has(Disable):
		m.p.add(DaemonReload, "systemd", "what starts at boot changed")
	}
}

// commit is due whenever a record of something pending stands, or will.
func (m *planner) commit() {
	reason := ""
	switch {
	case m.p.Generation != m.p.Previous:
		reason = "what is above becomes current"
	case len(m.a.Pending) > 0:
		reason = "an earlier apply did not end"
	case m.p.has(WriteFile):
		reason = "its files stand again"
	default:
		return
	}
	m.p.add(Commit, fmt.Sprintf("generation %d", m.p.Generation), reason)
}
