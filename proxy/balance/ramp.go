package balance

import "time"

// An instance that comes back gets its share little by little, over SlowStart:
// its caches are cold, its code is not compiled, its pool is not filled. Of the
// turns that fall on it meanwhile it gets as many as the part says, and the
// others go on to the next; where requests in flight are compared, its own
// count for more by as much. What matters is the part in relation to the
// others': when all come back at once, nothing is lost.

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
	gone := in.clock.at(now) - in.rampFrom.Load()
	if gone >= int64(s.SlowStart) {
		return wholeShare
	}
	return max(1, int64(float64(gone)/float64(s.SlowStart)*wholeShare))
}

// ramped says whether the turn that has fallen on the instance that look has
// just seen is one that it gets.
func (c *choice) ramped(t *tier, in *Instance) bool {
	return c.gate&gateRamp == 0 || c.gets(t, in)
}

// gets counts a turn of an instance in its ramp, and says whether it is one of
// those that it gets: with half of what the furthest has, every other.
func (c *choice) gets(t *tier, in *Instance) bool {
	part, most := in.part(c.now, &c.group.settings), int64(1)
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

// slowWeight is the weight of a seat whose instance is in its ramp.
func (c *choice) slowWeight(s *seat) int64 { return s.weight * s.part(c.now, &c.group.settings) }
