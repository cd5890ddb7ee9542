package balance

import "time"

// heldAtLeast is how many are held at a time on an upstream whose Queue is
// less: ten seconds of a thousand requests each, which is a busy machine with
// all of its instances restarting. Each takes some 10 KB.
const heldAtLeast = 10_000

// askApart is the least time between two of those who stand by and ask again,
// while all that have asked were refused: with thousands of them the connects
// alone would take a processor, and one is enough to find out.
const askApart = 10 * time.Millisecond

// wantedEvery is how often it is said at most that instances are wanted.
const wantedEvery = time.Second

// Pause has everybody wait, each as long as Hold, or lets them go on. It
// outlives a change of config.
func (g *Group) Pause(now time.Time, on bool) {
	g.board.paused.Store(on)
	if !on {
		g.Poll(now)
	}
}

// Paused says whether everybody waits.
func (g *Group) Paused() bool { return g.board.paused.Load() }

// Held is how many wait because no instance is ready or because of a pause;
// they are not among Waiting.
func (g *Group) Held() int { return int(g.board.held.Load()) }

// StandBy holds somebody who has asked every instance that he may and was
// refused by all: he has no place in the queue, for what there is to have he
// has tried, and asks again by himself after a while. False: nobody is held
// here, or too many are. Leave ends it.
func (g *Group) StandBy(now time.Time, t *Ticket) bool {
	b := g.board
	s := &b.current.Load().settings
	if s.Hold == 0 {
		return false
	}
	b.lock.Lock()
	t.standing = b.hold(s)
	b.lock.Unlock()
	if t.standing {
		b.refusing.Store(true)
		b.want(now)
	}
	return t.standing
}

// MayAsk says whether somebody who stands by may ask now; else he waits once
// more as long as he has.
func (g *Group) MayAsk(now time.Time) bool {
	b := g.board
	last, at := b.askedAt.Load(), b.clock.at(now)
	if b.refusing.Load() && at-last < int64(askApart) {
		return false
	}
	return b.askedAt.CompareAndSwap(last, at)
}

// Reached says that somebody who stood by has reached an instance, or that one
// is known to listen: from now on all the others may ask.
func (g *Group) Reached() { g.board.refusing.Store(false) }

// Remain asks whether somebody whose time in the queue is over may wait on, as
// one who is held: so it is when no instance is ready any more.
func (g *Group) Remain(now time.Time, t *Ticket) bool {
	b := g.board
	current := b.current.Load()
	b.lock.Lock()
	if t.queued && !t.held && current.room(now, t.Tried) == Nobody {
		if t.held = b.hold(&current.settings); t.held {
			b.lined.Add(1)
		}
	}
	held := t.held
	b.lock.Unlock()
	if held {
		b.want(now)
	}
	return held
}

// hold counts one more who is held, where one more may be. It is called with
// the lock held.
func (b *board) hold(s *Settings) bool {
	if s.Hold == 0 || b.held.Load() >= int64(max(s.Queue, heldAtLeast)) {
		return false
	}
	b.held.Add(1)
	return true
}

// want says that instances are wanted, where somebody listens and not more
// often than he wants to hear it. Who waits for the end of a pause wants none.
func (b *board) want(now time.Time) {
	s := &b.current.Load().settings
	if !s.OnDemand || s.Wanted == nil || b.paused.Load() {
		return
	}
	last, at := b.wantedAt.Load(), b.clock.at(now)
	if last != 0 && at-last < int64(wantedEvery) {
		return
	}
	if b.wantedAt.CompareAndSwap(last, at) {
		s.Wanted()
	}
}

// Tick does what comes of time that passes: leases end, ramps are over, who
// waits is looked at, and who is held on an upstream whose instances start on
// demand is said again. The proxy calls it ten times a second.
func (g *Group) Tick(now time.Time) {
	b := g.board
	b.lock.Lock()
	for _, in := range g.members {
		in.undrain(now, &g.settings, func(d *Drain) bool { return d.over(now) })
		if in.gate.Load()&gateRamp != 0 && in.part(now, &g.settings) == wholeShare {
			in.gateSet(gateRamp, false)
		}
	}
	if busy, begun := g.activity(); busy || begun != b.begun || b.activeAt.IsZero() {
		b.activeAt, b.begun = now, begun
	}
	b.lock.Unlock()
	if b.held.Load() > 0 {
		b.want(now)
	}
	g.Poll(now)
}

// activity says whether anything is in flight or waits, and how many uses have
// begun so far.
func (g *Group) activity() (busy bool, begun uint64) {
	busy = g.board.waiting.Load() > 0 || g.board.held.Load() > 0
	for _, list := range [...][]*Instance{g.members, g.removed} {
		for _, in := range list {
			busy = busy || in.InFlight() > 0
			begun += in.Requests()
		}
	}
	return busy, begun
}

// IdleSince is when the last request had gone, as exactly as there are ticks;
// zero while there is one, and before the first tick.
func (g *Group) IdleSince() time.Time {
	b := g.board
	b.lock.Lock()
	defer b.lock.Unlock()
	if busy, begun := g.activity(); busy || begun != b.begun {
		return time.Time{}
	}
	return b.activeAt
}
