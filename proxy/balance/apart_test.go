package balance

import (
	"testing"
	"time"
)

func TestWhatIsSentAgainHasAnInstanceOfItsOwn(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, method := range []Method{RoundRobin, LeastInFlight, RandomTwo} {
		g := NewGroup(Settings{Method: method}, []Member{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}}, nil)
		dead := g.members[0]
		taken := map[*Instance]bool{}
		for range 3 {
			in, room := g.TakeApart(now, []*Instance{dead})
			if room != Taken || taken[in] || in == dead {
				t.Fatalf("method %v: got room %v and instance %v again or dead; want another each time", method, room, in)
			}
			taken[in] = true
		}
		if in, room := g.TakeApart(now, []*Instance{dead}); in != nil || room != Shared {
			t.Errorf("method %v: with one on each: got room %v, want Shared", method, room)
		}
		if _, room := g.Take(now, nil); room != Taken {
			t.Errorf("method %v: who is sent for the first time gets room %v, want Taken", method, room)
		}
		free := g.members[2]
		g.Cleared(free)
		g.End(now, free, Answered, "")
		if in, room := g.TakeApart(now, []*Instance{dead}); in != free || room != Taken {
			t.Errorf("method %v: after one was cleared: got room %v, want Taken", method, room)
		}
	}
}

func TestWhatIsSentAgainWaitsForRoomLikeOthers(t *testing.T) {
	now := time.Unix(1000, 0)
	g := NewGroup(Settings{MaxInFlight: 1}, []Member{{ID: "a"}, {ID: "b"}}, nil)
	if _, room := g.TakeApart(now, nil); room != Taken {
		t.Fatalf("got room %v, want Taken", room)
	}
	if _, room := g.Take(now, nil); room != Taken {
		t.Fatalf("got room %v, want Taken", room)
	}
	if _, room := g.TakeApart(now, nil); room != Full {
		t.Errorf("with both full: got room %v, want Full", room)
	}
}
