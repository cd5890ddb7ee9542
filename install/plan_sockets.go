package install

// An instance whose address systemd binds has a socket unit. A socket cannot
// be opened while its service runs (systemd refuses), so what changes about it
// is done within a turn of its instance: between its stop and its start.

// socketWork is what has to be done to an instance's socket unit, by name; ""
// for nothing. Closing comes first.
type socketWork struct{ close, open string }

func (w socketWork) any() bool { return w != socketWork{} }

// socketWork compares an instance's socket unit with what it is to be.
func (m *planner) socketWork(app *App, inst *Instance) socketWork {
	var w socketWork
	has := m.a.socketOf(inst)
	up := has != "" && m.a.Units[has].Up()
	stale := m.a.changed(m.d, inst.Socket)
	if up && (inst.Socket == "" || stale) {
		w.close = has
	}
	starts := app.Start != "manual" || m.a.Units[inst.Unit].Up()
	if inst.Socket != "" && (!up || stale) && starts && !m.a.Units[inst.Socket].Masked() {
		w.open = inst.Socket
	}
	return w
}

// socketOf is the socket unit that some generation, or what is desired, gave
// an instance; "" for none.
func (a *Actual) socketOf(inst *Instance) string {
	if inst.Socket != "" {
		return inst.Socket
	}
	for _, g := range a.applied() {
		for _, app := range g.Desired.Apps {
			for _, i := range app.Instances {
				if i.Unit == inst.Unit && i.Socket != "" {
					return i.Socket
				}
			}
		}
	}
	return ""
}

// changed says that an open socket may have been opened by another text of its
// unit: a generation that stood until now, or one whose apply did not end, has
// another than d.
func (a *Actual) changed(d *Desired, socket string) bool {
	want, ok := d.file(socket)
	if !ok {
		return false
	}
	for _, g := range a.applied() {
		if old, ok := g.Desired.file(socket); ok && old.SHA256 != want.SHA256 {
			return true
		}
	}
	return false
}

// sockets opens and closes those of instances that do not run; the others'
// are in their turns.
func (m *planner) sockets() {
	for i := range m.d.Apps {
		app := &m.d.Apps[i]
		for j := range app.Instances {
			inst := &app.Instances[j]
			if u := m.a.Units[inst.Unit]; u.Up() && !u.Crashing() {
				continue
			}
			w := m.socketWork(app, inst)
			if w.close != "" {
				m.p.add(CloseSocket, w.close, "its instance is to bind "+inst.Address+" otherwise")
			}
			if w.open != "" {
				m.p.add(OpenSocket, w.open, "open "+inst.Address+" for its instance")
			}
		}
	}
}

// closeSocket comes before its instance is stopped for good: a connection
// would start it again.
func (m *planner) closeSocket(inst *Instance) {
	if name := m.a.socketOf(inst); name != "" && m.a.Units[name].Up() && !m.planned(CloseSocket, name) {
		m.p.add(CloseSocket, name, "no longer in the spec")
	}
}

// holds says that an address is open already in a socket unit of ours.
func (a *Actual) holds(address string) bool {
	for _, g := range a.applied() {
		for _, app := range g.Desired.Apps {
			for _, inst := range app.Instances {
				if inst.Socket != "" && inst.Address == address && a.Units[inst.Socket].Up() {
					return true
				}
			}
		}
	}
	return false
}
