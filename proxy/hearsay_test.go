package proxy

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/health"
)

// quiet is a config of two instances that nothing is sent to.
func quiet() *config.Config {
	bound := config.Duration(10 * time.Second)
	instance := func(id, address string) config.Instance {
		return config.Instance{ID: id, Network: "tcp", Address: address, Weight: 1}
	}
	return &config.Config{
		Version: config.Version,
		Proxy:   config.Proxy{HeadTimeout: bound, BodyTimeout: bound, SendTimeout: bound, KeepaliveTimeout: bound, StopTimeout: bound, Loops: 1},
		Upstreams: []config.Upstream{{
			Name: "app", App: "app", Balance: "round-robin", ConnectTimeout: bound,
			Health:    &config.Health{Interval: bound, Timeout: bound, Rise: 1, Fall: 1},
			Instances: []config.Instance{instance("a", "127.0.0.1:1"), instance("b", "127.0.0.1:2")},
		}},
	}
}

// idle is a proxy that does not run: the test passes the time.
func idle(t *testing.T, c *config.Config, statePath string) *Proxy {
	t.Helper()
	p, err := New(c, Options{Log: slog.New(slog.DiscardHandler), StatePath: statePath, BootID: "boot"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// heir is a proxy that was left with reports.
func heir(t *testing.T, c *config.Config, reports ...control.InstanceReport) *Proxy {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.json")
	before := idle(t, c, path)
	if _, err := before.Report(control.ReportRequest{Reports: reports}); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(path, before.collect().encode()); err != nil {
		t.Fatal(err)
	}
	return idle(t, c, path)
}

func (p *Proxy) wantState(t *testing.T, id string, want balance.Verdict) {
	t.Helper()
	if got := p.seen[spot{"app", id}].State; got != want {
		t.Errorf("%s: got %s, want %s", id, got, want)
	}
}

// passes ticks through a time.
func (p *Proxy) passes(from, to time.Duration) {
	for d := from; d <= to; d += tickEvery {
		p.tick(p.started.Add(d))
	}
}

func TestWhatAnotherProcessHeardIsDoubtedWhereACheckSucceeds(t *testing.T) {
	p := heir(t, quiet(),
		control.InstanceReport{Instance: "a", State: control.UnitStopped},
		control.InstanceReport{Instance: "b", State: control.UnitStopped})
	p.wantState(t, "a", balance.Stopped)
	u := p.current.Upstreams[0].Group
	u.Probed(p.started, "a", true, "")
	p.passes(0, hearsayTrust-tickEvery)
	p.wantState(t, "a", balance.Stopped)
	p.passes(hearsayTrust, hearsayTrust+tickEvery)
	p.wantState(t, "a", balance.Up)
	// Nobody answers there: it may well be stopped.
	p.wantState(t, "b", balance.Stopped)
}

func TestWhatIsReportedAnewIsNotDoubted(t *testing.T) {
	stopped := control.InstanceReport{Instance: "a", State: control.UnitStopped}
	p := heir(t, quiet(), stopped)
	if _, err := p.Report(control.ReportRequest{Reports: []control.InstanceReport{stopped}}); err != nil {
		t.Fatal(err)
	}
	p.current.Upstreams[0].Group.Probed(p.started, "a", true, "")
	p.passes(0, 2*hearsayTrust)
	p.wantState(t, "a", balance.Stopped)
}

func TestHearsayIsForgottenWhereNothingIsChecked(t *testing.T) {
	c := quiet()
	c.Upstreams[0].Health = nil
	p := heir(t, c, control.InstanceReport{Instance: "a", State: control.UnitDown, Reason: "exit 1"})
	p.wantState(t, "a", balance.Down)
	p.passes(0, 2*hearsayTrust)
	p.wantState(t, "a", balance.Up)
}

func TestPace(t *testing.T) {
	for _, tt := range []struct {
		name              string
		view              balance.View
		hearsay, onDemand bool
		want              health.Pace
	}{
		{"one that is known to be up", balance.View{State: balance.Up, Unit: balance.UnitUp, Probe: balance.ProbeUp}, false, false, health.Steady},
		{"one that nobody has reported on", balance.View{State: balance.Up, Unit: balance.UnitUnknown, Probe: balance.ProbeUp}, false, false, health.Steady},
		{"one that was not checked yet", balance.View{State: balance.Up, Unit: balance.UnitUp, Probe: balance.ProbeUnknown}, false, false, health.Quick},
		{"one that has failed its checks", balance.View{State: balance.Down, Unit: balance.UnitUp, Probe: balance.ProbeDown}, false, false, health.Quick},
		{"a drained one is checked on", balance.View{State: balance.Draining, Unit: balance.UnitUp, Probe: balance.ProbeUp}, false, false, health.Steady},
		{"a stopped one", balance.View{State: balance.Stopped, Unit: balance.UnitStopped, Probe: balance.ProbeUp}, false, false, health.Rest},
		{"a starting one: its gate asks", balance.View{State: balance.Starting, Unit: balance.UnitStarting}, false, false, health.Rest},
		{"one that is said to have been stopped", balance.View{State: balance.Stopped, Unit: balance.UnitStopped}, true, false, health.Quick},
		{"one on demand that is up", balance.View{State: balance.Up, Unit: balance.UnitUp, Probe: balance.ProbeUp}, false, true, health.Steady},
		{"one on demand that may be asleep", balance.View{State: balance.Up, Unit: balance.UnitUnknown}, false, true, health.Rest},
		{"one that is finishing behind the config's back", balance.View{State: balance.Removed, Unit: balance.UnitUp}, false, false, health.Rest},
		{"one that was not seen yet", balance.View{}, false, false, health.Rest},
	} {
		if got := pace(tt.view, tt.hearsay, tt.onDemand); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(`{"version":1,"boot":"b","instances":{"a":{"drains":[{"by":"x","since":"2026-01-02T03:04:05Z"}],"unit":"stopped"}}}`)
	f.Add(`{"version":1,"boot":"b","pauses":{"app":{"until":"2026-01-02T03:04:05Z"}},"maintenance":{"s":{"site":"s","on":true,"allow":["::/0"]}}}`)
	f.Add(`{"version":1,"instances":{"a":null}}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := decodeState([]byte(text))
		if err != nil {
			return
		}
		again, err := decodeState(s.encode())
		if err != nil || string(again.encode()) != string(s.encode()) {
			t.Errorf("%q is not read again as it was written: %v", text, err)
		}
	})
}
