package install

import "strings"

// startInstances starts what is down, and what systemd would go on starting in
// vain. After an apply that did not end it also waits for what that one
// started: an instance that does not answer must stop this apply as it stopped
// that one, before the next instance is taken down for the same unit.
func (m *planner) startInstances() {
	unproven := len(m.a.Pending) > 0
	for i := range m.d.Apps {
		app := &m.d.Apps[i]
		replaced := false
		for j := range app.Instances {
			inst := &app.Instances[j]
			u := m.a.Units[inst.Unit]
			wanted := app.Start == "boot"
			switch {
			case m.replaces(app, inst) != nil:
				replaced = true // in its predecessor's turn
			case u.Crashing() && (wanted || unproven):
				m.addInstance(StartInstance, app, inst, "it does not stay up: "+u.Outcome())
			case u.Up() && unproven && !m.a.RunsOld(app, inst, m.d):
				m.addInstance(WaitInstance, app, inst, "an earlier apply did not end")
			case u.Up() || !wanted:
			case u.Masked():
				m.p.Notes = append(m.p.Notes, inst.Unit+" is masked and stays down")
			case u.Active == "failed":
				m.addInstance(StartInstance, app, inst, "failed: "+u.Outcome())
			default:
				m.addInstance(StartInstance, app, inst, "not running")
			}
		}
		if !replaced {
			m.startTarget(app)
		}
	}
}

// startTarget comes after the app's instances, which the target would pull in
// all at once.
func (m *planner) startTarget(app *App) {
	if t := m.a.Units[app.Target()]; app.Start != "manual" && !t.Up() && !t.Masked() {
		m.p.add(StartTarget, app.Target(), "not active")
	}
}

func (m *planner) addInstance(kind StepKind, app *App, inst *Instance, reason string) {
	m.p.Steps = append(m.p.Steps, Step{Kind: kind, Subject: inst.Unit, Reason: reason, app: app, instance: inst})
}

// replaces is the predecessor whose place an instance is to take, nil for none.
func (m *planner) replaces(app *App, inst *Instance) *Instance {
	if app.Start != "boot" || m.a.Units[inst.Unit].Masked() {
		return nil
	}
	return m.a.predecessor(app, inst, m.d)
}

func (m *planner) rollInstances() {
	for i := range m.d.Apps {
		app := &m.d.Apps[i]
		replaced := false
		for j := range app.Instances {
			inst := &app.Instances[j]
			old := m.replaces(app, inst)
			socket := m.socketWork(app, inst)
			switch {
			case old != nil:
				m.addInstance(ReplaceInstance, app, inst, "its unit was called "+templateOf(old.Unit))
				m.p.Steps[len(m.p.Steps)-1].predecessor = old
				replaced = true
			case m.planned(StartInstance, inst.Unit):
			case m.a.RunsOld(app, inst, m.d) && !m.a.Units[inst.Unit].Masked():
				m.addInstance(RollInstance, app, inst, "it runs the old unit")
				m.p.Steps[len(m.p.Steps)-1].socket = socket
			case socket.any() && m.a.Units[inst.Unit].Up() && !m.a.Units[inst.Unit].Masked():
				m.addInstance(RollInstance, app, inst, "its socket is to be opened anew")
				m.p.Steps[len(m.p.Steps)-1].socket = socket
			case m.a.draining(inst.ID()):
				m.addInstance(UndrainInstance, app, inst, "an earlier restart did not end")
			case m.a.RunsOld(app, inst, m.d):
				m.p.Notes = append(m.p.Notes, inst.Unit+" is masked and goes on with its old unit")
			}
		}
		if replaced {
			m.startTarget(app)
		}
	}
}

// removeInstances stops what some generation started and this one does not
// name, and strays of templates that go away.
func (m *planner) removeInstances() {
	wanted := map[string]bool{}
	templates := map[string]bool{}
	for _, s := range m.p.Steps {
		if s.predecessor != nil {
			wanted[s.predecessor.Unit] = true // until its successor stops it
		}
	}
	for _, app := range m.d.Apps {
		templates[app.Unit] = true
		for _, i := range app.Instances {
			wanted[i.Unit] = true
		}
	}
	for _, g := range m.a.applied() {
		for i := range g.Desired.Apps {
			app := &g.Desired.Apps[i]
			for j := range app.Instances {
				inst := &app.Instances[j]
				if !wanted[inst.Unit] {
					m.closeSocket(inst)
				}
				if !wanted[inst.Unit] && m.a.Units[inst.Unit].Up() && !m.planned(StopInstance, inst.Unit) {
					m.addInstance(StopInstance, app, inst, "no longer in the spec")
				}
			}
			if templates[app.Unit] {
				continue
			}
			for _, name := range m.a.Strays {
				if strings.HasPrefix(name, app.Unit+"@") && !m.planned(StopInstance, name) {
					m.addInstance(StopInstance, app, &Instance{Unit: name}, "its template goes away")
				}
			}
			for _, name := range []string{app.Target(), app.Slice()} {
				if m.a.Units[name].Up() && !m.planned(StopTarget, name) {
					m.p.add(StopTarget, name, "the app is no longer in the spec")
				}
			}
		}
	}
}
