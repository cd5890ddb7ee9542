package readiness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// fakeProxy answers with the next number of exchanges in flight.
type fakeProxy struct {
	reported []control.InstanceReport
	// drains are who was drained ("+") and undrained ("-"), by whom.
	drains   []string
	unknown  int
	inFlight []int
	// since is for how long the instance has been drained, 0 for not.
	since time.Duration
	asked func()
	err   error
}

func (p *fakeProxy) Report(_ context.Context, r control.ReportRequest) (*control.ReportResult, error) {
	p.reported = append(p.reported, r.Reports...)
	return &control.ReportResult{Unknown: p.unknown}, p.err
}

func (p *fakeProxy) Drain(_ context.Context, r control.DrainRequest) (*control.Status, error) {
	p.drains = append(p.drains, fmt.Sprintf("+ %s by %s for %dms", r.Instance, r.By, r.LeaseMS))
	return nil, p.err
}

func (p *fakeProxy) Undrain(_ context.Context, r control.DrainRequest) (*control.Status, error) {
	p.drains = append(p.drains, fmt.Sprintf("- %s by %s", r.Instance, r.By))
	return nil, p.err
}

func (p *fakeProxy) StatusOf(context.Context, string) (*control.Status, error) {
	if p.asked != nil {
		p.asked()
	}
	n := p.inFlight[0]
	if len(p.inFlight) > 1 {
		p.inFlight = p.inFlight[1:]
	}
	state, since := "up", ""
	if p.since > 0 {
		state, since = "draining", time.Now().Add(-p.since).Format(time.RFC3339Nano)
	}
	return &control.Status{Upstreams: []control.UpstreamStatus{
		{Instances: []control.InstanceStatus{{ID: "app@8020", State: state, Since: since, InFlight: n}, {ID: "app@8021", InFlight: 7}}},
		{Instances: []control.InstanceStatus{{ID: "app@8020", InFlight: n}}},
	}}, p.err
}

func leaving(s *stage, pid int, timeout time.Duration) Leaving {
	return Leaving{Unit: s.unit, ID: "app@8020", MainPID: pid, Timeout: timeout, StopTimeout: time.Second}
}

func TestADrainWaitsUntilNothingIsInFlight(t *testing.T) {
	app := start(t, "idle")
	p := &fakeProxy{inFlight: []int{2, 0, 1, 0, 0}}
	if err := Drain(context.Background(), p, leaving(newStage(t, app), app.pid(), farOff)); err != nil {
		t.Error(err)
	}
	if want := []control.InstanceReport{{Instance: "app@8020", State: control.UnitStopped}}; !slices.Equal(p.reported, want) {
		t.Errorf("reported %+v, want %+v", p.reported, want)
	}
	if len(p.inFlight) != 1 || p.inFlight[0] != 0 {
		t.Errorf("%v were not waited for", p.inFlight)
	}
}

func TestWhatAConnectionWakesIsDrainedUntilItHasEnded(t *testing.T) {
	app := start(t, "idle")
	p := &fakeProxy{inFlight: []int{0}}
	l := leaving(newStage(t, app), app.pid(), 10*time.Second)
	l.Woken = true
	if err := Drain(context.Background(), p, l); err != nil {
		t.Error(err)
	}
	if err := Rest(context.Background(), p, "app@8020"); err != nil {
		t.Error(err)
	}
	if want := []string{"+ app@8020 by its unit for 41000ms", "- app@8020 by its unit"}; !slices.Equal(p.drains, want) {
		t.Errorf("got %q, want %q", p.drains, want)
	}
	if want := []control.InstanceReport{{Instance: "app@8020", State: control.UnitStopped}, {Instance: "app@8020", State: control.UnitUnknown}}; !slices.Equal(p.reported, want) {
		t.Errorf("reported %+v, want %+v", p.reported, want)
	}
	p.err = control.ErrNotRunning
	if err := Rest(context.Background(), p, "app@8020"); err != nil {
		t.Errorf("without a proxy: %v", err)
	}
}

func TestADrainEndsWhereThereIsNothingToWaitFor(t *testing.T) {
	busy := []int{1}
	for _, c := range []struct {
		name    string
		proxy   *fakeProxy
		pid     func(*actor) int
		timeout time.Duration
	}{
		{"without a proxy", &fakeProxy{err: control.ErrNotRunning, inFlight: busy}, (*actor).pid, farOff},
		{"with one that does not know the instance", &fakeProxy{unknown: 1, inFlight: busy}, (*actor).pid, farOff},
		{"at its deadline", &fakeProxy{inFlight: busy}, (*actor).pid, 30 * time.Millisecond},
		{"without a deadline to wait for", &fakeProxy{inFlight: busy}, (*actor).pid, 0},
		{"when it was drained for as long before", &fakeProxy{inFlight: busy, since: 2 * farOff}, (*actor).pid, farOff},
		{"for a process that is gone", &fakeProxy{inFlight: busy}, func(a *actor) int { a.end(); return a.pid() }, farOff},
		{"for no process", &fakeProxy{inFlight: busy}, func(*actor) int { return 0 }, farOff},
		{"for a process of another unit", &fakeProxy{inFlight: busy}, func(*actor) int { return 1 }, farOff},
	} {
		app := start(t, "idle")
		if err := Drain(context.Background(), c.proxy, leaving(newStage(t, app), c.pid(app), c.timeout)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestADrainEndsWithTheProcess(t *testing.T) {
	app := start(t, "idle")
	p := &fakeProxy{inFlight: []int{1}}
	p.asked = app.end
	if err := Drain(context.Background(), p, leaving(newStage(t, app), app.pid(), farOff)); err != nil {
		t.Error(err)
	}
}

func TestADrainSaysWhatTheProxySaid(t *testing.T) {
	app := start(t, "idle")
	refused := errors.New("not permitted")
	p := &fakeProxy{err: refused, inFlight: []int{1}}
	if err := Drain(context.Background(), p, leaving(newStage(t, app), app.pid(), farOff)); !errors.Is(err, refused) {
		t.Errorf("got %v, want %v", err, refused)
	}
	if err := Tell(context.Background(), p, "app@8020", control.UnitUp, ""); !errors.Is(err, refused) {
		t.Errorf("got %v, want %v", err, refused)
	}
	p.err = control.ErrNotRunning
	if err := Tell(context.Background(), p, "app@8020", control.UnitUp, ""); err != nil {
		t.Errorf("without a proxy: %v", err)
	}
}
