package bus

import "testing"

func TestManyUnitsAreListedInOrder(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	f.change("app@2.service", "Id", "app@2.service")
	f.change("alias.service", "Id", "real.service")
	ctx, c := dialFake(t, b)
	names := []string{"app@2.service", "gone.service", "alias.service"}
	list, err := c.UnitsByName(ctx, names...)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"loaded", "not-found", "loaded"} {
		if list[i].Name != names[i] || list[i].LoadState != want {
			t.Errorf("%s: got %+v, want it %s, under the name asked for", names[i], list[i], want)
		}
	}
	if list, err := c.UnitsByName(ctx); len(list) > 0 || err != nil {
		t.Errorf("no names: got %+v, %v", list, err)
	}
}

func TestOnePropertyIsRead(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	f.change("app@2.service", "MainPID", uint32(4711))
	f.change("app@2.service", "ExecMainStartTimestamp", uint64(1_700_000_000_000_000))
	f.change("app.target", "UnitFileState", "enabled")
	ctx, c := dialFake(t, b)
	if pid, err := c.MainPID(ctx, "app@2.service"); pid != 4711 || err != nil {
		t.Errorf("got pid %d, %v, want 4711", pid, err)
	}
	if at, err := c.MainStart(ctx, "app@2.service"); at.Unix() != 1_700_000_000 || err != nil {
		t.Errorf("got a start at %v, %v, want 1700000000", at, err)
	}
	if state, err := c.UnitFileState(ctx, "app.target"); state != "enabled" || err != nil {
		t.Errorf("got %q, %v, want enabled", state, err)
	}
}
