package balance

import "time"

// A request that was sent and lost its instance may be what killed it. It is
// sent once more, and a second death ends it: so it has to be known that the
// second death was of its own doing. Of all the requests that an instance has
// taken down with it, one at most is the poisonous one; each is sent again to
// an instance that has no other of them, so that nobody dies twice but who
// kills.

// TakeApart is Take for a request that is sent again. Shared says that every
// instance has such a request, which will not be long: ask again. Whoever gets
// an instance calls [Group.Cleared], before End at the latest.
func (g *Group) TakeApart(now time.Time, tried []*Instance) (*Instance, Room) {
	b := g.board
	g = b.current.Load()
	if b.waiting.Load() > 0 || b.paused.Load() {
		return nil, min(Full, g.room(now, tried))
	}
	in, room := g.chooseBy(choice{group: g, now: now, tried: tried, apart: true})
	if room == Full && g.settings.MaxInFlight == 0 {
		room = Shared
	}
	return in, room
}

// Cleared says that a request that was sent again is not what kills: its
// answer has begun, or it has ended otherwise.
func (g *Group) Cleared(in *Instance) { in.suspected.Store(false) }

// suspect marks the instance as having a request that is sent again. False: it
// has one.
func (in *Instance) suspect() bool { return in.suspected.CompareAndSwap(false, true) }
