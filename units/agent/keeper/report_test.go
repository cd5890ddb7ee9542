package keeper

import (
	"testing"
	"time"
)

func two() App { return App{Name: "shop", Instances: []string{"app@1", "app@2"}} }

func TestTheProxyIsToldOfEveryUnitAndThenOfChanges(t *testing.T) {
	s := newScene(t, two())
	s.unit("app@1", "active running", 7).want()
	s.k.Whole(s.now)
	s.want("app@1 is up", "app@2 is stopped").reported().want()
	s.unit("app@1", "deactivating stop", 7).want("app@1 is stopped").reported()
	s.unit("app@1", "inactive dead", 0).want()
	s.unit("app@1", "activating start-post", 8).want("app@1 is starting").reported()
	s.unit("app@1", "active running", 8).want("app@1 is up").reported().want()
}

func TestAnOldReportNeverOvertakesANewOne(t *testing.T) {
	s := newScene(t, two()).running("app@1", "app@2")
	s.unit("app@1", "deactivating stop", 100).want("app@1 is stopped")
	s.unit("app@1", "activating start", 101).want()
	s.unit("app@1", "active running", 101).want()
	s.reported().want("app@1 is up")
}

func TestWhatWasRestartedFasterThanAnybodyLookedIsTold(t *testing.T) {
	s := newScene(t, two()).running("app@1", "app@2")
	s.unit("app@1", "active running", 300).want("app@1 is up")
}

func TestNothingIsSaidOfWhatMayBeOutOfDate(t *testing.T) {
	s := newScene(t, two()).running("app@1", "app@2")
	s.k.BusLost()
	s.k.ProxyReached()
	s.want()
	s.unit("app@2", "failed failed", 0).want()
	s.k.Whole(s.now)
	s.want("app@1 is up", "app@2 is down")
}

func TestAProxyThatComesBackIsToldOfEverything(t *testing.T) {
	s := newScene(t, two()).running("app@1", "app@2")
	s.k.ProxyLost(s.now)
	s.unit("app@2", "inactive dead", 0).want()
	s.k.ProxyReached()
	s.want("app@1 is up", "app@2 is stopped")
	s.k.Reported(s.now, false)
	s.want()
	s.k.ProxyReached()
	s.want("app@1 is up", "app@2 is stopped")
}

// A report of "up" forgives failures: it is not repeated for the sake of
// others.
func TestAProxyWithANewConfigIsToldWhatIsNotUp(t *testing.T) {
	s := newScene(t, two()).running("app@1")
	s.k.Reloaded()
	s.want("app@2 is stopped")
}

func TestANewGenerationKeepsWhatIsKnown(t *testing.T) {
	s := newScene(t, two()).running("app@1", "app@2")
	s.unit("app@3", "active running", 9).want()
	s.k.Generation(s.now, []App{{Name: "shop", Instances: []string{"app@2", "app@3", "app@4"}}})
	s.want("app@3 is up", "app@4 is stopped").reported()
	s.unit("app@1", "inactive dead", 0).want()
}

func TestAnotherWatchBeginsFromNothing(t *testing.T) {
	s := newScene(t, two()).running("app@1", "app@2")
	s.k.Forget()
	s.unit("app@1", "active running", 100).want()
	s.k.Whole(s.now)
	s.want("app@2 is stopped")
}

func TestAWorkersChangesAreForOthersThanTheProxy(t *testing.T) {
	a := two()
	a.Worker = true
	s := newScene(t, a).running("app@1", "app@2")
	s.k.Unit(s.now, "app@1", Unit{Active: "activating", Sub: "auto-restart", Result: "exit-code", MainCode: 1, MainStatus: 3})
	s.want("shop: app@1 was up, is down exit 3").want()
	s.k.ProxyLost(s.now)
	s.k.BusLost()
	s.unit("app@1", "active running", 8).want()
	s.k.ProxyReached()
	s.k.Reloaded()
	s.k.Whole(s.now)
	s.want("shop: app@1 was down, is up").want()
}

func TestTheReasonOfAJobIsToldWithWhatItCauses(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2")
	s.failing("app@1").after(10 * time.Second).want("restart app@1")
	s.unit("app@1", "deactivating stop", 100).want("app@1 is stopped the watchdog: its health check failed for 10s").reported()
	s.ended(Restart, "app@1").unit("app@1", "active running", 101).want("app@1 is up")
}
