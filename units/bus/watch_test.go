package bus

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// following is a Watcher at work.
type following struct {
	t       *testing.T
	changes chan Change
}

func follow(t *testing.T, b *privateBus, patterns ...string) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &following{t: t, changes: make(chan Change)}
	done := make(chan error, 1)
	go func() { done <- NewWatcher(b.options(), patterns...).Run(ctx, f.changes) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return f
}

func (f *following) next() Change {
	f.t.Helper()
	select {
	case c := <-f.changes:
		return c
	case <-time.After(patience):
		f.t.Fatal("no change is told")
		return Change{}
	}
}

// wantWhole reads that every unit has been told.
func (f *following) wantWhole() {
	f.t.Helper()
	if c := f.next(); !c.Whole {
		f.t.Errorf("got %+v, want that all units are told", c)
	}
}

// wantUnits reads as many changes as there are wants, in any order.
func (f *following) wantUnits(want ...string) {
	f.t.Helper()
	var got []string
	for range want {
		switch c := f.next(); {
		case c.Unit != nil:
			got = append(got, c.Unit.Name+" "+c.Unit.LoadState+" "+c.Unit.ActiveState)
		default:
			got = append(got, "lost")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		f.t.Errorf("got %q, want %q", got, want)
	}
}

func TestAWatcherTellsWhatIsAndWhatChanges(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	f.change("app@8020.service", "ActiveState", "active")
	f.change("app@8021.service", "ActiveState", "failed")
	f.change("other.service", "ActiveState", "active")
	w := follow(t, b, "app@*")
	w.wantUnits("app@8020.service loaded active", "app@8021.service loaded failed")
	w.wantWhole()
	f.set("other.service", "ActiveState", "failed")
	f.set("app@8020.service", "NothingWeRead", "x")
	f.set("app@8020.service", "ActiveState", "deactivating")
	w.wantUnits("app@8020.service loaded deactivating")
	f.change("app@8022.service", "ActiveState", "active")
	f.emit(managerPath, manager+".UnitNew", "app@8022.service", unitPath("app@8022.service"))
	w.wantUnits("app@8022.service loaded active")
}

// A daemon-reload says of every unit that it went and came.
func TestADaemonReloadIsNoChange(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	f.change("app@8020.service", "ActiveState", "active")
	f.change("app@8021.service", "ActiveState", "active")
	w := follow(t, b, "app@*")
	w.wantUnits("app@8020.service loaded active", "app@8021.service loaded active")
	w.wantWhole()
	f.emit(managerPath, manager+".Reloading", true)
	for _, unit := range []string{"app@8020.service", "app@8021.service"} {
		f.set(unit, "ActiveState", "inactive")
		f.emit(managerPath, manager+".UnitRemoved", unit, unitPath(unit))
		f.change(unit, "ActiveState", "active")
		f.emit(managerPath, manager+".UnitNew", unit, unitPath(unit))
	}
	f.change("app@8021.service", "ActiveState", "failed")
	f.emit(managerPath, manager+".Reloading", false)
	w.wantUnits("app@8021.service loaded failed")
}

func TestAWatcherOutlivesTheBus(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	f.change("app@8020.service", "ActiveState", "active")
	f.change("app@8021.service", "ActiveState", "active")
	w := follow(t, b, "app@*")
	w.wantUnits("app@8020.service loaded active", "app@8021.service loaded active")
	w.wantWhole()

	b.stop()
	if c := w.next(); c.Lost == nil {
		t.Fatalf("got %+v, want that the bus is lost", c)
	}
	b.start()
	f = newFake(t, b)
	f.change("app@8020.service", "ActiveState", "active")
	f.change("app@8021.service", "ActiveState", "failed")
	// It may have tried before the manager was back.
	c := w.next()
	for c.Lost != nil {
		c = w.next()
	}
	if c.Unit.Name != "app@8021.service" || c.Unit.ActiveState != "failed" {
		t.Errorf("got %+v, want app@8021.service alone, as failed", c.Unit)
	}
	w.wantWhole()
}

// A change of one unit is several signals. The unit is read once for those
// that have arrived, and nothing of them is lost.
func TestSignalsThatArriveTogetherAreReadOnce(t *testing.T) {
	w := NewWatcher(Options{}, "app@*")
	n := news{unread: map[string]bool{}}
	changed := func(unit string) *dbus.Signal {
		return &dbus.Signal{Name: properties + ".PropertiesChanged", Path: unitPath(unit)}
	}
	reloading := func(is bool) *dbus.Signal {
		return &dbus.Signal{Name: manager + ".Reloading", Body: []any{is}}
	}
	for _, s := range []*dbus.Signal{changed("app@2.service"), changed("app@1.service"), changed("b@1.service"), changed("app@2.service")} {
		w.note(&n, s)
	}
	if want := []string{"app@2.service", "app@1.service"}; !slices.Equal(n.units, want) {
		t.Errorf("got %q, want %q", n.units, want)
	}
	w.note(&n, reloading(true))
	w.note(&n, changed("app@3.service"))
	if len(n.units) != 2 || !n.reloading || n.reloaded {
		t.Errorf("got %+v, want no news of units during a reload", n)
	}
	w.note(&n, reloading(false))
	if n.reloading || !n.reloaded {
		t.Errorf("got %+v, want that a reload has ended", n)
	}
	if w.note(&n, nil) {
		t.Error("the end of the signals is no news")
	}
}

// says is what a PropertiesChanged has.
func says(of string, values map[string]any) []any {
	variants := map[string]dbus.Variant{}
	for key, v := range values {
		variants[key] = dbus.MakeVariant(v)
	}
	return []any{service + "." + of, variants, []string{}}
}

// What systemd sends is told without a question, when all of it is there.
func TestAUnitIsToldAsItsSignalsSay(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	const unit = "app@8020.service"
	f.change(unit, "MainPID", uint32(7))
	f.change(unit, "StateChangeTimestampMonotonic", uint64(100))
	w := follow(t, b, "app@*")
	w.wantUnits("app@8020.service loaded active")
	w.wantWhole()
	send := func(of string, values map[string]any) {
		f.emit(unitPath(unit), properties+".PropertiesChanged", says(of, values)...)
	}
	send("Service", map[string]any{"MainPID": uint32(0), "Result": "signal", "ExecMainCode": int32(2), "ExecMainStatus": int32(9)})
	send("Unit", map[string]any{"ActiveState": "failed", "SubState": "failed", "StateChangeTimestampMonotonic": uint64(200)})
	p := w.next().Unit
	if p == nil || p.ActiveState != "failed" || p.MainPID != 0 || p.MainCode != 2 || p.MainStatus != 9 || p.LoadState != "loaded" {
		t.Fatalf("got %+v, want what the signals say of it", p)
	}
	// This one was sent before the unit was read.
	send("Unit", map[string]any{"ActiveState": "active", "SubState": "running", "StateChangeTimestampMonotonic": uint64(150)})
	// Without values it is read, and is still what the manager has.
	f.set(unit, "ActiveState", "reloading")
	w.wantUnits("app@8020.service loaded reloading")
}

func TestUnitsAreFoundAtTheirObjects(t *testing.T) {
	for _, c := range []struct {
		unit string
		path dbus.ObjectPath
	}{
		{"app@8020.service", "/org/freedesktop/systemd1/unit/app_408020_2eservice"},
		{"8081.socket", "/org/freedesktop/systemd1/unit/_38081_2esocket"},
		{`shop\x2dworker.slice`, "/org/freedesktop/systemd1/unit/shop_5cx2dworker_2eslice"},
	} {
		if got := unitPath(c.unit); got != c.path || !got.IsValid() {
			t.Errorf("unitPath(%s) = %s, want %s", c.unit, got, c.path)
		}
		if got := unitName(c.path); got != c.unit {
			t.Errorf("unitName(%s) = %s, want %s", c.path, got, c.unit)
		}
	}
	for _, path := range []dbus.ObjectPath{"/", managerPath, managerPath + "/unit/a_", managerPath + "/unit/a_zz"} {
		if got := unitName(path); got != "" {
			t.Errorf("unitName(%s) = %s, want none", path, got)
		}
	}
}
