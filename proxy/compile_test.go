package proxy

import (
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/snapshot"
)

// holdingConfig is one site over one upstream that holds, checks and starts
// its instances on demand.
func holdingConfig() *config.Config {
	second := config.Duration(time.Second)
	return &config.Config{
		Version: config.Version,
		Proxy:   config.Proxy{HeadTimeout: second, StopTimeout: second},
		Upstreams: []config.Upstream{{
			Name: "app", App: "app", Balance: "round-robin", ConnectTimeout: second,
			Hold: 10 * second, SlowStart: 30 * second, OnDemand: true,
			Health: &config.Health{Interval: second, Timeout: second, Rise: 2, Fall: 3},
			Instances: []config.Instance{
				{ID: "app@1", Network: "tcp", Address: "127.0.0.1:1", Weight: 1},
				{ID: "app@2", Network: "tcp", Address: "127.0.0.1:2", Weight: 1, Woken: true},
			},
		}},
		Sites: []config.Site{{Name: "site"}},
	}
}

func TestCompileKnowsWhatHoldsAndChecks(t *testing.T) {
	wanted := ""
	s, err := compile(holdingConfig(), nil, func(upstream string) { wanted = upstream })
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	up := s.Upstreams[0]
	if up.Hold != 10*time.Second || up.Group.Find("app@1").Woken || !up.Group.Find("app@2").Woken {
		t.Errorf("the hold is %s, and app@1 woken %t, app@2 %t; want 10s, false, true",
			up.Hold, up.Group.Find("app@1").Woken, up.Group.Find("app@2").Woken)
	}
	if !up.Group.StandBy(now, &balance.Ticket{}) || wanted != "app" {
		t.Errorf("wanted is %q, want app", wanted)
	}
	for i, want := range []balance.ProbeState{balance.ProbeUnknown, balance.ProbeUnknown, balance.ProbeDown} {
		up.Group.Probed(now, "app@1", false, "status 500")
		up.Group.Each(now, func(in *balance.Instance, v balance.View) {
			if in.ID == "app@1" && v.Probe != want {
				t.Errorf("after %d failures it is %s, want %s", i+1, v.Probe, want)
			}
		})
	}
}

func TestWhatIsNoConfigOutlivesAReload(t *testing.T) {
	old, err := compile(holdingConfig(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	old.Sites[0].Maintenance.Store(&snapshot.Maintenance{Page: "soon"})
	old.Sites[0].Counters.Requests.Add(3)
	old.Upstreams[0].Group.Pause(now, true)
	old.Upstreams[0].Group.Report(now, "app@1", balance.UnitStopped, "")
	next, err := compile(holdingConfig(), old, nil)
	if err != nil {
		t.Fatal(err)
	}
	site, group := next.Sites[0], next.Upstreams[0].Group
	if m := site.Maintenance.Load(); m == nil || m.Page != "soon" || site.Counters.Requests.Load() != 3 {
		t.Errorf("the site has %+v and %d requests, want both as they were", m, site.Counters.Requests.Load())
	}
	if m, _ := group.Marks("app@1"); m.Unit != balance.UnitStopped || !group.Paused() {
		t.Errorf("it is %s, and paused %t; want both as they were", m.Unit, group.Paused())
	}
	// Also what is said from now on: a site knows of one maintenance.
	old.Sites[0].Maintenance.Store(nil)
	if site.Maintenance.Load() != nil {
		t.Error("the end of the maintenance is not seen")
	}
}
