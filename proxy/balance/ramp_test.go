package balance

import (
	"testing"
	"time"
)

var methods = []Method{RoundRobin, LeastInFlight, RandomTwo}

// slow is a group of four with a slow start of 10 s, the first of which has
// come back at start.
func slow(m Method) *Group {
	g := NewGroup(Settings{Passive: settings.Passive, Method: m, SlowStart: 10 * time.Second, Seed: 7}, members(4), nil)
	comesBack(g, start, "a")
	return g
}

func comesBack(g *Group, now time.Time, id string) {
	g.Report(now, id, UnitStarting, "")
	g.Report(now, id, UnitUp, "")
}

// share is how many of n requests, one after the other, the instance gets.
func share(g *Group, now time.Time, in *Instance, n int) int {
	before := in.Requests()
	picks(g, now, n)
	return int(in.Requests() - before)
}

func TestSlowStart(t *testing.T) {
	for _, method := range methods {
		g := slow(method)
		for _, tt := range []struct {
			after time.Duration
			least int
			most  int
		}{
			{0, 0, 30}, {2500 * time.Millisecond, 200, 330}, {5 * time.Second, 450, 620}, {10 * time.Second, 900, 1100},
		} {
			if got := share(g, start.Add(tt.after), member(t, g, "a"), 4096); got < tt.least || got > tt.most {
				t.Errorf("method %d: %s after it came back it got %d of 4096, want %d to %d", method, tt.after, got, tt.least, tt.most)
			}
		}
	}
}

func TestSlowStartOfTheLeastInFlight(t *testing.T) {
	g := slow(LeastInFlight)
	now := start.Add(5 * time.Second)
	for range 700 {
		g.Take(now, nil)
	}
	if n := member(t, g, "a").InFlight(); n < 90 || n > 110 {
		t.Errorf("half of its way up it has %d of 700 in flight, want 100", n)
	}
}

func TestWhenAllComeBackAtOnceNothingIsSlow(t *testing.T) {
	for _, method := range methods {
		g := slow(method)
		for _, in := range g.members {
			comesBack(g, start, in.ID)
		}
		for _, in := range g.members {
			if n := share(g, start.Add(time.Second), in, 400); n < 60 || n > 140 {
				t.Errorf("method %d: %s got %d of 400, want about 100", method, in.ID, n)
			}
		}
	}
}

func TestWhatBeginsASlowStart(t *testing.T) {
	tests := []struct {
		name  string
		comes func(g *Group)
		want  bool
	}{
		{"nothing", func(*Group) {}, false},
		{"the first report", func(g *Group) { g.Report(at(0), "a", UnitUp, "") }, false},
		{"the first check", func(g *Group) { g.Probed(at(0), "a", true, "") }, false},
		{"a drain that is taken back", func(g *Group) {
			g.Drain(at(0), "a", "x", forever)
			g.Undrain(at(0), "a", "x")
		}, false},
		{"up after a start", func(g *Group) { comesBack(g, at(0), "a") }, true},
		{"up said again", func(g *Group) {
			comesBack(g, at(-60), "a")
			g.Tick(at(0))
			g.Report(at(0), "a", UnitUp, "")
		}, false},
		{"a check after those that failed", func(g *Group) {
			g.Probed(at(0), "a", false, "")
			g.Probed(at(0), "a", true, "")
		}, true},
		{"an answer after failures", func(g *Group) {
			fails(g, at(-20), "a")
			picks(g, at(0), 4)
		}, true},
		{"the undrain of one that came back meanwhile", func(g *Group) {
			g.Drain(at(-60), "a", "x", forever)
			comesBack(g, at(-30), "a")
			g.Tick(at(-1))
			g.Undrain(at(0), "a", "x")
		}, true},
	}
	for _, tt := range tests {
		g := NewGroup(Settings{Passive: settings.Passive, SlowStart: 10 * time.Second}, members(2), nil)
		tt.comes(g)
		g.Tick(at(0))
		if got := g.members[0].gate.Load()&gateRamp != 0; got != tt.want {
			t.Errorf("%s: slow %t, want %t", tt.name, got, tt.want)
		}
		g.Tick(at(10))
		if g.members[0].gate.Load() != 0 {
			t.Errorf("%s: it is slow for longer than it may be", tt.name)
		}
	}
}

func TestASlowInstanceIsBetterThanAFullOne(t *testing.T) {
	for _, method := range methods {
		g := NewGroup(Settings{Method: method, MaxInFlight: 1, SlowStart: time.Hour}, members(3), nil)
		comesBack(g, start, "a")
		for range 3 {
			if _, room := g.Take(start, nil); room != Taken {
				t.Errorf("method %d: an instance is free and was not taken", method)
			}
		}
	}
}
