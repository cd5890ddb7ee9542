package balance

import (
	"math/rand"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// waiter is somebody with a ticket, who notes in a common list that he was
// woken.
type waiter struct {
	name   string
	ticket Ticket
	woken  *[]string
}

func (w *waiter) Wake() { *w.woken = append(*w.woken, w.name) }

// line makes waiters by name, who join one after the other.
func line(t *testing.T, g *Group, names string) (map[string]*waiter, *[]string) {
	t.Helper()
	woken := &[]string{}
	all := map[string]*waiter{}
	for _, name := range strings.Fields(names) {
		w := &waiter{name: name, woken: woken}
		w.ticket.Waker = w
		if g.Wait(start, &w.ticket) == Refused {
			t.Fatalf("the queue took no %s", name)
		}
		all[name] = w
	}
	return all, woken
}

func wantWoken(t *testing.T, woken *[]string, want string) {
	t.Helper()
	if got := strings.Join(*woken, " "); got != want {
		t.Errorf("woken: %q, want %q", got, want)
	}
}

func TestARoomThatIsMadeGoesToWhoWaitedLongest(t *testing.T) {
	g := NewGroup(limited(1, 3), members(2), nil)
	takes(g, 2)
	all, woken := line(t, g, "first second third")
	if g.Wait(start, &Ticket{}) != Refused {
		t.Error("a queue of three took a fourth")
	}
	wantWoken(t, woken, "")
	b := member(t, g, "b")
	g.End(start, b, Answered, "")
	wantWoken(t, woken, "first")
	if got := g.Granted(&all["first"].ticket); got != b {
		t.Errorf("first got %v, want b", got)
	}
	if got := g.Granted(&all["first"].ticket); got != nil {
		t.Errorf("a grant is there twice: %s", got.ID)
	}
	g.End(start, member(t, g, "a"), Failed, "connection reset")
	wantWoken(t, woken, "first")
	g.End(start, b, Answered, "")
	wantWoken(t, woken, "first second")
	if got, want := g.Waiting(), 1; got != want {
		t.Errorf("%d wait, want %d", got, want)
	}
}

func TestNobodyJumpsTheQueue(t *testing.T) {
	g := NewGroup(limited(1, 3), members(2), nil)
	takes(g, 2)
	_, woken := line(t, g, "first")
	g.Drain(start, "a", "test", time.Time{})
	g.End(start, member(t, g, "a"), Answered, "")
	member(t, g, "a").gateSet(gateDrained, false) // an undrain that has not polled yet
	if got, want := takes(g, 1), "full"; got != want {
		t.Errorf("there is room, but somebody waits for it: took %s, want %s", got, want)
	}
	g.Poll(start)
	wantWoken(t, woken, "first")
}

func TestRoomThatWasMadeBeforeTheTicketWasSeen(t *testing.T) {
	g := NewGroup(limited(1, 1), members(1), nil)
	takes(g, 1)
	if got := takes(g, 1); got != "full" {
		t.Fatalf("took %s, want full", got)
	}
	g.End(start, member(t, g, "a"), Answered, "") // between Take and Wait
	_, woken := line(t, g, "first")
	wantWoken(t, woken, "first")
}

func TestLeaving(t *testing.T) {
	g := NewGroup(limited(1, 9), members(1), nil)
	takes(g, 1)
	a := member(t, g, "a")
	all, woken := line(t, g, "first second third fourth")
	g.Leave(start, &all["second"].ticket)
	g.End(start, a, Answered, "")
	wantWoken(t, woken, "first")
	g.Leave(start, &all["first"].ticket) // with its grant, which is passed on
	wantWoken(t, woken, "first third")
	g.Leave(start, &all["first"].ticket) // a free ticket
	g.Leave(start, &all["fourth"].ticket)
	g.End(start, g.Granted(&all["third"].ticket), Answered, "")
	if a.InFlight() != 0 || g.Waiting() != 0 {
		t.Errorf("%d in flight and %d waiting, want none", a.InFlight(), g.Waiting())
	}
}

func TestWhoTriedTheOnlyRoomStandsAside(t *testing.T) {
	g := NewGroup(limited(1, 9), members(2), nil)
	takes(g, 2)
	a, b := member(t, g, "a"), member(t, g, "b")
	woken := &[]string{}
	picky := &waiter{name: "picky", woken: woken}
	picky.ticket = Ticket{Waker: picky, Tried: []*Instance{a}}
	g.Wait(start, &picky.ticket)
	all, _ := line(t, g, "second")
	all["second"].woken = woken
	g.End(start, a, Answered, "")
	wantWoken(t, woken, "second")
	g.End(start, b, Answered, "")
	wantWoken(t, woken, "second picky")
}

func TestAReloadKeepsTheQueue(t *testing.T) {
	old := NewGroup(limited(1, 9), members(2), nil)
	takes(old, 2)
	all, woken := line(t, old, "first second third")

	rejected := NewGroup(limited(5, 9), members(2), old)
	old.Poll(start)
	wantWoken(t, woken, "") // rejected never took over
	_ = rejected

	raised := NewGroup(limited(2, 9), members(3), old)
	raised.TakeOver(start)
	wantWoken(t, woken, "first second third")
	var got []string
	for _, name := range []string{"first", "second", "third"} {
		// The waiters know the group that they began with.
		got = append(got, old.Granted(&all[name].ticket).ID)
	}
	slices.Sort(got)
	if got, want := strings.Join(got, " "), "a b c"; got != want {
		t.Errorf("granted %s, want %s", got, want)
	}

	removed := NewGroup(limited(1, 1), members(1), raised)
	removed.TakeOver(start)
	if got, want := takes(old, 1), "full"; got != want {
		t.Errorf("an exchange of the first config took %s, want %s: only a is left, over its new bound", got, want)
	}
	_, woken = line(t, old, "fourth")
	old.End(start, member(t, raised, "c"), Answered, "")
	old.End(start, member(t, raised, "a"), Answered, "")
	wantWoken(t, woken, "")
	old.End(start, member(t, raised, "a"), Answered, "")
	wantWoken(t, woken, "fourth")
}

func TestABigBatchIsGrantedInOrder(t *testing.T) {
	g := NewGroup(limited(1, 99), members(1), nil)
	takes(g, 1)
	var names []string
	for i := range 50 {
		names = append(names, string(rune('A'+i)))
	}
	_, woken := line(t, g, strings.Join(names, " "))
	NewGroup(limited(0, 99), members(1), g).TakeOver(start)
	wantWoken(t, woken, strings.Join(names, " "))
}

func TestTimeThatPassesMakesRoom(t *testing.T) {
	g := NewGroup(limited(1, 9), members(2), nil)
	fail(t, g, start, "b")
	takes(g, 1)
	_, woken := line(t, g, "first")
	g.Poll(start.Add(9 * time.Second))
	wantWoken(t, woken, "")
	g.Poll(start.Add(11 * time.Second))
	wantWoken(t, woken, "first")
}

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

// bell is a waiter on a goroutine of its own.
type bell chan struct{}

func (b bell) Wake() {
	select {
	case b <- struct{}{}:
	default:
	}
}

func TestLoopsAtOnce(t *testing.T) {
	const loops, exchanges, most = 4, 2000, 1
	s := limited(most, loops)
	s.Method, s.Lock = LeastInFlight, new(sync.Mutex)
	current := new(atomic.Pointer[Group])
	current.Store(NewGroup(s, members(2), nil))
	first := current.Load()
	inside := map[*Instance]*atomic.Int32{}
	for _, in := range first.members {
		inside[in] = new(atomic.Int32)
	}
	var running sync.WaitGroup
	for range loops {
		running.Go(func() {
			ring := make(bell, 1)
			ticket := &Ticket{Waker: ring}
			for i := range exchanges {
				g := current.Load()
				in, room := g.Take(start, nil)
				for room != Taken {
					if g.Wait(start, ticket) == Refused {
						t.Error("a queue with a place for each loop was full")
						return
					}
					if i%7 == 0 { // gives up, and begins again
						g.Leave(start, ticket)
						in, room = g.Take(start, nil)
						continue
					}
					if in = g.Granted(ticket); in == nil {
						select {
						case <-ring:
						case <-time.After(10 * time.Second):
							t.Error("nobody was woken in ten seconds")
							return
						}
						in = g.Granted(ticket)
					}
					if in == nil { // an old ring
						g.Leave(start, ticket)
						in, room = g.Take(start, nil)
						continue
					}
					room = Taken
				}
				if n := inside[in].Add(1); n > most {
					t.Errorf("%d exchanges at once on %s, at most %d may be", n, in.ID, most)
				}
				if i%500 == 0 {
					next := NewGroup(s, members(2), g)
					next.TakeOver(start)
					current.Store(next)
				}
				inside[in].Add(-1)
				g.End(start, in, Answered, "")
			}
		})
	}
	running.Wait()
	for _, in := range first.members {
		if in.InFlight() != 0 || first.Waiting() != 0 {
			t.Errorf("%s has %d in flight and %d wait, want none", in.ID, in.InFlight(), first.Waiting())
		}
	}
}

func TestALoopOfFewIsServedAsOften(t *testing.T) {
	// Ten clients on one loop and one on another, who queue again as soon as
	// they were served: everybody has every eleventh turn.
	g := NewGroup(limited(1, 99), members(1), nil)
	takes(g, 1)
	a := member(t, g, "a")
	all, woken := line(t, g, "busy0 busy1 busy2 lone busy3 busy4 busy5 busy6 busy7 busy8 busy9")
	served := map[string]int{}
	for range 1100 {
		g.End(start, a, Answered, "")
		w := all[(*woken)[len(*woken)-1]]
		g.Granted(&w.ticket)
		served[w.name]++
		g.Wait(start, &w.ticket)
	}
	for name := range all {
		if served[name] != 100 {
			t.Errorf("%s was served %d times of 1100, want 100", name, served[name])
		}
	}
}
