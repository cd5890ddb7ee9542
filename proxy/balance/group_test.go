package balance

import (
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	start   = time.Unix(1_700_000_000, 0)
	passive = Settings{Passive: Passive{MaxFails: 1, FailTimeout: 10 * time.Second}}
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

// picks are the IDs of n picks, each begun and answered; "-" is none.
func picks(g *Group, now time.Time, n int) string {
	var ids []string
	for range n {
		in := g.Pick(now)
		if in == nil {
			ids = append(ids, "-")
			continue
		}
		g.Begin(in)
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
	g.Begin(in)
	g.End(now, in, Failed, "connection refused")
}

func verdicts(g *Group, now time.Time) string {
	var list []string
	g.Each(now, func(in *Instance, v Verdict) { list = append(list, in.ID+"="+string(v)) })
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
			wantPicks(t, NewGroup(passive, tt.members, nil), start, tt.want)
		})
	}
}

func TestEightGetOneHundredEach(t *testing.T) {
	for _, workers := range []int{1, 16} {
		t.Run(fmt.Sprint(workers, " at once"), func(t *testing.T) {
			g := NewGroup(passive, members(8), nil)
			var wg sync.WaitGroup
			for range workers {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for range 800 / workers {
						in := g.Pick(start)
						g.Begin(in)
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
	g := NewGroup(passive, list, nil)
	if n := len(g.tiers[0].slots); n > maxSlots {
		t.Fatalf("%d slots, want at most %d", n, maxSlots)
	}
	picks(g, start, 4000)
	if got := member(t, g, "a").Requests(); got < 2990 || got > 3010 {
		t.Errorf("a got %d of 4000, want 3000 or nearly", got)
	}
}

func TestPassiveFailures(t *testing.T) {
	g := NewGroup(passive, members(3), nil)
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
		if in := g.Pick(later); in.ID == "b" {
			if checking != nil {
				t.Fatal("b was checked twice at once")
			}
			checking = in
			g.Begin(in)
		}
	}
	if checking == nil {
		t.Fatal("b was not checked again")
	}
	g.Heard(checking)
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
	g := NewGroup(passive, members(2), nil)
	fail(t, g, start, "a")
	later := start.Add(11 * time.Second)
	wantPicks(t, g, start, "b")
	fail(t, g, later, "a")
	wantPicks(t, g, later.Add(9*time.Second), "b b b")
}

func TestNeverOut(t *testing.T) {
	lone := NewGroup(passive, members(1), nil)
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
	g := NewGroup(passive, members(3), nil)
	for _, id := range []string{"a", "b", "c"} {
		fail(t, g, start, id)
	}
	g.Drain("b", true)
	wantPicks(t, g, start, "a c a c")
}

func TestAnAnswerInPanicModeEndsItForTheInstance(t *testing.T) {
	g := NewGroup(passive, members(2), nil)
	fail(t, g, start, "a")
	fail(t, g, start, "b")
	later := start.Add(time.Second)
	in := g.Pick(later)
	g.Begin(in)
	g.End(later, in, Answered, "")
	if got, want := verdicts(g, later), in.ID+"=up"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s: it has just answered", got, want)
	}
}

func TestBackups(t *testing.T) {
	list := members(3)
	list[2].Backup = true
	g := NewGroup(passive, list, nil)
	fail(t, g, start, "a")
	wantPicks(t, g, start, "b b")
	fail(t, g, start, "b")
	wantPicks(t, g, start, "c c")
	fail(t, g, start, "c")
	wantPicks(t, g, start, "a b") // panic: the primaries first
}

func TestTriedIsNotPickedAgain(t *testing.T) {
	g := NewGroup(passive, members(3), nil)
	a, b, c := g.members[0], g.members[1], g.members[2]
	if got := g.Pick(start, a, b); got != c {
		t.Errorf("got %v, want c", got)
	}
	if got := g.Pick(start, a, b, c); got != nil {
		t.Errorf("got %s, want none", got.ID)
	}
}

func TestDrain(t *testing.T) {
	g := NewGroup(passive, members(2), nil)
	if g.Drain("z", true) {
		t.Error("drained an instance that is not there")
	}
	fail(t, g, start, "a")
	g.Drain("a", true)
	wantPicks(t, g, start.Add(time.Hour), "b b")
	if got, want := verdicts(g, start), "a=draining b=up"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	g.Drain("a", false)
	if got, want := verdicts(g, start), "a=up b=up"; got != want {
		t.Errorf("taken back: got %s, want %s", got, want)
	}
}

func TestReconcile(t *testing.T) {
	old := NewGroup(passive, members(3), nil)
	fail(t, old, start, "b")
	c := member(t, old, "c")
	old.Begin(c)
	old.Drain("a", true)

	without := NewGroup(passive, members(2), old)
	if got, want := verdicts(without, start), "a=draining b=down c=removed"; got != want {
		t.Errorf("c removed: got %s, want %s", got, want)
	}
	again := NewGroup(passive, members(3), without)
	if member(t, again, "c") != c {
		t.Error("c came back as another instance")
	}
	old.End(start, c, Answered, "") // the exchange ends on the group it began with
	if c.InFlight() != 0 {
		t.Errorf("%d in flight, want 0", c.InFlight())
	}

	moved := members(3)
	moved[0].Address, moved[1].Address = "elsewhere:80", "elsewhere:81"
	final := NewGroup(passive, moved, again)
	if got, want := verdicts(final, start), "a=draining b=up c=up"; got != want {
		t.Errorf("addresses changed: got %s, want %s", got, want)
	}
}

func TestReloadKeepsTheTurn(t *testing.T) {
	g := NewGroup(passive, members(3), nil)
	wantPicks(t, g, start, "a")
	wantPicks(t, NewGroup(passive, members(3), g), start, "b c a")
}

// TestInFlightReturnsToZero runs random histories: picks, ends of every
// outcome, drains, and configs that come and go.
func TestInFlightReturnsToZero(t *testing.T) {
	type use struct {
		group *Group
		in    *Instance
	}
	for seed := range int64(200) {
		rnd := rand.New(rand.NewSource(seed))
		now := start
		g := NewGroup(passive, members(1+rnd.Intn(5)), nil)
		seen := map[*Instance]bool{}
		var open []use
		end := func(i int) {
			u := open[i]
			open = append(open[:i], open[i+1:]...)
			u.group.End(now, u.in, Outcome(rnd.Intn(3)), "why not")
		}
		for range 300 {
			now = now.Add(time.Duration(rnd.Intn(3)) * time.Second)
			switch rnd.Intn(8) {
			case 0:
				g = NewGroup(passive, members(1+rnd.Intn(5)), g)
			case 1:
				g.Drain(string(rune('a'+rnd.Intn(5))), rnd.Intn(2) == 0)
			case 2, 3, 4:
				if in := g.Pick(now); in != nil {
					g.Begin(in)
					seen[in] = true
					open = append(open, use{g, in})
				}
			default:
				if len(open) > 0 {
					end(rnd.Intn(len(open)))
				}
			}
		}
		for len(open) > 0 {
			end(0)
		}
		for in := range seen {
			if in.InFlight() != 0 {
				t.Fatalf("seed %d: %s has %d in flight, want 0", seed, in.ID, in.InFlight())
			}
		}
	}
}
