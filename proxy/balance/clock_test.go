package balance

import (
	"testing"
	"time"
	"unsafe"
)

// set is a time of a machine whose clock was set by d: the monotonic clock that
// it carries is as before. Package time has no way to make one, so this writes
// the wall seconds that stand from bit 30 on in a Time's first word.
func set(t *testing.T, now time.Time, d time.Duration) time.Time {
	t.Helper()
	other := now
	*(*uint64)(unsafe.Pointer(&other)) += uint64(int64(d/time.Second)) << 30
	if other.Sub(now) != 0 || other.UnixNano()-now.UnixNano() != int64(d) {
		t.Fatalf("a Time is not laid out as it was: %v, set by %v, became %v", now, d, other)
	}
	return other
}

// hourOff is an hour ahead and an hour back.
var hourOff = []time.Duration{time.Hour, -time.Hour}

func TestASetClockKeepsNobodyOutForLonger(t *testing.T) {
	for _, by := range hourOff {
		began := time.Now()
		g := NewGroup(Settings{Epoch: began, Passive: Passive{MaxFails: 1, FailTimeout: 10 * time.Second}}, members(2), nil)
		later := func(d time.Duration) time.Time { return set(t, began.Add(d), by) }
		a, _ := g.Take(began.Add(time.Second), nil)
		g.End(began.Add(time.Second), a, Failed, "refused")
		if v := g.view(later(5*time.Second), a); v.State != Down {
			t.Errorf("set by %v: after 4 s it is %s, want down", by, v.State)
		}
		if v := g.view(later(12*time.Second), a); v.State != Up {
			t.Errorf("set by %v: after 11 s it is %s, want up", by, v.State)
		}
	}
}

func TestASetClockSlowsNoStartDown(t *testing.T) {
	for _, by := range hourOff {
		began := time.Now()
		s := Settings{Epoch: began, SlowStart: 10 * time.Second}
		g := NewGroup(s, members(2), nil)
		g.Report(began.Add(time.Second), "a", UnitDown, "")
		g.Report(began.Add(time.Second), "a", UnitUp, "")
		if got := g.members[0].part(set(t, began.Add(6*time.Second), by), &g.settings); got != wholeShare/2 {
			t.Errorf("set by %v: in the middle of its ramp it has %d of %d", by, got, wholeShare)
		}
	}
}

func TestASetClockSilencesNobodyWhoIsHeld(t *testing.T) {
	for _, by := range hourOff {
		began, said := time.Now(), 0
		s := Settings{Epoch: began, Hold: 10 * time.Second, OnDemand: true, Wanted: func() { said++ }}
		g := NewGroup(s, members(1), nil)
		var ticket Ticket
		if !g.StandBy(began.Add(time.Second), &ticket) || !g.MayAsk(began.Add(time.Second)) || said != 1 {
			t.Fatalf("nobody is held, or it is not said (%d times)", said)
		}
		if !g.MayAsk(set(t, began.Add(2*time.Second), by)) {
			t.Errorf("set by %v: a second later nobody may ask", by)
		}
		if g.Tick(set(t, began.Add(3*time.Second), by)); said != 2 {
			t.Errorf("set by %v: instances were said to be wanted %d times, want 2", by, said)
		}
	}
}

func TestWhatIsShownIsByTheClockAsItIsSet(t *testing.T) {
	began := time.Now()
	g := NewGroup(Settings{Epoch: began, Passive: Passive{MaxFails: 1, FailTimeout: time.Minute}}, members(2), nil)
	a, _ := g.Take(began.Add(time.Second), nil)
	g.End(began.Add(time.Second), a, Failed, "refused")
	now := set(t, began.Add(3*time.Second), time.Hour)
	if got := g.view(now, a).Since.UnixNano(); got != now.UnixNano()-int64(2*time.Second) {
		t.Errorf("it is shown to be down since %v, want two seconds before %v", time.Unix(0, got), now)
	}
}
