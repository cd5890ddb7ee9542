package balance

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	start    = time.Unix(1_700_000_000, 0)
	settings = Settings{Passive: Passive{MaxFails: 1, FailTimeout: 10 * time.Second}}
)

// members makes n equal ones: a, b, c and on.
func members(n int) []Member {
	var list []Member
	for i := range n {
		id := string(rune('a' + i))
		list = append(list, Member{ID: id, Network: "tcp", Address: id + ":80", Weight: 1})
	}
	return list
}

// picks are the IDs of n uses, one after the other and each answered; "-" is
// nobody.
func picks(g *Group, now time.Time, n int) string {
	var ids []string
	for range n {
		in, room := g.Take(now, nil)
		if room != Taken {
			ids = append(ids, "-")
			continue
		}
		g.End(now, in, Answered, "")
		ids = append(ids, in.ID)
	}
	return strings.Join(ids, " ")
}

func wantPicks(t *testing.T, g *Group, now time.Time, want string) {
	t.Helper()
	if got := picks(g, now, len(strings.Fields(want))); got != want {
		t.Errorf("picked %s, want %s", got, want)
	}
}

func member(t *testing.T, g *Group, id string) *Instance {
	t.Helper()
	for _, in := range g.members {
		if in.ID == id {
			return in
		}
	}
	t.Fatalf("no instance %q", id)
	return nil
}

func fail(t *testing.T, g *Group, now time.Time, id string) {
	t.Helper()
	in := member(t, g, id)
	in.begin(0)
	g.End(now, in, Failed, "connection refused")
}

func verdicts(g *Group, now time.Time) string {
	var list []string
	g.Each(now, func(in *Instance, v View) { list = append(list, in.ID+"="+string(v.State)) })
	return strings.Join(list, " ")
}

func TestRotation(t *testing.T) {
	weighted := members(3)
	weighted[0].Weight = 5
	backed := members(3)
	backed[2].Backup = true
	tests := []struct {
		name    string
		members []Member
		want    string
	}{
		{"equal instances take turns in order", members(3), "a b c a b c a"},
		{"weights are spread smoothly, as nginx does", weighted, "a a b a c a a a a b"},
		{"a backup is not in turn", backed, "a b a b"},
		{"a lone instance", members(1), "a a"},
		{"nobody", nil, "- -"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantPicks(t, NewGroup(settings, tt.members, nil), start, tt.want)
		})
	}
}

func TestEightGetOneHundredEach(t *testing.T) {
	for _, workers := range []int{1, 16} {
		t.Run(fmt.Sprint(workers, " at once"), func(t *testing.T) {
			g := NewGroup(settings, members(8), nil)
			var wg sync.WaitGroup
			for range workers {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for range 800 / workers {
						in, _ := g.Take(start, nil)
						g.End(start, in, Answered, "")
					}
				}()
			}
			wg.Wait()
			for _, in := range g.members {
				if in.Requests() != 100 || in.InFlight() != 0 {
					t.Errorf("%s got %d requests and has %d in flight, want 100 and 0", in.ID, in.Requests(), in.InFlight())
				}
			}
		})
	}
}

func TestLongWeightsKeepTheirProportion(t *testing.T) {
	list := members(2)
	list[0].Weight, list[1].Weight = 1_000_000, 333_333
	g := NewGroup(settings, list, nil)
	if n := len(g.tiers[0].slots); n > maxSlots {
		t.Fatalf("%d slots, want at most %d", n, maxSlots)
	}
	picks(g, start, 4000)
	if got := member(t, g, "a").Requests(); got < 2990 || got > 3010 {
		t.Errorf("a got %d of 4000, want 3000 or nearly", got)
	}
}

func TestPassiveFailures(t *testing.T) {
	g := NewGroup(settings, members(3), nil)
	fail(t, g, start, "b")
	wantPicks(t, g, start, "a c a c")
	if got, want := verdicts(g, start), "a=up b=down c=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	wantPicks(t, g, start.Add(10*time.Second), "a c a c")

	// After fail_timeout one request is let through, and only one.
	later := start.Add(10*time.Second + 1)
	var checking *Instance
	for range 6 {
		in, _ := g.Take(later, nil)
		if in.ID != "b" {
			g.End(later, in, Abandoned, "")
			continue
		}
		if checking != nil {
			t.Fatal("b was checked twice at once")
		}
		checking = in
	}
	if checking == nil {
		t.Fatal("b was not checked again")
	}
	g.Heard(checking, 200)
	g.End(later, checking, Answered, "")
	if got, want := verdicts(g, later), "a=up b=up c=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFailuresAreForgivenOnlyAfterQuiet(t *testing.T) {
	g := NewGroup(Settings{Passive: Passive{MaxFails: 2, FailTimeout: 10 * time.Second}}, members(2), nil)
	fail(t, g, start, "a")
	wantPicks(t, g, start.Add(time.Second), "a b a b") // a's successes do not forgive
	fail(t, g, start.Add(2*time.Second), "a")
	if got, want := verdicts(g, start.Add(2*time.Second)), "a=down b=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAFailedCheckStaysOut(t *testing.T) {
	g := NewGroup(settings, members(2), nil)
	fail(t, g, start, "a")
	later := start.Add(11 * time.Second)
	wantPicks(t, g, start, "b")
	fail(t, g, later, "a")
	wantPicks(t, g, later.Add(9*time.Second), "b b b")
}

func TestNeverOut(t *testing.T) {
	lone := NewGroup(settings, members(1), nil)
	fail(t, lone, start, "a")
	if got, want := verdicts(lone, start), "a=up"; got != want {
		t.Errorf("a lone instance: got %s, want %s", got, want)
	}
	off := NewGroup(Settings{}, members(2), nil)
	fail(t, off, start, "a")
	if got, want := verdicts(off, start), "a=up b=up"; got != want {
		t.Errorf("max_fails 0: got %s, want %s", got, want)
	}
}

func TestPanicMode(t *testing.T) {
	g := NewGroup(settings, members(3), nil)
	for _, id := range []string{"a", "b", "c"} {
		fail(t, g, start, id)
	}
	g.Drain(start, "b", "test", time.Time{})
	wantPicks(t, g, start, "a c a c")
}

func TestAnAnswerInPanicModeEndsItForTheInstance(t *testing.T) {
	g := NewGroup(settings, members(2), nil)
	fail(t, g, start, "a")
	fail(t, g, start, "b")
	later := start.Add(time.Second)
	in, _ := g.Take(later, nil)
	g.End(later, in, Answered, "")
	if got, want := verdicts(g, later), in.ID+"=up"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s: it has just answered", got, want)
	}
}

func TestBackups(t *testing.T) {
	list := members(3)
	list[2].Backup = true
	g := NewGroup(settings, list, nil)
	fail(t, g, start, "a")
	wantPicks(t, g, start, "b b")
	fail(t, g, start, "b")
	wantPicks(t, g, start, "c c")
	fail(t, g, start, "c")
	wantPicks(t, g, start, "a b") // panic: the primaries first
}

func TestDrain(t *testing.T) {
	g := NewGroup(settings, members(2), nil)
	if g.Drain(start, "z", "test", time.Time{}) {
		t.Error("drained an instance that is not there")
	}
	fail(t, g, start, "a")
	g.Drain(start, "a", "test", time.Time{})
	wantPicks(t, g, start.Add(time.Hour), "b b")
	if got, want := verdicts(g, start), "a=draining b=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	g.Undrain(start, "a", "test")
	if got, want := verdicts(g, start), "a=up b=up"; got != want {
		t.Errorf("taken back: got %s, want %s", got, want)
	}
}

func TestReconcile(t *testing.T) {
	old := NewGroup(settings, members(3), nil)
	fail(t, old, start, "b")
	c := member(t, old, "c")
	c.begin(0)
	old.Drain(start, "a", "test", time.Time{})

	without := NewGroup(settings, members(2), old)
	without.TakeOver(start)
	if got, want := verdicts(without, start), "a=draining b=down c=removed"; got != want {
		t.Errorf("c removed: got %s, want %s", got, want)
	}
	again := NewGroup(settings, members(3), without)
	if member(t, again, "c") != c {
		t.Error("c came back as another instance")
	}
	old.End(start, c, Answered, "") // the exchange ends on the group it began with
	if c.InFlight() != 0 {
		t.Errorf("%d in flight, want 0", c.InFlight())
	}

	moved := members(3)
	moved[0].Address, moved[1].Address = "elsewhere:80", "elsewhere:81"
	final := NewGroup(settings, moved, again)
	if got, want := verdicts(final, start), "a=draining b=up c=up"; got != want {
		t.Errorf("addresses changed: got %s, want %s", got, want)
	}
}

func TestReloadKeepsTheTurn(t *testing.T) {
	g := NewGroup(settings, members(3), nil)
	wantPicks(t, g, start, "a")
	next := NewGroup(settings, members(3), g)
	next.TakeOver(start)
	wantPicks(t, next, start, "b c a")
}
