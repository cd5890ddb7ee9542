package install

import (
	"fmt"
)

// readReleases compares the links of deployed apps with their records. While a
// deploy is open, each instance belongs to what its link says.
func (a *Actual) readReleases(p Paths, d *Desired) error {
	for i := range d.Apps {
		app := &d.Apps[i]
		if app.Releases == "" {
			continue
		}
		r, err := ReadReleases(p, app.Unit)
		if err != nil {
			return err
		}
		current := app.Directory // the record is gone: as if it was never deployed
		if r != nil {
			current = r.Current
			if r.Pending != nil {
				a.Undeployed[app.Name] = r.Pending.To
			}
		}
		for j := range app.Instances {
			inst := &app.Instances[j]
			has := p.linked(app, inst)
			if has == "" || has != current && a.Undeployed[app.Name] == "" {
				a.Unlinked[inst.Unit] = current
			}
		}
	}
	return nil
}

// linkReleases comes before anything that starts.
func (m *planner) linkReleases() {
	for i := range m.d.Apps {
		app := &m.d.Apps[i]
		for j := range app.Instances {
			inst := &app.Instances[j]
			if to, ok := m.a.Unlinked[inst.Unit]; ok {
				m.addInstance(LinkRelease, app, inst, "its release is "+to)
				m.p.Steps[len(m.p.Steps)-1].Subject = inst.ID()
			}
		}
		if app.Releases != "" && m.movedDirectory(app) {
			m.p.Notes = append(m.p.Notes, fmt.Sprintf(
				"the directory of %s changed and is not used: its instances run what webstack deploy gave them", app.Name))
		}
		if to := m.a.Undeployed[app.Name]; to != "" {
			m.p.Notes = append(m.p.Notes, fmt.Sprintf(
				"a deploy of %s did not end: webstack deploy %s --release %s goes on, --rollback undoes it", app.Name, app.Name, to))
		}
	}
}

// movedDirectory says that the spec's directory is another than it was.
func (m *planner) movedDirectory(app *App) bool {
	if m.a.Current == nil {
		return false
	}
	for _, old := range m.a.Current.Desired.Apps {
		if old.Name == app.Name {
			return old.Directory != app.Directory
		}
	}
	return false
}
