package balance

import "testing"

func TestAUseThatGoesOnElsewhere(t *testing.T) {
	before := NewGroup(Settings{MaxInFlight: 1}, members(2), nil)
	g := NewGroup(Settings{MaxInFlight: 1}, members(2)[:1], before)
	for _, id := range []string{"a", "b"} {
		in := g.Find(id)
		if in == nil {
			t.Fatalf("there is no %s", id)
		}
		g.Resume(in) // a full one, too: it is at work already
		g.Resume(in)
		if n := in.InFlight(); n != 2 {
			t.Errorf("%s has %d in flight, want 2", id, n)
		}
		g.End(start, in, Abandoned, "")
		g.End(start, in, Answered, "")
		if n := in.InFlight(); n != 0 {
			t.Errorf("%s has %d in flight, want 0", id, n)
		}
	}
	if g.Find("none") != nil {
		t.Error("it finds what is not there")
	}
}

func TestAttemptsGoOnWithWhatWasUsedUp(t *testing.T) {
	first := Attempts{Method: "GET", Tries: 2}
	first.Next(Died, true)
	next := Attempts{Method: "GET", Tries: 2}
	next.Resume(first.Spent())
	if action := next.Next(Died, true); action != BadGateway {
		t.Errorf("a second death gives %d, want %d", action, BadGateway)
	}
}
