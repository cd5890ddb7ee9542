package balance

import (
	"fmt"
	"testing"
	"time"
)

// limited are settings with a bound and a queue.
func limited(most, queue int) Settings {
	return Settings{Passive: settings.Passive, MaxInFlight: most, Queue: queue}
}

// takes are the IDs of n takes that stay in flight; "-" is nobody, "full" is
// what it says.
func takes(g *Group, n int, tried ...*Instance) string {
	text := ""
	for i := range n {
		if i > 0 {
			text += " "
		}
		switch in, room := g.Take(start, tried); room {
		case Taken:
			text += in.ID
		case Full:
			text += "full"
		case Nobody:
			text += "-"
		}
	}
	return text
}

func TestTake(t *testing.T) {
	backed := members(3)
	backed[1].Backup, backed[2].Backup = true, true
	tests := []struct {
		name     string
		settings Settings
		members  []Member
		before   func(*testing.T, *Group)
		want     string
	}{
		{"without a bound nobody is full", limited(0, 0), members(2), nil, "a b a b"},
		{"each has as many as it may have", limited(2, 0), members(2), nil, "a b a b full full"},
		{"a full instance loses its turn", limited(2, 0), members(3), func(t *testing.T, g *Group) {
			a := member(t, g, "a")
			a.begin(0)
			a.begin(0)
		}, "b c b c full"},
		{"full primaries are waited for, backups are not for that", limited(1, 0), backed, nil, "a full"},
		{"backups stand in for primaries that are out", limited(1, 0), backed, func(t *testing.T, g *Group) {
			fail(t, g, start, "a")
		}, "b c full"},
		{"a full instance is no reason to try one that is out", limited(1, 0), members(2), func(t *testing.T, g *Group) {
			fail(t, g, start, "b")
		}, "a full"},
		{"in panic mode too nobody has more than it may have", limited(1, 0), members(2), func(t *testing.T, g *Group) {
			fail(t, g, start, "a")
			fail(t, g, start, "b")
		}, "a b full"},
		{"drained is not full", limited(1, 0), members(1), func(_ *testing.T, g *Group) {
			g.Drain(start, "a", "test", time.Time{})
		}, "-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewGroup(tt.settings, tt.members, nil)
			if tt.before != nil {
				tt.before(t, g)
			}
			n := 1
			for _, c := range tt.want {
				if c == ' ' {
					n++
				}
			}
			if got := takes(g, n); got != tt.want {
				t.Errorf("took %s, want %s", got, tt.want)
			}
		})
	}
}

func TestTakePassesOverWhatWasTried(t *testing.T) {
	g := NewGroup(limited(1, 0), members(2), nil)
	a, b := member(t, g, "a"), member(t, g, "b")
	if got, want := takes(g, 1, a, b), "-"; got != want {
		t.Errorf("took %s, want %s", got, want)
	}
	if got, want := takes(g, 2, a), "b full"; got != want {
		t.Errorf("took %s, want %s", got, want)
	}
}

func TestLeastInFlight(t *testing.T) {
	settings := Settings{Method: LeastInFlight}
	g := NewGroup(settings, members(3), nil)
	if got, want := takes(g, 7), "a b c a b c a"; got != want {
		t.Errorf("equals take turns: took %s, want %s", got, want)
	}
	g.End(start, member(t, g, "c"), Answered, "")
	if got, want := takes(g, 1), "c"; got != want {
		t.Errorf("after c has ended one: took %s, want %s", got, want)
	}

	weighted := members(2)
	weighted[0].Weight = 3
	g = NewGroup(settings, weighted, nil)
	takes(g, 40)
	if a, b := member(t, g, "a").InFlight(), member(t, g, "b").InFlight(); a != 30 || b != 10 {
		t.Errorf("weights 3 and 1 have %d and %d of 40 in flight, want 30 and 10", a, b)
	}

	g = NewGroup(settings, members(4), nil)
	for range 400 { // one at a time: all are always equal
		in, _ := g.Take(start, nil)
		g.End(start, in, Answered, "")
	}
	for _, in := range g.members {
		if in.Requests() != 100 {
			t.Errorf("%s got %d of 400 one after another, want 100", in.ID, in.Requests())
		}
	}
}

func TestRandomTwo(t *testing.T) {
	weighted := members(4)
	weighted[0].Weight = 3
	g := NewGroup(Settings{Method: RandomTwo, Seed: 7}, weighted, nil)
	for range 6000 {
		in, _ := g.Take(start, nil)
		g.End(start, in, Answered, "")
	}
	// The first of two is the heavy one in half of the draws, and it wins
	// every tie that it is first in.
	if n := member(t, g, "a").Requests(); n < 2700 || n > 3300 {
		t.Errorf("the one with half of the weight got %d of 6000, want about 3000", n)
	}

	// Two choices keep the highest load next to the average, where one
	// choice would be some 30 above it.
	g = NewGroup(Settings{Method: RandomTwo, Seed: 7}, members(10), nil)
	takes(g, 1000)
	for _, in := range g.members {
		if in.InFlight() > 105 {
			t.Errorf("%s has %d of 1000 in flight, want 100 or little more", in.ID, in.InFlight())
		}
	}

	g = NewGroup(Settings{Method: RandomTwo, Seed: 7, MaxInFlight: 1}, members(5), nil)
	takes(g, 5)
	if got, want := takes(g, 1), "full"; got != want {
		t.Errorf("five of five are taken: took %s, want %s", got, want)
	}
}

func TestTheLotOfTwoGroupsDiffersBySeed(t *testing.T) {
	draws := func(seed uint64) string {
		return takes(NewGroup(Settings{Method: RandomTwo, Seed: seed}, members(8), nil), 30)
	}
	first, again, other := draws(1), draws(1), draws(2)
	if first == other {
		t.Error("two seeds draw alike")
	}
	if first != again {
		t.Errorf("one seed draws %s and then %s", first, again)
	}
}

func TestTakeDoesNotAllocate(t *testing.T) {
	for _, method := range []Method{RoundRobin, LeastInFlight, RandomTwo} {
		s := limited(4, 8)
		s.Method = method
		g := NewGroup(s, members(8), nil)
		fail(t, g, start, "c")
		tried := []*Instance{member(t, g, "a")}
		ticket := &Ticket{}
		got := testing.AllocsPerRun(100, func() {
			in, _ := g.Take(start, tried)
			g.End(start, in, Answered, "")
			g.Wait(start, ticket)
			g.End(start, g.Granted(ticket), Abandoned, "")
		})
		if got != 0 {
			t.Errorf("method %d: %v allocations, want 0", method, got)
		}
	}
}

func BenchmarkTakeAlone(b *testing.B) {
	now := time.Now()
	for _, method := range []Method{RoundRobin, LeastInFlight, RandomTwo} {
		b.Run(fmt.Sprint("method=", method), func(b *testing.B) {
			s := limited(1<<40, 64)
			s.Method = method
			g := NewGroup(s, members(8), nil)
			for b.Loop() {
				g.Take(now, nil)
			}
		})
	}
}

func BenchmarkTake(b *testing.B) {
	now := time.Now()
	for _, method := range []struct {
		name string
		Method
	}{{"round-robin", RoundRobin}, {"least-in-flight", LeastInFlight}, {"random-two", RandomTwo}} {
		for _, most := range []int{0, 64} {
			b.Run(fmt.Sprintf("%s/max=%d", method.name, most), func(b *testing.B) {
				s := limited(most, 64)
				s.Method = method.Method
				g := NewGroup(s, members(8), nil)
				b.ReportAllocs()
				for b.Loop() {
					in, _ := g.Take(now, nil)
					g.End(now, in, Answered, "")
				}
			})
		}
	}
}
