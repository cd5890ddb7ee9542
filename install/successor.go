package install

import (
	"strings"

	"github.com/webstack/webstack/units"
)

// An app whose units are renamed keeps its addresses: the new unit's process
// cannot listen before the old one's is gone. So such an instance is not
// started beside the others but takes its predecessor's place in turn, as in a
// roll.

// tenant is the running instance, with its app, that some generation gave an
// address; nil where none of ours is there.
func (a *Actual) tenant(address string) (*App, *Instance) {
	for _, g := range a.applied() {
		for i := range g.Desired.Apps {
			app := &g.Desired.Apps[i]
			for j := range app.Instances {
				inst := &app.Instances[j]
				if inst.Address == address && a.Units[inst.Unit].Up() {
					return app, inst
				}
			}
		}
	}
	return nil, nil
}

// predecessor is the instance of the same app that runs at an instance's
// address under a unit that d does not have; nil for none. Another app's is
// none: the proxy would send requests to the wrong program until it is gone.
func (a *Actual) predecessor(app *App, inst *Instance, d *Desired) *Instance {
	if u := a.Units[inst.Unit]; inst.Address == "" || u.Up() && !u.Crashing() {
		return nil
	}
	owner, old := a.tenant(inst.Address)
	if old == nil || owner.Name != app.Name || d.has(old.Unit) {
		return nil
	}
	return old
}

// has says that d wants an instance.
func (d *Desired) has(unit string) bool {
	for _, app := range d.Apps {
		for _, i := range app.Instances {
			if i.Unit == unit {
				return true
			}
		}
	}
	return false
}

// templateOf is the template that an instance's unit belongs to:
// "app@.service" of "app@8020.service".
func templateOf(unit string) string {
	name, _, _ := strings.Cut(unit, "@")
	return units.TemplateUnit(name)
}
