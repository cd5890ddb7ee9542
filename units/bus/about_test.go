package bus

import (
	"errors"
	"testing"

	"github.com/godbus/dbus/v5"
)

func TestTheManagerTellsOfItself(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	get := func(_, name string) (dbus.Variant, *dbus.Error) {
		return dbus.MakeVariant(map[string]any{"Version": "252 (252.39)", "SystemState": "degraded", "NFailedUnits": uint32(2)}[name]), nil
	}
	if err := f.conn.ExportMethodTable(map[string]any{"Get": get}, managerPath, properties); err != nil {
		t.Fatal(err)
	}
	ctx, c := dialFake(t, b)
	got, err := c.About(ctx)
	if want := (About{Version: "252 (252.39)", State: "degraded", Failed: 2}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := c.PolkitVersion(ctx); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v, want that there is no polkit", err)
	}
}
