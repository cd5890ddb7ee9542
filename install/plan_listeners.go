package install

import (
	"net"
	"slices"
	"strings"
)

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

// port is the part of an address that two listeners cannot share: the port,
// or the whole path.
func port(l Listener) string {
	if _, port, err := net.SplitHostPort(l.Address); err == nil && l.Network == "tcp" {
		return port
	}
	return l.Address
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
