package balance

// Method is how one instance is chosen among those that may be.
type Method uint8

const (
	// RoundRobin takes turns, by weight.
	RoundRobin Method = iota
	// LeastInFlight takes the one with the fewest uses for its weight, and of
	// equals whose turn is next.
	LeastInFlight
	// RandomTwo draws two by lot, by weight, and takes the one with fewer
	// uses for its weight: nearly as even as the least of all, and it stays
	// so when several proxies choose without knowing of each other.
	RandomTwo
)

// maxRaces bounds how often a choice is made anew because another loop changed
// the numbers that it was made by. After so many any instance will do.
const maxRaces = 8

// from chooses on one tier; first is whose turn it is.
func (c *choice) from(t *tier, first int) (*Instance, Room) {
	switch c.group.settings.Method {
	case LeastInFlight:
		return c.least(t, first)
	case RandomTwo:
		return c.two(t, first)
	}
	return c.turn(t, first)
}

// turn draws until somebody can be taken. A turn whose instance cannot is lost
// to it and not doubled on its neighbour.
func (c *choice) turn(t *tier, first int) (*Instance, Room) {
	in := t.seats[first].Instance
	if room, _ := c.look(in); room == Taken && c.ramped(t, in) && c.begin(in) {
		return in, Taken
	}
	// Nobody walks a round of a thousand turns to learn that all are full.
	if room := c.survey(t); room != Taken {
		return nil, room
	}
	for range t.slots {
		in := t.seats[t.draw()].Instance
		if room, _ := c.look(in); room == Taken && c.ramped(t, in) && c.begin(in) {
			return in, Taken
		}
	}
	// Another loop may have drawn the very turns that this one needed.
	return c.any(t)
}

// survey is the best that there is on a tier.
func (c *choice) survey(t *tier) Room {
	best := Nobody
	for i := range t.seats {
		room, _ := c.look(t.seats[i].Instance)
		best = max(best, room)
	}
	return best
}

// any takes the first that can be taken.
func (c *choice) any(t *tier) (*Instance, Room) {
	best := Nobody
	for i := range t.seats {
		in := t.seats[i].Instance
		room, _ := c.look(in)
		if room == Taken && c.begin(in) {
			return in, Taken
		}
		best = max(best, min(room, Full))
	}
	return nil, best
}

// lighter says whether an instance with n uses and a weight of w has fewer for
// it than one with m and v.
func lighter(n, w, m, v int64) bool { return n*v < m*w }

// weight is that of the seat that look has just seen, in units of wholeShare:
// its own, less what its ramp takes off.
func (c *choice) weight(s *seat) int64 {
	if c.gate&gateRamp == 0 {
		return s.weight * wholeShare
	}
	return c.slowWeight(s)
}

// takes begins a use of a seat that was chosen by its weight and its number of
// uses, if it gets the turn, and if the number is still what was seen: several
// loops see the same one as the least at the same time.
func (c *choice) takes(t *tier, s *seat, weight, seen int64) bool {
	slow := weight != s.weight*wholeShare
	return (!slow || c.gets(t, s.Instance)) && c.beginAt(s.Instance, seen)
}

// least compares all.
func (c *choice) least(t *tier, first int) (*Instance, Room) {
	var passed *seat // has just been chosen in vain
	for range maxRaces {
		best := Nobody
		var chosen *seat
		var fewest, weight int64
		i := first
		for range t.seats {
			s := &t.seats[i]
			if i++; i == len(t.seats) {
				i = 0
			}
			room, n := c.look(s.Instance)
			best = max(best, room)
			if room != Taken || s == passed {
				continue
			}
			if w := c.weight(s); chosen == nil || lighter(n, w, fewest, weight) {
				chosen, fewest, weight = s, n, w
			}
		}
		switch {
		case chosen != nil && c.takes(t, chosen, weight, fewest):
			return chosen.Instance, Taken
		case chosen == nil && best < Taken:
			return nil, best
		}
		// In a ramp it has lost this turn. Else somebody was faster, and the
		// numbers are others now.
		if passed = nil; chosen != nil && weight != chosen.weight*wholeShare {
			passed = chosen
		}
	}
	return c.any(t)
}

// two compares two that the lot has drawn. Where one of them cannot be taken
// it is the other; where both cannot, the least of all.
func (c *choice) two(t *tier, first int) (*Instance, Room) {
	if len(t.seats) < 3 {
		return c.least(t, first)
	}
	for range maxRaces {
		i, j := c.lots(t)
		a, b := &t.seats[i], &t.seats[j]
		roomA, n := c.look(a.Instance)
		w := c.weight(a)
		roomB, m := c.look(b.Instance)
		v := c.weight(b)
		switch {
		case roomA != Taken && roomB != Taken:
			return c.least(t, first)
		case roomA != Taken || roomB == Taken && lighter(m, v, n, w):
			a, b, n, m, w, v, roomB = b, a, m, n, v, w, roomA
		}
		if c.takes(t, a, w, n) {
			return a.Instance, Taken
		}
		if w != a.weight*wholeShare && roomB == Taken && c.takes(t, b, v, m) {
			return b.Instance, Taken
		}
	}
	return c.least(t, first)
}

// lots are two different seats, each as likely as its weight says.
func (c *choice) lots(t *tier) (int, int) {
	lot := c.group.board.random()
	n := uint64(len(t.slots))
	i, j := t.slots[lot>>32%n], t.slots[lot&0xffffffff%n]
	if i == j {
		// Where one weighs more than all others together, drawing until they
		// differ could go on: the second is anybody else.
		j = (i + 1 + int32(lot%uint64(len(t.seats)-1))) % int32(len(t.seats))
	}
	return int(i), int(j)
}
