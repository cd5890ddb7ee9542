package install

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/control"
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

// A process that ends when its turn is over ends the roll too: the next
// instance is not taken down for the same code.
func TestAnInstanceThatDoesNotLastStopsTheRoll(t *testing.T) {
	s, app := rolling(t)
	undrain := s.host.Undrain
	s.host.Undrain = func(ctx context.Context, d control.DrainRequest) error {
		if d.Instance == "app@8021" {
			s.mu.Lock()
			u := s.unit("app@8020.service")
			u.Active, u.Sub, u.Result, u.ExitStatus = "activating", "auto-restart", "exit-code", 7
			s.mu.Unlock()
		}
		return undrain(ctx, d)
	}
	err := Roll(t.Context(), s.host, app, app.Instances, Order{By: ByRestart}, func(Event) {})
	if err == nil || err.Error() != "app@8020.service did not stay up: exit 7" {
		t.Errorf("got %v, want to be told of app@8020", err)
	}
	if slices.Contains(s.calls, "restart app@8022.service") {
		t.Errorf("got %q, want app@8022 untouched", s.calls)
	}
}

func TestAsManyAreOutAsMayBe(t *testing.T) {
	s, app := rolling(t)
	var most int
	report := func(e Event) { most = max(most, e.Out) }
	if err := Roll(t.Context(), s.host, app, app.Instances, Order{By: ByRestart, MaxUnavailable: 2}, report); err != nil {
		t.Fatal(err)
	}
	if most != 2 || len(s.drained) > 0 {
		t.Errorf("got %d out at a time and %v drained, want 2 and none", most, s.drained)
	}
}

// What a killed roll left drained counts as out by a roll's doing; what an
// operator drained is the operator's.
func TestWhatAKilledRollLeftIsTakenBackFirst(t *testing.T) {
	s, app := rolling(t)
	s.drained["app@8022"], s.drained["app@8021"] = ByApply, "webstack drain"
	if err := Roll(t.Context(), s.host, app, app.Instances[:1], Order{By: ByRestart}, func(Event) {}); err != nil {
		t.Fatal(err)
	}
	if got := s.calls[0]; got != "undrain app@8022" {
		t.Errorf("got %q first, want app@8022 back in rotation", got)
	}
	if len(s.drained) != 1 || s.drained["app@8021"] == "" {
		t.Errorf("got %v drained, want the operator's alone", s.drained)
	}
}

func TestAnInstanceThatTheProxyKeepsOutStopsTheRoll(t *testing.T) {
	s, app := rolling(t)
	status := s.host.ProxyStatus
	s.host.ProxyStatus = func(ctx context.Context) (*control.Status, error) {
		st, err := status(ctx)
		if err == nil && slices.Contains(s.calls, "undrain app@8020") {
			st.Upstreams[0].Instances = append(st.Upstreams[0].Instances,
				control.InstanceStatus{ID: "app@8020", State: "down", Reason: "its check answers 503"})
		}
		return st, err
	}
	err := Roll(t.Context(), s.host, app, app.Instances, Order{By: ByRestart}, func(Event) {})
	if err == nil || !strings.Contains(err.Error(), "app@8020 is ready, and the proxy keeps it out for 1s already (down: its check answers 503)") {
		t.Errorf("got %v, want why it is kept out", err)
	}
	if slices.Contains(s.calls, "drain app@8021") {
		t.Errorf("got %q, want app@8021 untouched", s.calls)
	}
}

func TestWhatIsStartedOnDemandAndDoesNotRunIsNotRolled(t *testing.T) {
	s, app := rolling(t)
	app.Start = "on-demand"
	s.stop("app@8021.service")
	if err := Roll(t.Context(), s.host, app, app.Instances, Order{By: ByRestart}, func(Event) {}); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(s.calls, "restart app@8021.service") || !slices.Contains(s.calls, "restart app@8022.service") {
		t.Errorf("got %q, want the two that run restarted", s.calls)
	}
}
