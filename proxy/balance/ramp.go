package balance

import "time"

// An instance that comes back gets its share little by little, over SlowStart:
// its caches are cold, its code is not compiled, its pool is not filled. Who
// asks for a turn of an instance in its ramp gets it as often as the part of
// the share says, and otherwise goes on to the next turn; where requests in
// flight are compared, they count for more by as much. What matters is the
// part in relation to the others': when all come back at once, nothing is
// lost.

// wholeShare is all of an instance's share, in the units that parts are
// counted in.
const wholeShare = 1 << 10

// rise begins the instance's ramp, where there are any.
func (in *Instance) rise(at int64, s *Settings) {
	in.rampFrom.Store(at)
	in.gateSet(gateRamp, s.SlowStart > 0)
}

// part is how much of its share an instance in its ramp has by now, at least 1
// of wholeShare: who gets nothing at all never warms up.
func (in *Instance) part(now time.Time, s *Settings) int64 {
	gone := now.UnixNano() - in.rampFrom.Load()
	if gone >= int64(s.SlowStart) {
		return wholeShare
	}
	return max(1, int64(float64(gone)/float64(s.SlowStart)*wholeShare))
}

// ramped says whether the turn that has fallen on the instance that look has
// found room on is one of those that it gets.
func (c *choice) ramped(t *tier, in *Instance) bool {
	if c.gate&gateRamp == 0 {
		return true
	}
	most, part := int64(1), in.part(c.now, &c.group.settings)
	for i := range t.seats {
		if room, _ := c.look(t.seats[i].Instance); room == Taken {
			most = max(most, c.part(t.seats[i].Instance))
		}
	}
	if part >= most {
		return true
	}
	step := part * wholeShare / most
	credit := in.credit.Add(step)
	return credit/wholeShare != (credit-step)/wholeShare
}

// part is the present part of the instance that look has just seen.
func (c *choice) part(in *Instance) int64 {
	if c.gate&gateRamp == 0 {
		return wholeShare
	}
	return in.part(c.now, &c.group.settings)
}
