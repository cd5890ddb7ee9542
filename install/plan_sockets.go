package install

// Where systemd binds the addresses of an app, its sockets come and go by
// these rules: an instance that starts brings its own along (the template wants
// it), so only those of an app that starts on demand are opened here. One that
// is closed takes nothing from a running instance, which has its own copy: so
// all that are not wanted close before the first instance is rolled, and the
// next process binds the address itself, or finds it held by the new socket.

// openSockets opens what wakes the instances of an app that starts on demand.
// Before that it closes what is to be opened elsewhere and nothing runs behind.
func (m *planner) openSockets() {
	m.closeSockets(func(old, new *Instance) bool { return new != nil && !m.a.Units[old.Unit].Up() })
	for i := range m.d.Apps {
		app := &m.d.Apps[i]
		if !app.Woken() {
			continue
		}
		for _, inst := range app.Instances {
			u := m.a.Units[inst.Socket]
			open := u.Up() && !m.planned(CloseSocket, inst.Socket)
			switch {
			case u.Masked():
				m.p.Notes = append(m.p.Notes, inst.Socket+" is masked and stays closed")
			// A socket cannot open beside the instance that it is to start; a
			// restart of the instance brings it along.
			case !open && !m.a.Units[inst.Unit].Up():
				m.p.add(OpenSocket, inst.Socket, "open "+inst.Address)
			}
		}
	}
}

// closeOthers closes all that no instance has any more, or has elsewhere.
func (m *planner) closeOthers() {
	m.closeSockets(func(_, _ *Instance) bool { return true })
}

// closeSockets closes those that one generation opened and this one does not
// have, or has elsewhere: new, nil for none.
func (m *planner) closeSockets(which func(old, new *Instance) bool) {
	wanted := map[string]*Instance{}
	for _, app := range m.d.Apps {
		for i := range app.Instances {
			wanted[app.Instances[i].Socket] = &app.Instances[i]
		}
	}
	for _, g := range m.a.applied() {
		for _, app := range g.Desired.Apps {
			for i := range app.Instances {
				old := &app.Instances[i]
				new := wanted[old.Socket]
				if old.Socket == "" || new != nil && new.Address == old.Address || !m.a.Units[old.Socket].Up() ||
					m.planned(CloseSocket, old.Socket) || !which(old, new) {
					continue
				}
				reason := "no instance has " + old.Address
				if new != nil {
					reason = "it moves to " + new.Address
				}
				m.p.add(CloseSocket, old.Socket, reason)
			}
		}
	}
}

// moved says that a running instance's socket is to be opened elsewhere, which
// takes a restart of the instance.
func (m *planner) moved(inst *Instance) bool {
	if inst.Socket == "" || !m.a.Units[inst.Unit].Up() {
		return false
	}
	for _, g := range m.a.applied() {
		for _, app := range g.Desired.Apps {
			for _, old := range app.Instances {
				if old.Socket == inst.Socket && old.Address != inst.Address {
					return true
				}
			}
		}
	}
	return false
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
