package bus

import (
	"context"
	"slices"

	"github.com/godbus/dbus/v5"
)

// news is what signals have said and nobody has read yet.
type news struct {
	// reloading is between the two ends of a daemon-reload, which unloads and
	// loads every unit, in signals: only what is different afterwards is a
	// change. reloaded says that one has ended.
	reloading, reloaded bool
	// units are those that changed, in the order in which they did. Those in
	// unread have to be asked for: their signals have not said all.
	units  []string
	unread map[string]bool
}

// note takes a signal's news, and is false at the end of them.
func (w *Watcher) note(n *news, s *dbus.Signal) bool {
	if s == nil {
		return false
	}
	var name string
	unread := true
	switch s.Name {
	case manager + ".Reloading":
		if dbus.Store(s.Body, &n.reloading) == nil && !n.reloading {
			n.reloaded = true
		}
		return true
	case properties + ".PropertiesChanged":
		if unit := unitName(s.Path); w.matches(unit) && !n.reloading {
			name, unread = w.take(unit, s)
		}
	case manager + ".UnitNew", manager + ".UnitRemoved":
		var unit string
		var object dbus.ObjectPath
		if dbus.Store(s.Body, &unit, &object) == nil && w.concerns(s.Name, unit) {
			name = unit
		}
	}
	if name == "" || n.reloading {
		return true
	}
	if !slices.Contains(n.units, name) {
		n.units = append(n.units, name)
	}
	if unread {
		n.unread[name] = true
	}
	return true
}

// take takes what a signal says of a unit. systemd sends all that it signals
// of a unit at once, first what is a service's and then what is every unit's,
// in this order on purpose (bus_unit_send_change_signal in its source): the
// second completes the first, and nobody has to be asked, which would take as
// long again as it took to be told. It returns the unit's name when that is
// complete, and whether it has to be read all the same: it is new, or its
// values are not in the signal.
func (w *Watcher) take(unit string, s *dbus.Signal) (name string, unread bool) {
	var of string
	var values map[string]dbus.Variant
	var invalidated []string
	last, known := w.last[unit]
	if !known || dbus.Store(s.Body, &of, &values, &invalidated) != nil {
		return unit, true
	}
	p, begun := w.fresh[unit]
	if !begun {
		p = last
	}
	switch of {
	case service + ".Service":
		if _, ok := values["MainPID"]; !ok {
			return unit, true
		}
		p.takeService(values)
		w.fresh[unit] = p
		return "", false
	case service + ".Unit":
		_, state := values["ActiveState"]
		_, when := values["StateChangeTimestampMonotonic"]
		if !state || !when {
			return unit, true
		}
		p.takeUnit(values)
		if p.StateMonotonic < last.StateMonotonic {
			delete(w.fresh, unit) // it was read after this was sent
			return "", false
		}
		w.fresh[unit] = p
		return unit, false
	}
	return "", false
}

// readNews reads what is new, and everything after a daemon-reload.
func (w *Watcher) readNews(ctx context.Context, c *Conn, n *news, changes chan<- Change) error {
	units := n.units
	n.units = nil
	defer clear(n.unread)
	if n.reloaded && !n.reloading {
		n.reloaded = false
		return w.read(ctx, c, changes)
	}
	for _, name := range units {
		var err error
		if p, complete := w.fresh[name]; complete && !n.unread[name] {
			err = w.tellUnit(ctx, name, p, changes)
		} else {
			err = w.readUnit(ctx, c, name, changes)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
