package keeper

import (
	"testing"
	"time"
)

func dormant() App {
	a := two()
	a.OnDemand, a.IdleStop = true, 10*time.Minute
	return a
}

// both idle since then.
func idleSince(at time.Time) map[string]time.Time {
	return map[string]time.Time{"app@1": at, "app@2": at}
}

func TestARequestThatWaitsStartsEveryInstanceOnce(t *testing.T) {
	s := newScene(t, dormant()).running()
	s.k.Wanted(s.now, []string{"app@1", "app@2"})
	s.want("start app@1", "start app@2").want()
	s.after(time.Second)
	s.k.Wanted(s.now, []string{"app@1", "app@2"})
	s.want()
	s.unit("app@1", "activating start", 5).want("app@1 is starting a request waits for it").reported()
	s.unit("app@1", "active running", 5).ended(Start, "app@1")
	s.want("app@1 is up").reported()
	s.k.Wanted(s.now, []string{"app@1", "app@2"})
	s.want()
}

// The end of the job and the unit's new state come on two ways.
func TestAStartThatEndsBeforeItsStateIsToldIsNoReasonForAnother(t *testing.T) {
	s := newScene(t, dormant()).running("app@2")
	s.k.Wanted(s.now, []string{"app@1"})
	s.want("start app@1").ended(Start, "app@1")
	s.k.Wanted(s.now, []string{"app@1"})
	s.want().wantNext(settling)
	s.unit("app@1", "active running", 5).want("app@1 is up").after(settling).want()
}

func TestOnlyOnDemandIsStarted(t *testing.T) {
	s := newScene(t, two()).running()
	s.k.Wanted(s.now, []string{"app@1", "app@2", "app@3"})
	s.want()
}

func TestWhatSystemdIsAboutToStartIsLeftToIt(t *testing.T) {
	s := newScene(t, dormant()).running("app@2")
	s.unit("app@1", "activating auto-restart", 0).want("app@1 is down").reported()
	s.k.Wanted(s.now, []string{"app@1"})
	s.want()
	s.unit("app@1", "failed failed", 0)
	s.k.Wanted(s.now, []string{"app@1"})
	s.want("start app@1")
}

func TestARequestThatNoLongerWaitsStartsNothing(t *testing.T) {
	s := newScene(t, dormant()).running()
	s.k.BusLost()
	s.k.Wanted(s.now, []string{"app@1"})
	s.want().after(6 * time.Second)
	s.k.Whole(s.now)
	s.want()
}

func TestARequestDuringAStopStartsAfterIt(t *testing.T) {
	s := newScene(t, dormant()).running("app@1", "app@2").after(time.Hour).want("look")
	s.k.Looked(s.now, idleSince(noon))
	s.want("stop app@1", "stop app@2")
	s.unit("app@1", "deactivating stop", 100).want(`app@1 is stopped nobody has used app "shop" for 10m0s`).reported()
	s.k.Wanted(s.now, []string{"app@1"})
	s.want()
	s.unit("app@1", "inactive dead", 0).ended(Stop, "app@1").want("start app@1")
}

func TestAnAppIsStoppedWhenNobodyUsesIt(t *testing.T) {
	s := newScene(t, dormant()).running("app@1", "app@2")
	s.after(mostLook).want("look").want()
	s.k.Looked(s.now, idleSince(s.now))
	s.want().wantNext(mostLook)
	// One busy instance keeps all.
	s.after(time.Hour).want("look")
	s.k.Looked(s.now, map[string]time.Time{"app@1": noon})
	s.want()
	s.after(mostLook).want("look")
	s.k.Looked(s.now, map[string]time.Time{"app@1": noon, "app@2": s.now.Add(-9 * time.Minute)})
	s.want()
	s.after(mostLook).want("look")
	s.k.Looked(s.now, map[string]time.Time{"app@1": noon, "app@2": s.now.Add(-10 * time.Minute)})
	s.want("stop app@1", "stop app@2").want()
}

// The proxy's word counts for the moment in which it is said.
func TestAnOldLookStopsNothing(t *testing.T) {
	s := newScene(t, dormant()).running("app@1", "app@2").after(mostLook).want("look")
	s.k.Looked(s.now, idleSince(noon))
	s.want().after(10 * time.Minute).want("look").after(time.Hour).want()
}

func TestWhatWasJustStartedIsNotIdle(t *testing.T) {
	s := newScene(t, dormant()).running("app@1", "app@2")
	s.after(9 * time.Minute).want("look")
	s.k.Looked(s.now, idleSince(noon.Add(-24*time.Hour)))
	s.want()
	s.after(time.Minute).want("look")
	s.k.Looked(s.now, idleSince(noon.Add(-24*time.Hour)))
	s.want("stop app@1", "stop app@2")
}

func TestNobodyIsAskedWhileNothingRuns(t *testing.T) {
	s := newScene(t, dormant()).running().after(time.Hour).want()
	if !s.next.IsZero() {
		t.Errorf("it wants to be asked again at %v, want never", s.next)
	}
}

// What systemd starts at a connection is in rotation while it is stopped.
func TestAWokenInstanceStaysInRotation(t *testing.T) {
	a := dormant()
	a.Woken = true
	s := newScene(t, a)
	s.k.Whole(s.now)
	s.want("app@1 is unknown", "app@2 is unknown").reported()
	s.unit("app@1", "activating start-post", 5).want("app@1 is starting").reported()
	s.unit("app@1", "active running", 5).want("app@1 is up").reported()
	s.unit("app@1", "deactivating stop", 5).want("app@1 is stopped").reported()
	s.unit("app@1", "inactive dead", 0).want("app@1 is unknown")
}
