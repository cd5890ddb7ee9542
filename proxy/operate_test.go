package proxy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
)

// report says what an instance's unit is.
func (w *world) report(instance, state, reason string) {
	w.t.Helper()
	_, err := w.proxy.Report(control.ReportRequest{Reports: []control.InstanceReport{{Instance: instance, State: state, Reason: reason}}})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) drain(instance, by string, lease time.Duration) {
	w.t.Helper()
	if err := w.proxy.Drain(control.DrainRequest{Instance: instance, By: by, LeaseMS: lease.Milliseconds()}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) undrain(instance, by string) {
	w.t.Helper()
	if err := w.proxy.Undrain(control.DrainRequest{Instance: instance, By: by}); err != nil {
		w.t.Fatal(err)
	}
}

// instance is what the status says of one.
func (w *world) instance(id string) control.InstanceStatus {
	w.t.Helper()
	for _, in := range w.proxy.Status().Upstreams[0].Instances {
		if in.ID == id {
			return in
		}
	}
	w.t.Fatalf("the status has no instance %s", id)
	return control.InstanceStatus{}
}

func TestADrainBelongsToWhoAskedForIt(t *testing.T) {
	w := start(t, baseConfig(well(t, "a"), well(t, "b")))
	w.drain("a", "webstack restart", time.Hour)
	w.drain("a", "an operator", 0)
	if got := w.instance("a"); got.DrainedBy != "webstack restart, an operator" || got.Since == "" {
		t.Errorf("got drained by %q since %q, want both and a time", got.DrainedBy, got.Since)
	}
	w.undrain("a", "webstack restart")
	w.wantStates("a=draining b=up")
	w.undrain("a", "somebody else")
	w.wantStates("a=draining b=up")
	w.undrain("a", "an operator")
	w.wantStates("a=up b=up")
	w.drain("a", "one", 0)
	w.drain("a", "two", 0)
	w.undrain("a", "")
	w.wantStates("a=up b=up")
}

func TestOwnersOfDrainsAreBounded(t *testing.T) {
	w := start(t, baseConfig(well(t, "a")))
	for i := range 32 {
		w.drain("a", fmt.Sprint("owner ", i), 0)
	}
	if err := w.proxy.Drain(control.DrainRequest{Instance: "a", By: "one more"}); err == nil || !strings.Contains(err.Error(), "by 32 already") {
		t.Errorf("got %v, want that there are enough", err)
	}
	w.drain("a", "owner 3", time.Hour) // asks again
	w.undrain("a", "")
	w.wantStates("a=up")
}

func TestALeaseEndsByItself(t *testing.T) {
	w := start(t, baseConfig(well(t, "a"), well(t, "b")))
	w.drain("a", "webstack restart", time.Millisecond)
	w.until("the drain is over", func() bool { return w.states() == "a=up b=up" })
	if err := w.proxy.Pause(control.PauseRequest{Upstream: "app", LeaseMS: 1}); err != nil {
		t.Fatal(err)
	}
	w.until("the pause is over", func() bool { return !w.proxy.Status().Upstreams[0].Paused })
}

func TestAnInstanceWhoseUnitIsNotUpGetsNothing(t *testing.T) {
	w := start(t, baseConfig(well(t, "a"), well(t, "b")))
	for _, state := range []string{control.UnitStarting, control.UnitStopped, control.UnitDown} {
		w.report("a", state, "for a test")
		w.wantStates("a=" + state + " b=up")
		if got := w.instance("a"); got.Reason != "for a test" || got.Since == "" {
			t.Errorf("got reason %q since %q, want what was reported and when", got.Reason, got.Since)
		}
		for range 3 {
			w.get("/", 200, "b")
		}
	}
	w.report("a", control.UnitUp, "")
	w.wantStates("a=up b=up")
	w.report("b", control.UnitDown, "exit 1")
	w.get("/", 200, "a")
	w.report("b", control.UnitUnknown, "")
	w.wantStates("a=up b=up")
}

// A proxy that was stopped for a while takes what it was told meanwhile in any
// order.
func TestTheLatestReportCountsInWhicheverOrderTheyCome(t *testing.T) {
	w := start(t, baseConfig(well(t, "a"), well(t, "b")))
	report := func(sent int64, state string) {
		unknown, err := w.proxy.Report(control.ReportRequest{Sent: sent, Reports: []control.InstanceReport{{Instance: "b", State: state}}})
		if err != nil || unknown != 0 {
			t.Errorf("%s: got %d unknown, %v", state, unknown, err)
		}
	}
	report(3, control.UnitUp)
	report(1, control.UnitStopped)
	report(2, control.UnitStarting)
	w.wantStates("a=up b=up")
	if _, err := w.proxy.Reload(); err != nil {
		t.Fatal(err)
	}
	report(2, control.UnitStarting)
	w.wantStates("a=up b=up")
	report(4, control.UnitStopped)
	w.wantStates("a=up b=stopped")
}

func TestReportsOfStrangersAreCounted(t *testing.T) {
	w := start(t, baseConfig(well(t, "a")))
	unknown, err := w.proxy.Report(control.ReportRequest{Reports: []control.InstanceReport{
		{Instance: "a", State: control.UnitUp}, {Instance: "worker@1", State: control.UnitUp}, {Instance: "worker@2", State: control.UnitDown},
	}})
	if unknown != 2 || err != nil {
		t.Errorf("got %d, %v; want 2", unknown, err)
	}
}

func TestAStrangersNameIsAnsweredWithTheKnownOnes(t *testing.T) {
	w := start(t, baseConfig(well(t, "a"), well(t, "b")))
	for what, err := range map[string]error{
		`no instance "x": known are a, b`: w.proxy.Drain(control.DrainRequest{Instance: "x"}),
		`no upstream "x": known are app`:  w.proxy.Pause(control.PauseRequest{Upstream: "x"}),
		`no site "x": known are site`:     w.proxy.Maintain(control.MaintenanceRequest{Site: "x", On: true}),
	} {
		var unknown *control.Unknown
		if !errors.As(err, &unknown) || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %s", err, what)
		}
	}
}

// A drain is of an instance, wherever it is: also where it comes to be.
func TestADrainHoldsInAnUpstreamThatComesLater(t *testing.T) {
	a, b := well(t, "a"), well(t, "b")
	w := start(t, baseConfig(a, b))
	w.drain("a", "us", 0)
	next := baseConfigLike(w.config, 2)
	other := baseConfig(a, b).Upstreams[0]
	other.Name = "other"
	next.Upstreams = append(next.Upstreams, other)
	w.reload(next)
	for _, u := range w.proxy.Status().Upstreams {
		if got := u.Instances[0].State; got != "draining" {
			t.Errorf("upstream %s: got a %s, want it draining", u.Name, got)
		}
	}
	renamed := baseConfigLike(next, 3)
	renamed.Upstreams = []config.Upstream{other}
	renamed.Upstreams[0].Name = "renamed"
	renamed.Sites = []config.Site{w.config.Sites[0]}
	renamed.Sites[0].Routes = []config.Route{appRoute("/")}
	renamed.Sites[0].Routes[0].Upstream = "renamed"
	w.reload(renamed)
	w.wantStates("a=draining b=up")
	w.undrain("a", "")
	w.wantStates("a=up b=up")
}

func TestAPausedUpstreamsRequestsWait(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Upstreams[0].Hold = seconds(60)
	w := start(t, c)
	pause := control.PauseRequest{Upstream: "app"}
	if err := w.proxy.Pause(pause); err != nil {
		t.Fatal(err)
	}
	answers := make(chan reply, 3)
	for range cap(answers) {
		go func() { answers <- w.ask("GET", "/", "") }()
	}
	w.until("all are held", func() bool { return w.proxy.Status().Upstreams[0].Held == cap(answers) })
	w.reload(baseConfigLike(c, 2))
	if u := w.proxy.Status().Upstreams[0]; !u.Paused || u.Held != cap(answers) || u.IdleSince != "" {
		t.Errorf("got %+v, want a reload to change nothing", u)
	}
	if err := w.proxy.Resume(pause); err != nil {
		t.Fatal(err)
	}
	for range cap(answers) {
		if r := <-answers; r.StatusCode != 200 || r.body != "a" {
			t.Errorf("got %d %q, want 200", r.StatusCode, r.body)
		}
	}
}

func TestRequestsWaitUntilAnInstanceIsUp(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Upstreams[0].Hold = seconds(60)
	w := start(t, c)
	w.report("a", control.UnitStarting, "")
	answer := make(chan reply, 1)
	go func() { answer <- w.ask("GET", "/", "") }()
	w.until("it is held", func() bool { return w.proxy.Status().Upstreams[0].Held == 1 })
	w.report("a", control.UnitUp, "")
	if r := <-answer; r.StatusCode != 200 || r.body != "a" {
		t.Errorf("got %d %q, want 200", r.StatusCode, r.body)
	}
}

func TestASiteInMaintenance(t *testing.T) {
	w := start(t, baseConfig(well(t, "a")))
	on := control.MaintenanceRequest{Site: "site", On: true, Page: "<p>back soon", RetryAfterSeconds: 600}
	if err := w.proxy.Maintain(on); err != nil {
		t.Fatal(err)
	}
	r := w.get("/", 503, "<p>back soon")
	if got := r.Header.Get("Retry-After"); got != "600" {
		t.Errorf("got Retry-After %q, want 600", got)
	}
	w.reload(baseConfigLike(w.config, 2))
	w.get("/", 503, "<p>back soon")
	if !w.proxy.Status().Sites[0].Maintenance {
		t.Error("the status does not say so")
	}
	on.Allow = []string{"192.0.2.0/24", "127.0.0.0/8"}
	if err := w.proxy.Maintain(on); err != nil {
		t.Fatal(err)
	}
	w.get("/", 200, "a")
	on.Allow = nil
	if err := w.proxy.Maintain(on); err != nil {
		t.Fatal(err)
	}
	w.get("/", 503, "<p>back soon")
	if err := w.proxy.Maintain(control.MaintenanceRequest{Site: "site"}); err != nil {
		t.Fatal(err)
	}
	w.get("/", 200, "a")
}

// While the proxy stops, what is reported counts: who is held is let go.
func TestWhoIsHeldIsAnsweredByAStoppingProxy(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Upstreams[0].Hold = seconds(60)
	w := start(t, c)
	w.report("a", control.UnitStarting, "")
	answer := make(chan reply, 1)
	go func() { answer <- w.ask("GET", "/", "") }()
	w.until("it is held", func() bool { return w.proxy.Status().Upstreams[0].Held == 1 })
	w.stop()
	w.until("the stop has begun", func() bool { return w.told.Load() > 0 })
	w.report("a", control.UnitUp, "")
	if r := <-answer; r.StatusCode != 200 || r.body != "a" {
		t.Errorf("got %d %q, want 200", r.StatusCode, r.body)
	}
	w.wait(w.stopped, "the proxy to stop")
}
