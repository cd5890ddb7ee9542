package keeper

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"
)

// world is a systemd and a proxy that do what they like, and do what they are
// asked some time later.
type world struct {
	t    *testing.T
	rand *rand.Rand
	k    *Keeper
	now  time.Time
	apps []App
	// real is every unit as it is; the keeper may not have heard of it yet.
	real map[string]Unit
	// told is what the proxy has been told, jobs what systemd works at.
	told map[string]State
	jobs map[string]Job
	// bus, proxy and calling are what is there and what is on its way.
	bus, proxy, calling bool
	failing             map[string]bool
	wanted              map[string]time.Time
	bites               map[string][]time.Time
	pid                 int
	log                 []string
}

func newWorld(t *testing.T, seed int64) *world {
	w := &world{
		t: t, rand: rand.New(rand.NewSource(seed)), k: New(), now: noon,
		real: map[string]Unit{}, told: map[string]State{}, jobs: map[string]Job{},
		failing: map[string]bool{}, wanted: map[string]time.Time{}, bites: map[string][]time.Time{},
		apps: []App{
			{Name: "plain", Instances: []string{"plain@1", "plain@2"}},
			{Name: "guarded", Instances: []string{"guarded@1", "guarded@2", "guarded@3"}, Watchdog: &Watchdog{After: 5 * time.Second, Limit: 3}},
			{Name: "dormant", Instances: []string{"dormant@1", "dormant@2"}, OnDemand: true, IdleStop: 20 * time.Second},
			{Name: "woken", Instances: []string{"woken@1"}, OnDemand: true, Woken: true, IdleStop: time.Minute, Watchdog: &Watchdog{After: time.Second, Limit: 1}},
		},
	}
	w.k.Generation(w.now, w.apps)
	return w
}

// ids are all instances, in order.
func (w *world) ids() []string {
	var list []string
	for _, a := range w.apps {
		list = append(list, a.Instances...)
	}
	return list
}

func (w *world) app(id string) *App {
	for i := range w.apps {
		if slices.Contains(w.apps[i].Instances, id) {
			return &w.apps[i]
		}
	}
	return nil
}

func (w *world) unit(id string) Unit {
	if u, ok := w.real[id]; ok {
		return u
	}
	return inactive
}

// set changes a unit; the bus, where it is there, says so.
func (w *world) set(id string, u Unit) {
	w.real[id] = u
	w.log = append(w.log, fmt.Sprintf("%v %s is %s/%s", w.now.Sub(noon), id, u.Active, u.Sub))
	if w.bus {
		w.k.Unit(w.now, id, u)
	}
}

var words = []Unit{
	{Active: "active", Sub: "running", Result: "success"},
	{Active: "activating", Sub: "start-post", Result: "success"},
	{Active: "activating", Sub: "auto-restart", Result: "signal", MainCode: 2, MainStatus: 9},
	{Active: "deactivating", Sub: "stop", Result: "success"},
	{Active: "inactive", Sub: "dead", Result: "success"},
	{Active: "failed", Sub: "failed", Result: "exit-code", MainCode: 1, MainStatus: 1},
}

// happen is one thing that nobody asked for.
func (w *world) happen() {
	ids := w.ids()
	id := ids[w.rand.Intn(len(ids))]
	switch w.rand.Intn(10) {
	case 0, 1, 2:
		u := words[w.rand.Intn(len(words))]
		if u.Active == "active" {
			w.pid++
			u.MainPID, u.Restarts = w.pid, w.rand.Intn(3)
		}
		w.set(id, u)
	case 3:
		w.failing[id] = !w.failing[id]
		if w.proxy {
			w.k.Health(w.now, id, w.failing[id])
		}
	case 4:
		if w.proxy {
			w.wanted[id] = w.now
			w.k.Wanted(w.now, []string{id})
		}
	case 5:
		w.bus = false
		w.k.BusLost()
	case 6:
		w.busBack()
	case 7:
		w.proxyGone()
	case 8:
		w.proxyBack()
	case 9:
		w.k.Generation(w.now, w.apps)
	}
}

func (w *world) busBack() {
	if w.bus {
		return
	}
	w.bus = true
	for id, u := range w.real {
		w.k.Unit(w.now, id, u)
	}
	w.k.Whole(w.now)
}

func (w *world) proxyGone() {
	w.proxy = false
	w.k.ProxyLost(w.now)
}

func (w *world) proxyBack() {
	if w.proxy || w.calling {
		return
	}
	w.proxy = true
	w.told = map[string]State{}
	w.k.ProxyReached()
	for id, failing := range w.failing {
		w.k.Health(w.now, id, failing)
	}
}

// finish ends what is on its way, now and then.
func (w *world) finish(always bool) {
	if w.calling && (always || w.rand.Intn(2) == 0) {
		w.calling = false
		w.k.Reported(w.now, w.proxy)
	}
	for _, id := range w.ids() {
		j, ok := w.jobs[id]
		if !ok || !always && w.rand.Intn(3) > 0 {
			continue
		}
		delete(w.jobs, id)
		done := always || w.rand.Intn(4) > 0
		if done && j.Verb == Reset { // nothing is said of it
			u := w.unit(id)
			u.Restarts = 0
			w.real[id] = u
		}
		if done && j.Verb != Reset {
			u := words[0]
			if j.Verb == Stop {
				u = words[4]
			} else {
				w.pid++
				u.MainPID = w.pid
				w.failing[id] = false
			}
			w.set(id, u)
			if w.proxy {
				w.k.Health(w.now, id, w.failing[id])
			}
		}
		w.k.Ended(w.now, j, done)
	}
}

// decide lets the keeper act, and holds what it does against what it promises.
func (w *world) decide() {
	w.t.Helper()
	actions, next := w.k.Decide(w.now)
	if !next.IsZero() && !next.After(w.now) {
		w.t.Fatalf("it wants to be asked again at once: %v", w.log)
	}
	for _, a := range actions {
		if a.Reports != nil {
			w.report(a.Reports)
		}
		if a.Job != nil {
			w.queue(*a.Job)
		}
		if a.Look {
			if !w.proxy {
				w.t.Fatal("it looks at a proxy that is gone")
			}
			idle := map[string]time.Time{}
			for _, id := range w.ids() {
				if w.rand.Intn(4) > 0 {
					idle[id] = w.now.Add(-time.Duration(w.rand.Intn(60)) * time.Second)
				}
			}
			w.k.Looked(w.now, idle)
		}
	}
}

func (w *world) report(list []Report) {
	w.t.Helper()
	if !w.bus || !w.proxy || w.calling {
		w.t.Fatalf("it reports with bus %v, proxy %v, a call out %v", w.bus, w.proxy, w.calling)
	}
	w.calling = true
	for _, r := range list {
		w.told[r.ID] = r.State
	}
}

func (w *world) queue(j Job) {
	w.t.Helper()
	w.log = append(w.log, fmt.Sprintf("%v %s %s: %s", w.now.Sub(noon), j.Verb, j.ID, j.Why))
	a, u := w.app(j.ID), w.unit(j.ID)
	if old, busy := w.jobs[j.ID]; busy {
		w.t.Fatalf("%s %s while %s is out", j.Verb, j.ID, old.Verb)
	}
	if !w.bus {
		w.t.Fatalf("%s %s without a bus", j.Verb, j.ID)
	}
	w.jobs[j.ID] = j
	switch j.Verb {
	case Start:
		if !a.OnDemand || u.Active == "active" || w.now.Sub(w.wanted[j.ID]) >= wantedFor {
			w.t.Fatalf("it starts %s, which is %s and was wanted %v ago", j.ID, u.Active, w.now.Sub(w.wanted[j.ID]))
		}
	case Stop:
		if !a.OnDemand || a.IdleStop == 0 || u.Active != "active" {
			w.t.Fatalf("it stops %s, which is %s", j.ID, u.Active)
		}
	case Restart:
		w.bitten(a, j.ID)
	case Reset:
		if u.Active != "active" || u.Restarts == 0 {
			w.t.Fatalf("it resets %s, which is %s with %d restarts", j.ID, u.Active, u.Restarts)
		}
	}
}

// bitten is a restart by the watchdog.
func (w *world) bitten(a *App, id string) {
	w.t.Helper()
	well := slices.ContainsFunc(a.Instances, func(other string) bool {
		return w.unit(other).Active == "active" && !w.failing[other]
	})
	if a.Watchdog == nil || !w.failing[id] || !well {
		w.t.Fatalf("the watchdog restarts %s (failing %v, another is well %v)", id, w.failing[id], well)
	}
	bites := append(w.bites[id], w.now)
	bites = slices.DeleteFunc(bites, func(at time.Time) bool { return w.now.Sub(at) >= watchdogWindow })
	if w.bites[id] = bites; len(bites) > a.Watchdog.Limit {
		w.t.Fatalf("the watchdog restarts %s %d times in an hour", id, len(bites))
	}
}

// settle lets everything come to an end with bus and proxy there: the proxy
// then knows every unit as it is.
func (w *world) settle() {
	w.t.Helper()
	w.finish(true)
	w.busBack()
	w.proxyBack()
	for range 10 {
		w.now = w.now.Add(time.Millisecond)
		w.decide()
		w.finish(true)
	}
	for _, id := range w.ids() {
		if state, _ := w.unit(id).state(w.app(id).Woken); w.told[id] != state {
			w.t.Fatalf("the proxy was told that %s is %q, and it is %s", id, w.told[id], state)
		}
	}
}

func TestWhateverHappensThePromisesHold(t *testing.T) {
	for seed := range int64(300) {
		w := newWorld(t, seed)
		for step := range 300 {
			w.now = w.now.Add(time.Duration(w.rand.Intn(3000)) * time.Millisecond)
			w.happen()
			w.decide()
			w.finish(false)
			w.decide()
			if step%50 == 49 {
				w.settle()
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
