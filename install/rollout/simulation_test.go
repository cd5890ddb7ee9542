package rollout

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// world is some instances as they are, whatever a roll thinks of them.
type world struct {
	// version is what each runs, 0 for nothing that answers.
	version []int
	// lease is until when each is drained, in steps; 0 is not.
	lease []int
	now   int
}

// leaseSteps is how long a drain lasts by itself.
const leaseSteps = 40

func newWorld(n int) *world {
	w := &world{version: make([]int, n), lease: make([]int, n)}
	for i := range w.version {
		w.version[i] = oldVersion
	}
	return w
}

const (
	broken     = 0
	oldVersion = 1
	newVersion = 2
)

// inRotation is how many are given requests.
func (w *world) inRotation() int {
	n := 0
	for i, v := range w.version {
		if v != 0 && w.lease[i] <= w.now {
			n++
		}
	}
	return n
}

// do has an action's effect, before its end is told.
func (w *world) do(a Action, version int) {
	switch a.Verb {
	case Drain:
		w.lease[a.Instance] = w.now + leaseSteps
	case Change:
		w.version[a.Instance] = version
	case Return:
		w.lease[a.Instance] = 0
	}
}

// run is one roll in the world, with what goes wrong in it.
type run struct {
	w     *world
	m     *Machine
	set   Settings
	names []int // the world's number of each of the machine's instances
	to    int   // the version that they are to run
	rng   *rand.Rand
	open  []Action
	// failAt, killAt and interruptAt count actions that end; 0 is never.
	failAt, killAt, interruptAt int
}

// roll carries a roll out and returns whether it was killed. check is called
// after every step.
func (r *run) roll(check func()) (killed bool) {
	r.m = New(len(r.names), r.set)
	r.step(Event{Kind: Begun})
	for n := 1; len(r.open) > 0; n++ {
		r.w.now++
		i := r.rng.IntN(len(r.open))
		a := r.open[i]
		r.open = slices.Delete(r.open, i, i+1)
		if n == r.killAt {
			if a.Verb == Change && r.rng.IntN(2) == 0 {
				r.w.do(r.real(a), oldVersion) // before it had an effect
			}
			return true
		}
		how := Succeeded
		if n == r.failAt {
			how = Failed
			if a.Verb == Change {
				r.w.do(r.real(a), broken)
			}
		}
		if n == r.interruptAt {
			r.step(Event{Kind: Interrupted})
		}
		r.step(Event{Kind: how, Action: a})
		check()
	}
	return false
}

func (r *run) real(a Action) Action {
	if a.Verb != Watch {
		a.Instance = r.names[a.Instance]
	}
	return a
}

// step has the effect of what the machine asks for at once: the worst case of
// how long it takes until that is told.
func (r *run) step(e Event) {
	for _, a := range r.m.Step(e) {
		r.w.do(r.real(a), r.to)
		r.open = append(r.open, a)
	}
}

// all are the instances that do not run a version yet.
func (w *world) others(version int) []int {
	var list []int
	for i, v := range w.version {
		if v != version {
			list = append(list, i)
		}
	}
	return list
}

func TestSimulatedRolls(t *testing.T) {
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := 1 + rng.IntN(8)
		set := Settings{MaxUnavailable: 1 + rng.IntN(3), Canaries: rng.IntN(3)}
		r := &run{w: newWorld(n), set: set, rng: rng, to: newVersion}
		r.names = r.w.others(newVersion)
		switch rng.IntN(4) {
		case 0:
			r.failAt = 1 + rng.IntN(4*n)
		case 1:
			r.killAt = 1 + rng.IntN(4*n)
		case 2:
			r.interruptAt = 1 + rng.IntN(4*n)
		}
		label := fmt.Sprintf("seed %d: %d instances, %+v, fail %d, kill %d, interrupt %d", seed, n, set, r.failAt, r.killAt, r.interruptAt)
		least := func() {
			if got := r.w.inRotation(); got < n-set.MaxUnavailable {
				t.Fatalf("%s: %d in rotation at step %d", label, got, r.w.now)
			}
		}
		killed := r.roll(least)
		if t.Failed() {
			return
		}
		if killed {
			afterKill(t, label, r)
			continue
		}
		checkEnd(t, label, r)
	}
}

// afterKill: drains end by themselves, and another roll completes.
func afterKill(t *testing.T, label string, r *run) {
	t.Helper()
	n := len(r.w.version)
	again := &run{w: r.w, set: r.set, rng: r.rng, to: newVersion}
	again.names = r.w.others(newVersion)
	r.w.now += leaseSteps
	if got := r.w.inRotation(); got < n-r.set.MaxUnavailable {
		t.Fatalf("%s: after the leases %d are in rotation", label, got)
	}
	again.roll(func() {})
	if again.m.Outcome() != Completed || len(r.w.others(newVersion)) > 0 || r.w.inRotation() != n {
		t.Fatalf("%s: killed, then again: outcome %d, runs %v, %d in rotation", label, again.m.Outcome(), r.w.version, r.w.inRotation())
	}
}

// checkEnd checks what each outcome promises.
func checkEnd(t *testing.T, label string, r *run) {
	t.Helper()
	for i, until := range r.w.lease {
		if until > 0 {
			t.Fatalf("%s: instance %d is left drained", label, i)
		}
	}
	switch got := r.m.Outcome(); {
	case got == Completed && len(r.w.others(newVersion)) > 0:
		t.Fatalf("%s: completed, and runs %v", label, r.w.version)
	case got == Halted:
		wayBack(t, label, r)
	case got == Unfinished && r.interruptAt == 0:
		t.Fatalf("%s: unfinished, and nobody interrupted it", label)
	}
}

// wayBack rolls those that were changed back, as a deploy that failed does.
func wayBack(t *testing.T, label string, r *run) {
	t.Helper()
	n := len(r.w.version)
	back := &run{w: r.w, set: Settings{MaxUnavailable: r.set.MaxUnavailable}, rng: r.rng, to: oldVersion}
	for _, i := range r.m.BackOrder() {
		back.names = append(back.names, r.names[i])
	}
	back.roll(func() {
		if got := r.w.inRotation(); got < n-r.set.MaxUnavailable {
			t.Fatalf("%s: on the way back %d in rotation", label, got)
		}
	})
	if len(r.w.others(oldVersion)) > 0 || r.w.inRotation() != n {
		t.Fatalf("%s: halted and rolled back, and runs %v, %d in rotation", label, r.w.version, r.w.inRotation())
	}
}
