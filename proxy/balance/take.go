package balance

import (
	"slices"
	"time"
)

// Room is what a group has for a new use.
type Room uint8

const (
	// Nobody: there is no instance that was not tried and is neither drained
	// nor out by its unit, or the group is paused.
	Nobody Room = iota
	// Full: there is one, and it has as many uses as it may have.
	Full
	// Taken: one was chosen and its use has begun.
	Taken
)

// Take chooses the instance for a try and begins its use, which End closes.
// Those out by checks or by passive failures are passed over unless every
// other is out too: then they are tried anyway (panic mode), for an answer that
// may be bad is better than one that surely is. So are those that a connection
// wakes and that are asleep. Those that are drained, and others whose unit is
// not up, are never tried. A full instance is worth waiting
// for: its being full makes no backup of use and no panic.
//
// While others wait there is nothing to take: nobody jumps the queue.
func (g *Group) Take(now time.Time, tried []*Instance) (*Instance, Room) {
	b := g.board
	g = b.current.Load()
	if b.waiting.Load() > 0 || b.paused.Load() {
		return nil, min(Full, g.room(now, tried))
	}
	return g.choose(now, tried)
}

// choose is Take without regard to the queue.
func (g *Group) choose(now time.Time, tried []*Instance) (*Instance, Room) {
	if g.board.paused.Load() {
		return nil, Nobody
	}
	c := choice{group: g, now: now, tried: tried, limit: int64(g.settings.MaxInFlight), trusting: g.single}
	if in, room := c.fromTiers(); room != Nobody || g.single {
		return in, room
	}
	c.trusting = true
	in, room := c.fromTiers()
	if room == Taken {
		in.recheck(now)
	}
	return in, room
}

// room is what there is, and nothing is taken.
func (g *Group) room(now time.Time, tried []*Instance) Room {
	if g.board.paused.Load() {
		return Nobody
	}
	c := choice{group: g, now: now, tried: tried, limit: int64(g.settings.MaxInFlight), trusting: g.single}
	for range 2 {
		for i := range g.tiers {
			if room := c.survey(&g.tiers[i]); room != Nobody {
				return room
			}
		}
		c.trusting = true
	}
	return Nobody
}

// choice is one Take on its way.
type choice struct {
	group *Group
	now   time.Time
	tried []*Instance
	// limit is MaxInFlight.
	limit int64
	// trusting takes no regard to checks and passive failures: there is no
	// other instance, or all have failed.
	trusting bool
	// gate is that of the instance that was looked at last.
	gate uint32
	// first is whose turn was drawn on each tier, counted from 1: a choice
	// draws a turn once, also when it is made again in panic mode.
	first [2]int
}

func (c *choice) fromTiers() (*Instance, Room) {
	for i := range c.group.tiers {
		t := &c.group.tiers[i]
		if len(t.seats) == 0 {
			continue
		}
		if c.first[i] == 0 {
			c.first[i] = 1 + t.draw()
		}
		if in, room := c.from(t, c.first[i]-1); room != Nobody {
			return in, room
		}
	}
	return nil, Nobody
}

// look says what the instance has room for (Taken: it could be) and how many
// uses it had then. It changes nothing.
func (c *choice) look(in *Instance) (Room, int64) {
	c.gate = in.gate.Load()
	switch {
	case c.gate != 0 && c.closed(), len(c.tried) > 0 && slices.Contains(c.tried, in):
		return Nobody, 0
	case !c.trusting && in.fails.Load() > 0 && in.out(c.now, c.group.settings.Passive):
		return Nobody, 0
	}
	n := in.inFlight.Load()
	if c.limit > 0 && n >= c.limit {
		return Full, n
	}
	return Taken, n
}

// closed says that the gate lets nobody through.
func (c *choice) closed() bool {
	return c.gate&gateShut != 0 || c.gate&gateOut != 0 && !c.trusting
}

// begin begins a use of an instance that look found room on. False: somebody
// else was faster.
func (c *choice) begin(in *Instance) bool {
	return c.admitted(in) && in.begin(c.limit)
}

// beginAt is begin for a choice that was made by the number of uses. Where an
// instance is checked again the number matters less than that the one admitted
// gets there.
func (c *choice) beginAt(in *Instance, seen int64) bool {
	if in.fails.Load() > 0 {
		return c.begin(in)
	}
	return in.beginAt(seen)
}

func (c *choice) admitted(in *Instance) bool {
	return c.trusting || in.admit(c.now, c.group.settings.Passive)
}
