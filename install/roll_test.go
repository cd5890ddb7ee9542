package install

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// rolling is a sim with an applied app behind a running proxy.
func rolling(t *testing.T) (s *sim, app *App) {
	t.Helper()
	d := desire("1", []string{"8020", "8021", "8022"}, "8081")
	s = change{"", d, nil, true}.begin(t)
	return s, &d.Apps[0]
}

// interruptAt ends ctx when an instance's turn gets to a phase.
func (s *sim) interruptAt(t *testing.T, step string) context.Context {
	ctx, interrupt := context.WithCancel(t.Context())
	s.host.Reached = func(at string) {
		if at == step {
			interrupt()
		}
	}
	return ctx
}

func TestAnInterruptedRollFinishesTheInstanceInHand(t *testing.T) {
	for _, phase := range []string{"drained", "restarted", "ready"} {
		s, app := rolling(t)
		ctx := s.interruptAt(t, "app@8021.service is to be "+phase)
		err := Roll(ctx, s.host, app, app.Instances, Order{By: ByRestart}, func(Event) {})
		if err == nil || err.Error() != "interrupted after app@8021; the rest is untouched" {
			t.Errorf("interrupted when to be %s: got %v, want to be told where it ended", phase, err)
		}
		want := []string{
			"drain app@8020", "restart app@8020.service", "undrain app@8020",
			"drain app@8021", "restart app@8021.service", "undrain app@8021",
		}
		if !slices.Equal(s.calls, want) {
			t.Errorf("interrupted when to be %s: got %q, want %q", phase, s.calls, want)
		}
	}
}

func TestAnInterruptedApplyFinishesTheInstanceInHand(t *testing.T) {
	s, _ := rolling(t)
	d := desire("2", []string{"8020", "8021", "8022"}, "8081")
	ctx := s.interruptAt(t, "app@8020.service is to be restarted")
	a, p := s.plan(d)
	err := Apply(ctx, s.host, d, a, p, nil)
	if err == nil || err.Error() != "interrupted after app@8020; the rest is untouched" {
		t.Errorf("got %v, want to be told where it ended", err)
	}
	if got := strings.Join(s.calls, "; "); !strings.HasSuffix(got, "restart app@8020.service; undrain app@8020") || len(s.drained) > 0 {
		t.Errorf("got %q, want app@8020 back in rotation and no more", s.calls)
	}
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	s.wantApplied(d)
}

// An operator who insists gets an end to every wait, and nothing stays drained.
func TestAnOperatorWhoInsistsLeavesNothingDrained(t *testing.T) {
	for _, phase := range []string{"drained", "restarted", "ready"} {
		s, app := rolling(t)
		ctx := s.interruptAt(t, "app@8020.service is to be "+phase)
		s.host.Finish = func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }
		if err := Roll(ctx, s.host, app, app.Instances, Order{By: ByRestart}, func(Event) {}); err == nil {
			t.Errorf("interrupted when to be %s: got no error", phase)
		}
		if len(s.drained) > 0 || slices.Contains(s.calls, "drain app@8021") {
			t.Errorf("interrupted when to be %s: got %q and %v drained, want nothing drained and app@8021 untouched", phase, s.calls, s.drained)
		}
	}
}

func TestAFailedUndrainOfAStopIsTold(t *testing.T) {
	s, app := rolling(t)
	s.refuse = 3 // drain, stop, undrain
	err := StopAll(t.Context(), s.host, app, app.Instances[:1], false, func(Event) {})
	if err == nil || !strings.Contains(err.Error(), "undrain app@8020") {
		t.Errorf("got %v, want the undrain's error", err)
	}
}
