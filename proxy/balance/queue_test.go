package balance

import (
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
	s.Hold, s.SlowStart = time.Second, time.Second
	current := new(atomic.Pointer[Group])
	current.Store(NewGroup(s, members(2), nil))
	first := current.Load()
	inside := map[*Instance]*atomic.Int32{}
	for _, in := range first.members {
		inside[in] = new(atomic.Int32)
	}
	var running, marking sync.WaitGroup
	done := make(chan struct{})
	marking.Go(func() { markUntil(done, current) })
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
	close(done)
	marking.Wait()
	for _, in := range first.members {
		if in.InFlight() != 0 || first.Waiting() != 0 {
			t.Errorf("%s has %d in flight and %d wait, want none", in.ID, in.InFlight(), first.Waiting())
		}
	}
}

// markUntil says this and that of the instances, as the control API does, and
// never leaves it at that.
func markUntil(done <-chan struct{}, current *atomic.Pointer[Group]) {
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		g, id := current.Load(), string(rune('a'+i%2))
		g.Drain(start, id, "test", time.Time{})
		g.Each(start, func(in *Instance, _ View) { g.Marks(in.ID) })
		g.Report(start, id, UnitStopped, "")
		g.Pause(start, i%5 == 0)
		g.Tick(start)
		g.Undrain(start, id, "test")
		g.Probed(start, id, i%3 > 0, "")
		g.Report(start, id, UnitUp, "")
		g.IdleSince()
		g.Pause(start, false)
		// A reload may have come between.
		g = current.Load()
		g.Undrain(start, id, "")
		g.Report(start, id, UnitUp, "")
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
