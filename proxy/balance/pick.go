package balance

import "time"

// Pick chooses as [Group.Take] does, for a caller that begins the use itself
// and has no regard to MaxInFlight. It is nil where there is nobody.
func (g *Group) Pick(now time.Time, tried ...*Instance) *Instance {
	unlimited := *g
	unlimited.settings.MaxInFlight = 0
	in, room := unlimited.choose(now, tried)
	if room != Taken {
		return nil
	}
	in.inFlight.Add(-1)
	in.requests.Add(^uint64(0))
	return in
}

// Begin counts a use of an instance that Pick chose.
func (g *Group) Begin(in *Instance) { in.begin(0) }
