package keeper

import (
	"fmt"
	"slices"
	"time"
)

const (
	// healthyWhile is how long an instance is up before its earlier restarts
	// are forgiven, so that the next crash is answered at once again.
	healthyWhile = time.Minute
	// watchdogWindow is what Watchdog.Limit counts in.
	watchdogWindow = time.Hour
	// wantedFor is how long a waiting request counts: the proxy says it again
	// every second while one waits.
	wantedFor = 5 * time.Second
	// A look for idle apps is made four times in the shortest idle_stop, at
	// most once in leastLook and at least once in mostLook.
	leastLook = time.Second
	mostLook  = 15 * time.Second
)

// alarm is the earliest of the times at which something will be due; zero for
// never.
type alarm struct{ at time.Time }

// due says whether t has come, and sets the alarm where it has not.
func (a *alarm) due(now, t time.Time) bool {
	if !t.After(now) {
		return true
	}
	if a.at.IsZero() || t.Before(a.at) {
		a.at = t
	}
	return false
}

// Decide says what is to be done now, and when it wants to be asked again if
// nothing happens before; zero for never. What it says is taken as being done.
func (k *Keeper) Decide(now time.Time) ([]Action, time.Time) {
	var next alarm
	actions := k.report()
	if k.whole {
		for _, a := range k.apps {
			actions = append(actions, a.changes()...)
			actions = append(actions, a.watch(now, &next)...)
			actions = append(actions, a.wake(now, &next)...)
			actions = append(actions, a.rest(now, k.idle, &next)...)
			actions = append(actions, a.forgive(now, &next)...)
		}
		actions = append(actions, k.look(now, &next)...)
	}
	k.idle = nil
	return actions, next.at
}

// report tells the proxy of every state that it does not know. While a call is
// out the rest waits, so that they arrive in order.
func (k *Keeper) report() []Action {
	if !k.whole || !k.reached || k.reporting {
		return nil
	}
	var list []Report
	for _, a := range k.apps {
		for _, i := range a.members {
			if a.Worker || i.state == "" || i.state == i.told {
				continue
			}
			i.told = i.state
			list = append(list, Report{ID: i.id, State: i.state, Reason: i.because()})
		}
	}
	if len(list) == 0 {
		return nil
	}
	k.reporting = true
	return []Action{{Reports: list}}
}

// because is why an instance is as it is: in systemd's words, or for the job
// that it has.
func (i *instance) because() string {
	if i.reason != "" {
		return i.reason
	}
	return i.why
}

// changes are those of a worker since the last time. The first that is known
// of an instance is none.
func (a *app) changes() []Action {
	if !a.Worker {
		return nil
	}
	var actions []Action
	for _, i := range a.members {
		if i.state == "" || i.state == i.told {
			continue
		}
		if i.told != "" {
			actions = append(actions, Action{Change: &Change{a.Name, i.id, i.told, i.state, i.because()}})
		}
		i.told = i.state
	}
	return actions
}

// watch restarts what is up and fails its check, unless nothing of the app is
// well: then the cause is elsewhere, and restarts make it worse.
func (a *app) watch(now time.Time, next *alarm) []Action {
	if a.Watchdog == nil {
		return nil
	}
	well := slices.ContainsFunc(a.members, (*instance).well)
	if well {
		a.alone = false
	}
	var actions []Action
	for _, i := range a.members {
		if i.state != Up || !i.failing {
			continue
		}
		since := later(i.failingSince, i.since)
		if !next.due(now, since.Add(a.Watchdog.After)) || !i.free(now, next) {
			continue
		}
		if !well {
			if !a.alone {
				a.alone = true
				actions = append(actions, Action{Warn: fmt.Sprintf("the watchdog restarts nothing of app %q: no instance of it passes its health check", a.Name)})
			}
			continue
		}
		if act, ok := i.bite(now, now.Sub(since), next); ok {
			actions = append(actions, act)
		}
	}
	return actions
}

// bite restarts an instance, or says once that it was restarted too often.
func (i *instance) bite(now time.Time, failed time.Duration, next *alarm) (Action, bool) {
	i.restarts = slices.DeleteFunc(i.restarts, func(t time.Time) bool { return !t.Add(watchdogWindow).After(now) })
	if len(i.restarts) >= i.app.Watchdog.Limit {
		if len(i.restarts) > 0 {
			next.due(now, i.restarts[0].Add(watchdogWindow))
		}
		first := !i.limited
		i.limited = true
		return Action{Warn: fmt.Sprintf("the watchdog leaves %s as it is: it was restarted %d times within the hour", i.id, len(i.restarts))}, first
	}
	i.limited = false
	i.restarts = append(i.restarts, now)
	return i.ask(Restart, fmt.Sprintf("the watchdog: its health check failed for %v", failed.Round(time.Millisecond))), true
}

// wake starts what requests wait for.
func (a *app) wake(now time.Time, next *alarm) []Action {
	if !a.OnDemand {
		return nil
	}
	var actions []Action
	for _, i := range a.members {
		if i.wanted.IsZero() {
			continue
		}
		// One that systemd is about to start again is started by systemd.
		if i.state == Up || i.state == Starting || i.unit.crashing() || !i.wanted.Add(wantedFor).After(now) {
			i.wanted = time.Time{}
			continue
		}
		if i.free(now, next) {
			actions = append(actions, i.ask(Start, "a request waits for it"))
		}
	}
	return actions
}

// rest stops an app whose every instance has been idle for long enough. idle
// is nil where the proxy has said nothing new.
func (a *app) rest(now time.Time, idle map[string]time.Time, next *alarm) []Action {
	if !a.OnDemand || a.IdleStop <= 0 || idle == nil {
		return nil
	}
	var since time.Time
	for _, i := range a.members {
		if i.state == Starting || i.job != "" || i.wanted.After(now.Add(-wantedFor)) {
			return nil
		}
		if i.state != Up {
			continue
		}
		at, is := idle[i.id]
		if !is {
			return nil
		}
		since = later(since, later(at, i.since))
	}
	if since.IsZero() || now.Sub(since) < a.IdleStop {
		return nil // the next look will see
	}
	var actions []Action
	for _, i := range a.members {
		if i.state == Up && i.free(now, next) {
			actions = append(actions, i.ask(Stop, fmt.Sprintf("nobody has used app %q for %v", a.Name, a.IdleStop)))
		}
	}
	return actions
}

// forgive clears the restart counters of what has been well for a while.
func (a *app) forgive(now time.Time, next *alarm) []Action {
	var actions []Action
	for _, i := range a.members {
		if !i.well() || i.unit.Restarts == 0 {
			continue
		}
		since := later(i.since, i.failingSince)
		if next.due(now, since.Add(healthyWhile)) && i.free(now, next) {
			actions = append(actions, i.ask(Reset, fmt.Sprintf("it has been well for %v", healthyWhile)))
		}
	}
	return actions
}

// look asks the proxy who is idle, while anything could be stopped for it.
func (k *Keeper) look(now time.Time, next *alarm) []Action {
	var at time.Time
	for _, a := range k.apps {
		if !a.OnDemand || a.IdleStop <= 0 {
			continue
		}
		interval := min(max(a.IdleStop/4, leastLook), mostLook)
		for _, i := range a.members {
			if i.state != Up {
				continue
			}
			if t := later(k.looked, i.since).Add(interval); at.IsZero() || t.Before(at) {
				at = t
			}
		}
	}
	if at.IsZero() || !k.reached || k.looking || !next.due(now, at) {
		return nil
	}
	k.looking = true
	return []Action{{Look: true}}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
