package balance

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// at is a moment of a test, in seconds.
func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// forever is no lease.
var forever time.Time

// fails has a use of the instance end badly.
func fails(g *Group, now time.Time, id string) {
	in := g.Find(id)
	g.Resume(in)
	g.End(now, in, Failed, "why")
}

// TestMarks has things said of the first of two instances, one each second.
func TestMarks(t *testing.T) {
	type said func(*Group, time.Time)
	drain := func(by string) said {
		return func(g *Group, now time.Time) { g.Drain(now, "a", by, forever) }
	}
	lease := func(by string, until int) said {
		return func(g *Group, now time.Time) { g.Drain(now, "a", by, at(until)) }
	}
	undrain := func(by string) said {
		return func(g *Group, now time.Time) { g.Undrain(now, "a", by) }
	}
	report := func(s UnitState) said {
		return func(g *Group, now time.Time) { g.Report(now, "a", s, "why") }
	}
	probed := func(ok bool) said {
		return func(g *Group, now time.Time) { g.Probed(now, "a", ok, "why") }
	}
	tick := func(g *Group, now time.Time) { g.Tick(now) }
	failed := func(g *Group, now time.Time) { fails(g, now, "a") }
	tests := []struct {
		name string
		said []said
		want string // the states, after each
		by   string // who drains it at the end
	}{
		{"a drain lasts until it is taken back", []said{drain("x"), tick, undrain("x")}, "draining draining up", ""},
		{"two drains need two", []said{drain("x"), drain("y"), undrain("x"), undrain("y")}, "draining draining draining up", ""},
		{"nobody takes back another's drain", []said{drain("x"), undrain("y")}, "draining draining", "x"},
		{"everybody's are taken back at once", []said{drain("x"), drain("y"), undrain("")}, "draining draining up", ""},
		{"asking twice is one drain", []said{drain("x"), drain("x"), undrain("x")}, "draining draining up", ""},
		{"who drains it is known", []said{drain("x"), drain("y")}, "draining draining", "x, y"},
		{"a lease ends by itself", []said{lease("x", 2), tick, tick}, "draining draining up", ""},
		{"a lease that is asked for again lasts longer", []said{lease("x", 2), lease("x", 4), tick, tick, tick}, "draining draining draining draining up", ""},
		{"a lease ends alone", []said{lease("x", 2), drain("y"), tick}, "draining draining draining", "y"},
		{"the unit says it all", []said{report(UnitStopped), report(UnitStarting), report(UnitDown), report(UnitUp)}, "stopped starting down up", ""},
		{"a report can be taken back", []said{report(UnitStopped), report(UnitUnknown)}, "stopped up", ""},
		{"a word that is none is unknown", []said{report(UnitStopped), report("dead")}, "stopped up", ""},
		{"up ends no drain", []said{drain("x"), report(UnitUp)}, "draining draining", "x"},
		{"an undrain starts no unit", []said{drain("x"), report(UnitStopped), undrain("x")}, "draining draining stopped", ""},
		{"up forgets what requests have failed by", []said{failed, report(UnitUp)}, "down up", ""},
		{"so does an undrain", []said{failed, drain("x"), undrain("x")}, "down draining up", ""},
		{"a lease that ends knows of nothing better", []said{failed, lease("x", 2), tick, tick}, "down draining down down", ""},
		{"checks put it out and back", []said{probed(false), probed(true)}, "down up", ""},
		{"another process has not failed the checks of the one before", []said{probed(false), report(UnitStopped), report(UnitUp)}, "down stopped up", ""},
		{"that it is still up says nothing against its checks", []said{report(UnitUp), probed(false), report(UnitUp)}, "up down down", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewGroup(settings, members(2), nil)
			var states []string
			for i, say := range tt.said {
				say(g, at(i))
				states = append(states, string(g.view(at(i), g.members[0]).State))
			}
			if got := strings.Join(states, " "); got != tt.want {
				t.Errorf("it was %s, want %s", got, tt.want)
			}
			if got := g.view(start, g.members[0]).DrainedBy; got != tt.by {
				t.Errorf("drained by %q, want %q", got, tt.by)
			}
		})
	}
}

// TestWhoIsTried has something against some of a group of three: sick fail
// their checks, failed those of requests, stopped and drained are that.
func TestWhoIsTried(t *testing.T) {
	tests := []struct {
		name                           string
		sick, failed, stopped, drained string
		want                           string
	}{
		{"who fails its checks is passed over", "a", "", "", "", "b c b c"},
		{"who is stopped too", "", "", "b", "", "a c a c"},
		{"when all that are left are sick, they are tried", "a c", "b", "", "", "a b c a"},
		{"but never who is drained or stopped", "a", "", "b", "c", "a a"},
		{"where all are, there is nobody", "", "", "a b", "c", "- -"},
	}
	for _, tt := range tests {
		g := NewGroup(settings, members(3), nil)
		for _, id := range strings.Fields(tt.sick) {
			g.Probed(start, id, false, "why")
		}
		for _, id := range strings.Fields(tt.failed) {
			fails(g, start, id)
		}
		for _, id := range strings.Fields(tt.stopped) {
			g.Report(start, id, UnitStopped, "")
		}
		for _, id := range strings.Fields(tt.drained) {
			g.Drain(start, id, "x", forever)
		}
		if got := picks(g, start, len(strings.Fields(tt.want))); got != tt.want {
			t.Errorf("%s: picked %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestALoneInstanceIsTriedUnlessItsUnitIsOut(t *testing.T) {
	for _, maxFails := range []int{0, 1} {
		g := NewGroup(Settings{Passive: Passive{MaxFails: maxFails, FailTimeout: 10 * time.Second}}, members(1), nil)
		g.Probed(start, "a", false, "")
		wantPicks(t, g, start, "a")
		g.Report(start, "a", UnitStopped, "")
		wantPicks(t, g, start, "-")
	}
}

func TestWhoSleepsIsWokenWhenNobodyIsAwake(t *testing.T) {
	list := members(3)
	list[0].Woken, list[1].Woken = true, true
	g := NewGroup(settings, list, nil)
	for _, id := range []string{"a", "b", "c"} {
		g.Report(start, id, UnitStopped, "")
	}
	wantPicks(t, g, start, "a b a")
	g.Drain(start, "a", "x", forever)
	wantPicks(t, g, start, "b b")
	g.Report(start, "c", UnitUp, "")
	wantPicks(t, g, start, "c c")
	if got, want := verdicts(g, start), "a=draining b=stopped c=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	list[1].Woken = false
	next := NewGroup(settings, list, g)
	next.TakeOver(start)
	next.Report(start, "c", UnitStopped, "")
	wantPicks(t, next, start, "-")
}

func TestSince(t *testing.T) {
	g := NewGroup(settings, members(2), nil)
	in := g.members[0]
	for i, step := range []struct {
		about string
		do    func(now time.Time)
		want  int // seconds; -1 for never
	}{
		{"it was always up", func(time.Time) {}, -1},
		{"the first drain counts", func(now time.Time) { g.Drain(now, "a", "x", forever) }, 1},
		{"a second does not", func(now time.Time) { g.Drain(now, "a", "y", forever) }, 1},
		{"nor that one of them is gone", func(now time.Time) { g.Undrain(now, "a", "x") }, 1},
		{"back", func(now time.Time) { g.Undrain(now, "a", "") }, 4},
		{"stopped", func(now time.Time) { g.Report(now, "a", UnitStopped, "") }, 5},
		{"stopped, said again", func(now time.Time) { g.Report(now, "a", UnitStopped, "") }, 5},
		{"up", func(now time.Time) { g.Report(now, "a", UnitUp, "") }, 7},
		{"up, said again", func(now time.Time) { g.Report(now, "a", UnitUp, "") }, 7},
		{"failed", func(now time.Time) { fails(g, now, "a") }, 9},
		{"failed again", func(now time.Time) { fails(g, now, "a") }, 9},
	} {
		step.do(at(i))
		want := time.Time{}
		if step.want >= 0 {
			want = at(step.want)
		}
		if got := g.view(at(i), in).Since; !got.Equal(want) {
			t.Errorf("%s: since %v, want %v", step.about, got, want)
		}
	}
	// When fail_timeout has passed it may be tried again.
	if got, want := g.view(at(21), in), at(20); got.State != Up || !got.Since.Equal(want) {
		t.Errorf("got %+v, want it up since %v", got, want)
	}
}

func TestMarksOutliveTheProcess(t *testing.T) {
	old := NewGroup(settings, members(3), nil)
	old.Drain(at(1), "a", "operator", forever)
	old.Drain(at(2), "a", "webstack restart", at(60))
	old.Report(at(3), "a", UnitStopped, "exit 1")
	old.Report(at(3), "b", UnitUp, "")
	old.Probed(at(4), "b", false, "why")

	g := NewGroup(settings, members(3), nil)
	for _, id := range []string{"a", "b", "c"} {
		m, ok := old.Marks(id)
		if !ok || !g.Restore(at(100), id, m) {
			t.Fatalf("%s is not known", id)
		}
	}
	if got, want := verdicts(g, at(100)), "a=draining b=up c=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := Marks{
		Drains: []Drain{{By: "operator", Since: at(1)}},
		Unit:   UnitStopped, UnitSince: at(3), Reason: "exit 1",
	}
	if got, _ := g.Marks("a"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	g.Undrain(at(101), "a", "operator")
	if got, want := verdicts(g, at(101)), "a=stopped b=up c=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := g.Marks("z"); ok || g.Restore(at(1), "z", Marks{}) || g.Report(at(1), "z", UnitUp, "") {
		t.Error("it knows what is not there")
	}
}

func TestMarksOutliveAChangeOfAddress(t *testing.T) {
	old := NewGroup(settings, members(2), nil)
	old.Drain(start, "a", "x", forever)
	old.Report(start, "b", UnitDown, "killed by signal 9")
	old.Probed(start, "b", false, "why")
	moved := members(2)
	moved[0].Address, moved[1].Address = "elsewhere:80", "elsewhere:81"
	g := NewGroup(settings, moved, old)
	if got, want := verdicts(g, start), "a=draining b=down"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	g.Undrain(start, "a", "x")
	if got, want := verdicts(old, start), "a=draining b=down"; got != want {
		t.Errorf("the one before: got %s, want %s", got, want)
	}
	g.Report(start, "b", UnitUp, "")
	g.TakeOver(start)
	wantPicks(t, g, start, "a b")
}

func TestErrorsAreCounted(t *testing.T) {
	g := NewGroup(settings, members(1), nil)
	for _, status := range []int{200, 499, 500, 503} {
		in, _ := g.Take(start, nil)
		g.Heard(in, status)
		g.End(start, in, Answered, "")
	}
	if in := g.members[0]; in.Errors() != 2 || in.Failures() != 0 {
		t.Errorf("%d errors and %d failures, want 2 and 0", in.Errors(), in.Failures())
	}
}
