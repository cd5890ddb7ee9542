package balance

import (
	"math/rand"
	"slices"
	"testing"
	"time"
)

// history is one random run of loops that take, wait, leave, end, drain and
// reload, with what must hold after each step.
type history struct {
	*testing.T
	seed    int64
	rnd     *rand.Rand
	now     time.Time
	group   *Group
	most    int
	open    []use
	waiting []*walker
	// standing are those who stand by.
	standing []*walker
	count    map[*Instance]int
	serial   int
	woken    []*walker
}

type use struct {
	group *Group
	in    *Instance
}

// walker is a waiter of a history.
type walker struct {
	h      *history
	serial int
	group  *Group
	ticket Ticket
	place  Place
}

func (w *walker) Wake() { w.h.woken = append(w.h.woken, w) }

func (h *history) began(g *Group, in *Instance) {
	h.open = append(h.open, use{g, in})
	h.count[in]++
	if in.gate.Load()&gateShut != 0 || h.group.Paused() {
		h.Fatalf("seed %d: %s was taken with its gate at %b, paused %t", h.seed, in.ID, in.gate.Load(), h.group.Paused())
	}
	if h.most > 0 && in.InFlight() > h.most {
		h.Fatalf("seed %d: %s has %d in flight, at most %d may be", h.seed, in.ID, in.InFlight(), h.most)
	}
}

func (h *history) tried() []*Instance {
	if h.rnd.Intn(3) > 0 {
		return nil
	}
	return []*Instance{h.group.members[h.rnd.Intn(len(h.group.members))]}
}

func (h *history) settings() Settings {
	h.most = h.rnd.Intn(4)
	return Settings{
		Passive: Passive{MaxFails: h.rnd.Intn(3), FailTimeout: 5 * time.Second}, Method: Method(h.rnd.Intn(3)),
		Active:      Active{Rise: 1 + h.rnd.Intn(2), Fall: 1 + h.rnd.Intn(2)},
		MaxInFlight: h.most, Queue: h.rnd.Intn(6),
		Hold: time.Duration(h.rnd.Intn(2)) * time.Second, SlowStart: time.Duration(h.rnd.Intn(2)) * 10 * time.Second,
	}
}

func (h *history) step() {
	h.now = h.now.Add(time.Duration(h.rnd.Intn(1500)) * time.Millisecond)
	switch h.rnd.Intn(12) {
	case 10:
		h.mark()
	case 11:
		h.stand()
	case 0:
		h.group = NewGroup(h.settings(), members(1+h.rnd.Intn(5)), h.group)
		h.group.TakeOver(h.now)
	case 1:
		if id := string(rune('a' + h.rnd.Intn(5))); h.rnd.Intn(2) == 0 {
			h.group.Drain(h.now, id, "test", time.Time{})
		} else {
			h.group.Undrain(h.now, id, "")
		}
	case 2, 3, 4, 5:
		w := &walker{h: h, group: h.group, serial: h.serial}
		w.ticket = Ticket{Waker: w, Tried: h.tried()}
		h.serial++
		if in, room := h.group.Take(h.now, w.ticket.Tried); room == Taken {
			h.began(h.group, in)
		} else {
			h.waiting = append(h.waiting, w)
			if w.place = h.group.Wait(h.now, &w.ticket); w.place == Refused {
				h.waiting = h.waiting[:len(h.waiting)-1]
			}
		}
	case 6:
		if n := len(h.waiting); n > 0 {
			i := h.rnd.Intn(n)
			w := h.waiting[i]
			h.waiting = slices.Delete(h.waiting, i, i+1)
			w.group.Leave(h.now, &w.ticket)
		}
	default:
		if n := len(h.open); n > 0 {
			h.end(h.rnd.Intn(n))
		}
	}
	h.group.Poll(h.now)
	h.settle()
}

// mark is something that somebody says of an instance, or of all.
func (h *history) mark() {
	id := string(rune('a' + h.rnd.Intn(5)))
	switch h.rnd.Intn(5) {
	case 0:
		h.group.Drain(h.now, id, "lease", h.now.Add(2*time.Second))
	case 1:
		h.group.Pause(h.now, h.rnd.Intn(3) == 0)
	case 2:
		h.group.Probed(h.now, id, h.rnd.Intn(2) == 0, "probe")
	default:
		states := []UnitState{UnitUnknown, UnitStarting, UnitUp, UnitUp, UnitStopped, UnitDown}
		h.group.Report(h.now, id, states[h.rnd.Intn(len(states))], "unit")
	}
	h.group.Tick(h.now)
}

// stand has somebody stand by or go, or wait on as one who is held.
func (h *history) stand() {
	switch n := len(h.standing); {
	case h.rnd.Intn(2) == 0 && len(h.waiting) > 0:
		w := h.waiting[h.rnd.Intn(len(h.waiting))]
		if w.group.Remain(h.now, &w.ticket) {
			w.place = Held
		}
	case n > 3 || n > 0 && h.rnd.Intn(2) == 0:
		w := h.standing[n-1]
		h.standing = h.standing[:n-1]
		w.group.Leave(h.now, &w.ticket)
	default:
		w := &walker{h: h, group: h.group}
		if h.group.StandBy(h.now, &w.ticket) {
			h.standing = append(h.standing, w)
		}
	}
}

func (h *history) end(i int) {
	u := h.open[i]
	h.open = slices.Delete(h.open, i, i+1)
	h.count[u.in]--
	u.group.End(h.now, u.in, Outcome(h.rnd.Intn(3)), "why not")
}

// settle takes the grants, and holds what is left against the rules.
func (h *history) settle() {
	last := -1
	for _, w := range h.woken {
		in := w.group.Granted(&w.ticket)
		if in == nil {
			continue
		}
		h.began(w.group, in)
		h.waiting = slices.DeleteFunc(h.waiting, func(o *walker) bool { return o == w })
		if len(w.ticket.Tried) > 0 {
			continue // may have stood aside, or found what others do not want
		}
		for _, o := range h.waiting {
			if o.serial < w.serial && len(o.ticket.Tried) == 0 && o.ticket.granted.Load() == nil {
				h.Fatalf("seed %d: %d was granted before %d, which waits longer", h.seed, w.serial, o.serial)
			}
		}
		if w.serial < last {
			h.Fatalf("seed %d: %d was woken after %d", h.seed, w.serial, last)
		}
		last = w.serial
	}
	h.woken = h.woken[:0]
	held := len(h.standing)
	for _, w := range h.waiting {
		if w.place == Held {
			held++
		}
	}
	if got, want := h.group.Waiting(), len(h.waiting)+len(h.standing)-held; got != want {
		h.Fatalf("seed %d: %d wait, want %d", h.seed, got, want)
	}
	if got := h.group.Held(); got != held {
		h.Fatalf("seed %d: %d are held, want %d", h.seed, got, held)
	}
	for _, w := range h.waiting {
		if h.group.room(h.now, w.ticket.Tried) == Taken {
			h.Fatalf("seed %d: %d waits, and there is room", h.seed, w.serial)
		}
	}
	for in, n := range h.count {
		if in.InFlight() != n {
			h.Fatalf("seed %d: %s has %d in flight, want %d", h.seed, in.ID, in.InFlight(), n)
		}
	}
}

func TestHistories(t *testing.T) {
	for seed := range int64(200) {
		h := &history{T: t, seed: seed, rnd: rand.New(rand.NewSource(seed)), now: start, count: map[*Instance]int{}}
		h.group = NewGroup(h.settings(), members(1+h.rnd.Intn(5)), nil)
		for range 400 {
			h.step()
		}
		for _, w := range h.standing {
			w.group.Leave(h.now, &w.ticket)
		}
		h.standing = nil
		h.group.Pause(h.now, false)
		for len(h.open)+len(h.waiting) > 0 {
			for _, in := range h.group.members {
				h.group.Undrain(h.now, in.ID, "")
				h.group.Report(h.now, in.ID, UnitUp, "")
			}
			h.group.Poll(h.now)
			h.settle()
			if len(h.open) > 0 {
				h.end(0)
				continue
			}
			// Who is left has tried all that there is.
			for _, w := range h.waiting {
				w.group.Leave(h.now, &w.ticket)
			}
			h.waiting = nil
		}
		for in := range h.count {
			if in.InFlight() != 0 {
				t.Fatalf("seed %d: %s has %d in flight at the end, want 0", seed, in.ID, in.InFlight())
			}
		}
	}
}
