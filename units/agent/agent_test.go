package agent

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/agent/keeper"
	"github.com/webstack/webstack/units/bus"
)

func TestAUnitThatIsKilledIsToldAtOnce(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.changes <- bus.Change{Unit: &bus.Properties{
			Name: "app@1.service", ActiveState: "deactivating", SubState: "stop-post", Result: "signal", MainCode: 2, MainStatus: 9,
		}}
		s.want("app@1 is down killed by signal 9")
		s.unit("app@1", "activating", "start-post", 3)
		s.want("app@1 is starting")
		s.unit("app@1", "active", "running", 3)
		s.want("app@1 is up")
	})
}

func TestAProxyThatWasAwayIsToldEverything(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.set(func() { s.proxy = false })
		s.events <- control.Event{Kind: control.EventStop}
		s.want("tell /bin/notify that stop  is , 0 dropped", "tell http://example.com/secret that stop  is , 0 dropped")
		s.unit("app@2", "inactive", "dead", 0)
		time.Sleep(time.Hour)
		s.want()
		s.set(func() { s.proxy = true })
		time.Sleep(retryProxy)
		s.want("app@1 is up", "app@2 is stopped", "tool@1 is stopped")
	})
}

// The proxy knows nothing of workers.
func TestHooksHearOfWorkersFromTheAgent(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		next := shop()
		next.Desired.Apps = append(next.Desired.Apps, install.App{Name: "mail", Unit: "mail", Instances: []install.Instance{{Name: "1", Unit: "mail@1.service"}}})
		s.set(func() { s.standing, s.mark = &install.Standing{Current: next}, 2 })
		time.Sleep(rereadEvery)
		s.want("watch app@*.service tool@*.service mail@*.service")
		s.unit("app@1", "active", "running", 1)
		s.unit("app@2", "active", "running", 2)
		s.unit("mail@1", "active", "running", 3)
		s.changes <- bus.Change{Whole: true}
		s.want()
		s.unit("mail@1", "failed", "failed", 0)
		s.want("tell /bin/notify that instance mail@1 is down, 0 dropped", "tell http://example.com/secret that instance mail@1 is down, 0 dropped")
	})
}

func TestAReportThatFailsIsMadeAgain(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.set(func() { s.refuses = true })
		s.unit("app@1", "inactive", "dead", 0)
		time.Sleep(time.Second)
		s.want()
		s.set(func() { s.refuses = false })
		time.Sleep(retryProxy)
		s.want("app@1 is stopped", "app@2 is up", "tool@1 is stopped")
	})
}

func TestNothingIsToldWhileTheBusIsAway(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.changes <- bus.Change{Lost: errors.New("it broke")}
		s.want()
		s.events <- control.Event{Kind: control.EventWanted, Upstream: "tool", App: "tool"}
		s.unit("app@2", "inactive", "dead", 0)
		s.want()
		s.changes <- bus.Change{Whole: true}
		s.want("app@2 is stopped", "start tool@1.service")
	})
}

func TestTheWatchdogActsOnTheProxysWord(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.instance("app@1", "down")
		s.want("tell /bin/notify that instance app@1 is down, 0 dropped", "tell http://example.com/secret that instance app@1 is down, 0 dropped")
		time.Sleep(10 * time.Second)
		s.want("restart app@1.service")
	})
}

// An instance is out after one request that failed, too.
func TestTheWatchdogActsOnChecksAlone(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.events <- control.Event{Kind: control.EventInstance, Upstream: "shop", App: "shop", Instance: "app@1", State: "down", Probe: "up"}
		s.want("tell /bin/notify that instance app@1 is down, 0 dropped", "tell http://example.com/secret that instance app@1 is down, 0 dropped")
		time.Sleep(time.Hour)
		s.want()
	})
}

func TestAnAppIsStartedForARequestAndStoppedWhenIdle(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		for range 3 {
			s.events <- control.Event{Kind: control.EventWanted, Upstream: "tool", App: "tool"}
		}
		s.want("start tool@1.service")
		s.unit("tool@1", "activating", "start", 0)
		s.want("tool@1 is starting")
		s.unit("tool@1", "active", "running", 7)
		s.want("tool@1 is up")
		time.Sleep(2 * time.Minute)
		s.want()
		s.set(func() { s.idle = time.Now().UTC().Format(time.RFC3339) })
		time.Sleep(50 * time.Second)
		s.want()
		time.Sleep(15 * time.Second)
		s.want("stop tool@1.service")
	})
}

func TestAJobThatFailsIsSaid(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		s.set(func() { s.job = errors.New("cannot start tool@1.service: permission denied") })
		s.events <- control.Event{Kind: control.EventWanted, Upstream: "tool", App: "tool"}
		s.want("start tool@1.service")
		if !strings.Contains(s.log.String(), "permission denied") {
			t.Errorf("the log says nothing of it: %s", s.log.String())
		}
	})
}

func TestANewGenerationIsFollowedWithinASecond(t *testing.T) {
	play(t, func(s *stage) {
		s.up()
		next := shop()
		next.Desired.Apps[0].Instances = next.Desired.Apps[0].Instances[:1]
		next.Desired.OnChange = nil
		added := *shop()
		added.Desired.Apps = []install.App{{Name: "new", Unit: "new", Instances: []install.Instance{{Name: "1", Unit: "new@1.service", Address: "127.0.0.1:1"}}}}
		s.set(func() {
			s.standing, s.mark = &install.Standing{Current: next, Pending: []*install.Generation{&added}}, 2
		})
		time.Sleep(rereadEvery)
		s.want("watch app@*.service tool@*.service new@*.service")
		s.unit("app@1", "active", "running", 1)
		s.unit("app@2", "inactive", "dead", 0)
		s.unit("new@1", "active", "running", 1)
		s.changes <- bus.Change{Whole: true}
		s.want("new@1 is up")
		s.instance("app@1", "down")
		s.want()
	})
}

func TestWhatAnApplyHasNotFinishedIsOnlyWatched(t *testing.T) {
	g := newGeneration(&install.Standing{Pending: []*install.Generation{shop()}})
	if len(g.apps) != 2 || len(g.units) != 3 || len(g.hooks) != 0 {
		t.Errorf("got %d apps, %d units, %d hooks, want 2, 3, 0", len(g.apps), len(g.units), len(g.hooks))
	}
	for _, a := range g.apps {
		if a.OnDemand || a.Watchdog != nil || a.IdleStop != 0 {
			t.Errorf("got %+v, want nothing but its instances", a)
		}
	}
}

func TestTheWordsAreTheProxys(t *testing.T) {
	for ours, theirs := range map[keeper.State]string{
		keeper.Starting: control.UnitStarting, keeper.Up: control.UnitUp, keeper.Stopped: control.UnitStopped,
		keeper.Down: control.UnitDown, keeper.Unknown: control.UnitUnknown,
	} {
		if string(ours) != theirs {
			t.Errorf("got %q, want %q", ours, theirs)
		}
	}
}

func TestWhoIsIdle(t *testing.T) {
	instance := func(id string, inFlight int) control.InstanceStatus {
		return control.InstanceStatus{ID: id, InFlight: inFlight}
	}
	early, late := "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"
	st := &control.Status{Upstreams: []control.UpstreamStatus{
		{Name: "a", IdleSince: early, Instances: []control.InstanceStatus{instance("a@1", 0), instance("a@2", 0)}},
		{Name: "both", IdleSince: late, Instances: []control.InstanceStatus{instance("a@1", 0), instance("b@1", 0)}},
		{Name: "b", Instances: []control.InstanceStatus{instance("b@1", 0), instance("b@2", 3)}},
		{Name: "c", IdleSince: late, Held: 1, Instances: []control.InstanceStatus{instance("c@1", 0)}},
	}}
	idle := idleSince(st)
	if got := idle["a@1"].Format(time.RFC3339); got != late {
		t.Errorf("a@1 is idle since %s, want the later of its upstreams, %s", got, late)
	}
	if got := idle["a@2"].Format(time.RFC3339); got != early || len(idle) != 2 {
		t.Errorf("got %v, want a@1 and a@2 alone", idle)
	}
}

func TestALoopThatDoesNotRunIsNotAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := New(&Machine{}).Alive(time.Second); !errors.Is(err, ErrStuck) {
			t.Errorf("got %v, want %v", err, ErrStuck)
		}
	})
}
