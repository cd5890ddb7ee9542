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

// rival is an instance as those see it that compare by numbers.
type rival struct {
	*Instance
	// uses were in flight when it was looked at; weight is its own, less what
	// its ramp takes off.
	uses, weight int64
}

// lighter says whether r has fewer uses for its weight than o, and anybody has
// fewer than nobody.
func (r *rival) lighter(o *rival) bool {
	return o.Instance == nil || r.uses*o.weight < o.uses*r.weight
}

// consider looks at a seat for a comparison. Taken says that it has room, also
// where the turn is not one that its ramp gives it: then it is no rival.
func (c *choice) consider(t *tier, s *seat) (Room, rival) {
	room, n := c.look(s.Instance)
	if room != Taken {
		return room, rival{}
	}
	r := rival{s.Instance, n, s.weight * c.part(s.Instance)}
	if !c.ramped(t, s.Instance) {
		r.Instance = nil
	}
	return room, r
}

// least compares all. Several loops see the same one as the least at the same
// time, so the use begins only if its number is still what was seen.
func (c *choice) least(t *tier, first int) (*Instance, Room) {
	for range maxRaces {
		best := Nobody
		var chosen rival
		i := first
		for range t.seats {
			room, r := c.consider(t, &t.seats[i])
			if i++; i == len(t.seats) {
				i = 0
			}
			best = max(best, room)
			if r.Instance != nil && r.lighter(&chosen) {
				chosen = r
			}
		}
		switch {
		case chosen.Instance == nil && best == Taken:
			return c.any(t)
		case chosen.Instance == nil:
			return nil, best
		case c.beginAt(chosen.Instance, chosen.uses):
			return chosen.Instance, Taken
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
		_, a := c.consider(t, &t.seats[i])
		_, b := c.consider(t, &t.seats[j])
		if b.Instance != nil && b.lighter(&a) {
			a = b
		}
		if a.Instance == nil {
			return c.least(t, first)
		}
		if c.beginAt(a.Instance, a.uses) {
			return a.Instance, Taken
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
