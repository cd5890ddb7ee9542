package keeper

import (
	"testing"
	"time"
)

// guarded has two instances and a watchdog.
func guarded() App {
	a := two()
	a.Watchdog = &Watchdog{After: 10 * time.Second, Limit: 2}
	return a
}

func TestTheWatchdogRestartsWhatFailsForLongEnough(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2")
	s.failing("app@1").want().wantNext(10 * time.Second)
	s.after(9 * time.Second).want().wantNext(time.Second)
	s.after(time.Second).want("restart app@1").want()
}

func TestTheWatchdogCountsFromTheLastStart(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2").failing("app@1")
	s.after(9*time.Second).unit("app@1", "activating start", 300).want("app@1 is starting").reported()
	s.after(30 * time.Second).want()
	s.unit("app@1", "active running", 300).want("app@1 is up").wantNext(10 * time.Second)
}

func TestTheWatchdogForgetsWhatPassesAgain(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2").failing("app@1")
	s.after(9 * time.Second).passing("app@1").after(time.Hour).want()
	s.failing("app@1").want().wantNext(10 * time.Second)
}

func TestTheWatchdogRestartsNothingWhenAllFail(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2").failing("app@1", "app@2")
	s.after(10 * time.Second).want(`warn: the watchdog restarts nothing of app "shop": no instance of it passes its health check`)
	s.after(time.Hour).want()
	s.passing("app@2").want("restart app@1")
}

// The instances that are stopped are no help to who fails.
func TestTheWatchdogNeverRestartsTheLastOneThatRuns(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2")
	s.unit("app@2", "inactive dead", 0).failing("app@1").after(time.Minute)
	s.want("app@2 is stopped", `warn: the watchdog restarts nothing of app "shop": no instance of it passes its health check`)
}

func TestTheWatchdogHasALimitInTheHour(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2").failing("app@1")
	for range 2 {
		s.after(10*time.Second).want("restart app@1").ended(Restart, "app@1")
		s.want().wantNext(10 * time.Second)
	}
	s.after(10 * time.Second)
	s.want("warn: the watchdog leaves app@1 as it is: it was restarted 2 times within the hour").want()
	// The first falls out of the hour.
	s.wantNext(time.Hour - 20*time.Second)
	s.after(time.Hour - 20*time.Second).want("restart app@1")
}

func TestTheWatchdogKnowsNothingWithoutTheProxy(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2").failing("app@1")
	s.k.ProxyLost(s.now)
	s.after(time.Hour).want()
	s.k.ProxyReached()
	s.failing("app@1").want("app@1 is up", "app@2 is up").wantNext(10 * time.Second)
}

func TestAJobThatFailsIsTriedAgainLaterAndLater(t *testing.T) {
	s := newScene(t, guarded()).running("app@1", "app@2").failing("app@1")
	s.k.apps[0].Watchdog.Limit = 100
	s.after(10 * time.Second).want("restart app@1")
	for _, d := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		s.refused(Restart, "app@1").want().wantNext(d)
		s.after(d).want("restart app@1")
	}
	for range 20 {
		s.refused(Restart, "app@1").after(longestDelay).want("restart app@1")
	}
	s.ended(Restart, "app@1").want().wantNext(10 * time.Second)
}

func TestEarlierCrashesAreForgivenAfterAHealthyMinute(t *testing.T) {
	s := newScene(t, two()).running("app@1", "app@2")
	crashed := Unit{Active: "active", Sub: "running", Result: "success", MainPID: 500, Restarts: 3}
	s.k.Unit(s.now, "app@1", crashed)
	s.want("app@1 is up").reported().wantNext(time.Minute)
	s.failing("app@1").after(time.Hour).want()
	s.passing("app@1").want().wantNext(time.Minute)
	s.after(time.Minute).want("reset-failed app@1").ended(Reset, "app@1").want()
	// systemd's counter begins again.
	crashed.Restarts = 1
	s.k.Unit(s.now, "app@1", crashed)
	s.want("reset-failed app@1")
}
