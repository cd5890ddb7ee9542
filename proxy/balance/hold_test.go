package balance

import (
	"testing"
	"time"
)

// holding are settings that hold, and have no queue besides.
var holding = Settings{Passive: settings.Passive, Hold: 10 * time.Second}

// queuing hold, and have a queue too.
func queuing() Settings {
	s := limited(1, 5)
	s.Hold = 10 * time.Second
	return s
}

// stopped is a group all of whose n instances are.
func stopped(s Settings, n int) *Group {
	g := NewGroup(s, members(n), nil)
	for _, in := range g.members {
		g.Report(start, in.ID, UnitStopped, "")
	}
	return g
}

func wantHeld(t *testing.T, g *Group, held, waiting int) {
	t.Helper()
	if g.Held() != held || g.Waiting() != waiting {
		t.Errorf("%d are held and %d wait, want %d and %d", g.Held(), g.Waiting(), held, waiting)
	}
}

func TestWhoFindsNobodyIsHeldUntilThereIsOne(t *testing.T) {
	g := stopped(holding, 2)
	if got, want := takes(g, 1), "-"; got != want {
		t.Fatalf("took %s, want %s", got, want)
	}
	all, woken := line(t, g, "first second third")
	wantHeld(t, g, 3, 0)
	g.Report(start, "b", UnitStarting, "")
	wantWoken(t, woken, "")
	g.Leave(start, &all["second"].ticket)
	wantHeld(t, g, 2, 0)
	g.Report(start, "b", UnitUp, "")
	wantWoken(t, woken, "first third")
	wantHeld(t, g, 0, 0)
	if got, want := takes(g, 1), "b"; got != want {
		t.Errorf("took %s, want %s", got, want)
	}
}

func TestWhatEndsAHold(t *testing.T) {
	for _, tt := range []struct {
		name        string
		begin, ends func(g *Group)
	}{
		{
			"the last drain", func(g *Group) { g.Drain(start, "a", "x", forever) },
			func(g *Group) { g.Undrain(start, "a", "x") },
		},
		{
			"a lease that runs out", func(g *Group) { g.Drain(start, "a", "x", at(1)) },
			func(g *Group) { g.Tick(at(1)) },
		},
		{
			"a report", func(g *Group) { g.Report(start, "a", UnitDown, "") },
			func(g *Group) { g.Report(start, "a", UnitUnknown, "") },
		},
		{
			"the end of a pause", func(g *Group) { g.Pause(start, true) },
			func(g *Group) { g.Pause(start, false) },
		},
		{
			"marks of another process", func(g *Group) { g.Report(start, "a", UnitDown, "") },
			func(g *Group) { g.Restore(start, "a", Marks{}) },
		},
		{
			"another config", func(g *Group) { g.Report(start, "a", UnitDown, "") },
			func(g *Group) { NewGroup(holding, members(2), g).TakeOver(start) },
		},
	} {
		g := NewGroup(holding, members(1), nil)
		tt.begin(g)
		_, woken := line(t, g, "one")
		wantHeld(t, g, 1, 0)
		tt.ends(g)
		if len(*woken) != 1 {
			t.Errorf("%s does not end it", tt.name)
		}
		wantHeld(t, g, 0, 0)
	}
}

func TestWithoutAHoldNobodyIsHeld(t *testing.T) {
	g := stopped(limited(1, 5), 1)
	if g.Wait(start, &Ticket{}) != Refused || g.StandBy(start, &Ticket{}) {
		t.Error("somebody is held")
	}
	g.Report(start, "a", UnitUp, "")
	g.Pause(start, true)
	if got := g.Wait(start, &Ticket{}); got != Refused {
		t.Errorf("paused: got place %d, want %d", got, Refused)
	}
	wantHeld(t, g, 0, 0)
}

func TestTheHeldAreBounded(t *testing.T) {
	g := stopped(holding, 1)
	for i := range heldAtLeast {
		if i%2 == 0 && g.Wait(start, &Ticket{}) != Held || i%2 == 1 && !g.StandBy(start, &Ticket{}) {
			t.Fatalf("number %d is not held", i+1)
		}
	}
	if g.Wait(start, &Ticket{}) != Refused || g.StandBy(start, &Ticket{}) {
		t.Errorf("more than %d are held", heldAtLeast)
	}
	wantHeld(t, g, heldAtLeast, 0)
}

func TestAPauseHoldsEverybody(t *testing.T) {
	g := NewGroup(queuing(), members(1), nil)
	takes(g, 1)
	_, woken := line(t, g, "queued")
	wantHeld(t, g, 0, 1)
	g.Pause(start, true)
	next := NewGroup(queuing(), members(1), g)
	next.TakeOver(start)
	if got, want := takes(next, 1), "-"; got != want || !next.Paused() {
		t.Errorf("took %s, want %s", got, want)
	}
	if got := g.Wait(start, &Ticket{}); got != Held {
		t.Errorf("got place %d, want %d", got, Held)
	}
	g.End(start, member(t, g, "a"), Answered, "")
	wantWoken(t, woken, "")
	next.Pause(start, false)
	wantWoken(t, woken, "queued")
	wantHeld(t, g, 1, 0)
}

func TestWhoStandsByIsInNobodysWay(t *testing.T) {
	g := NewGroup(holding, members(1), nil)
	ticket := &Ticket{}
	if !g.StandBy(start, ticket) {
		t.Fatal("nobody is held")
	}
	wantHeld(t, g, 1, 0)
	if got, want := takes(g, 1), "a"; got != want {
		t.Errorf("a newcomer took %s, want %s", got, want)
	}
	g.Leave(start, ticket)
	g.Leave(start, ticket)
	wantHeld(t, g, 0, 0)
}

func TestOfThoseWhoStandByFewAsk(t *testing.T) {
	g := NewGroup(holding, members(1), nil)
	g.StandBy(start, &Ticket{})
	round := 0
	asks := func(from, to int) (n int) {
		for ms := from; ms < to; ms++ {
			if g.MayAsk(at(round).Add(time.Duration(ms) * time.Millisecond)) {
				n++
			}
		}
		return n
	}
	if got := asks(0, 100); got != 10 {
		t.Errorf("%d have asked in a tenth of a second in which all were refused, want 10", got)
	}
	for _, reached := range []func(){g.Reached, func() { g.Report(start, "a", UnitUp, "") }} {
		reached()
		round++
		if got := asks(100, 200); got != 100 {
			t.Errorf("%d of 100 may ask when an instance listens, want all", got)
		}
		g.StandBy(start, &Ticket{})
		if got := asks(200, 300); got != 10 {
			t.Errorf("%d have asked when all are refused again, want 10", got)
		}
	}
}

func TestWhoseTimeInTheQueueIsOverMayRemainWhenNobodyIsReady(t *testing.T) {
	g := NewGroup(queuing(), members(1), nil)
	takes(g, 1)
	all, woken := line(t, g, "one")
	ticket := &all["one"].ticket
	if g.Remain(start, ticket) {
		t.Error("it is held, and an instance is merely full")
	}
	g.Report(start, "a", UnitStopped, "")
	for range 2 { // who is held already remains so, and is counted once
		if !g.Remain(start, ticket) {
			t.Error("it is not held, and nobody is ready")
		}
	}
	wantHeld(t, g, 1, 0)
	g.End(start, member(t, g, "a"), Answered, "")
	g.Report(start, "a", UnitUp, "")
	wantWoken(t, woken, "one")
	wantHeld(t, g, 0, 0)
}

func TestWanted(t *testing.T) {
	said := 0
	s := holding
	s.OnDemand, s.Wanted = true, func() { said++ }
	g := stopped(s, 1)
	want := func(about string, n int) {
		t.Helper()
		if said != n {
			t.Errorf("%s: it was said %d times, want %d", about, said, n)
		}
	}
	ms := func(n int) time.Time { return start.Add(time.Duration(n) * time.Millisecond) }
	g.Tick(ms(0))
	want("nobody waits", 0)
	tickets := []*Ticket{{}, {}, {}}
	g.Wait(ms(1), tickets[0])
	want("the first is held", 1)
	g.StandBy(ms(2), tickets[1])
	g.Wait(ms(999), tickets[2])
	g.Tick(ms(1000))
	want("within the second", 1)
	g.Tick(ms(1001))
	want("they still wait", 2)
	for _, ticket := range tickets {
		g.Leave(ms(1500), ticket)
	}
	g.Tick(ms(5000))
	want("all have left", 2)
	g.StandBy(ms(5001), &Ticket{})
	want("the next", 3)

	g.Pause(ms(7000), true)
	g.Wait(ms(7000), &Ticket{})
	g.Tick(ms(8500))
	want("the upstream is paused", 3)
	g.Pause(ms(8600), false)
	g.Tick(ms(8600))
	want("it is resumed", 4)

	s.OnDemand = false
	stopped(s, 1).Wait(ms(9000), &Ticket{})
	want("an upstream that is not on demand", 4)
}

func TestIdleSince(t *testing.T) {
	g := NewGroup(holding, members(2), nil)
	want := func(about string, at time.Time) {
		t.Helper()
		if got := g.IdleSince(); !got.Equal(at) {
			t.Errorf("%s: idle since %v, want %v", about, got, at)
		}
	}
	want("before the first tick", time.Time{})
	g.Tick(at(1))
	g.Tick(at(2))
	want("nothing has happened", at(1))
	in, _ := g.Take(at(3), nil)
	want("a request is in flight", time.Time{})
	g.Tick(at(3))
	g.Tick(at(50))
	g.End(at(51), in, Answered, "")
	g.Tick(at(52))
	g.Tick(at(53))
	want("it has ended between two ticks", at(50))
	picks(g, at(54), 1)
	g.Tick(at(55))
	g.Tick(at(56))
	want("one came and went between two ticks", at(55))
	ticket := &Ticket{}
	g.StandBy(at(57), ticket)
	want("somebody is held", time.Time{})
	g.Tick(at(58))
	g.Leave(at(58), ticket)
	want("nobody is any more", at(58))
}
