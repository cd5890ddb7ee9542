package engine

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/loop"
)

// oneSeed replays one simulation, and says what happens in it; seeds is how
// many are run otherwise.
var (
	oneSeed = flag.Uint64("seed", 0, "the one simulation to run, with a trace")
	seeds   = flag.Uint64("seeds", 200, "how many simulations to run")
)

// TestSimulation runs whole exchanges between clients and instances that do
// what a seed says: split and delay everything, die, stall, lie. What must
// hold all the same is in the checks of simulatedClient, simulatedInstance and
// finish.
func TestSimulation(t *testing.T) {
	first, last := uint64(1), *seeds
	if *oneSeed != 0 {
		first, last = *oneSeed, *oneSeed
	}
	for seed := first; seed <= last; seed++ {
		s := newSimulation(t, seed)
		s.run()
		if *oneSeed != 0 {
			t.Log(s.trace.String())
		}
		for _, problem := range s.problems {
			t.Errorf("seed %d: %s", seed, problem)
		}
		if len(s.problems) > 0 {
			t.Fatalf("to see it again: go test ./proxy/engine -run TestSimulation -v -seed %d", seed)
		}
	}
}

// simulation is one run. Whatever it decides it draws from its own source, in
// one thread: the same seed is the same run.
type simulation struct {
	*clock
	t    testing.TB
	rng  *rand.Rand
	plan *plan
	// calm: nobody dies, lies or stalls, so that every request must have its
	// right answer.
	calm bool

	engine    *Engine
	scripts   []*script
	listeners []*listener

	clients   []*simulatedClient
	instances []*simulatedInstance
	exchanges map[string]*simulated
	ids       int
	// chosen is how many exchanges had an instance when it was last marked,
	// and were not connected to it yet: in a moment they will be.
	chosen map[string]int
	// refusing: nobody listens, for a while.
	refusing bool
	// ending: what began comes to its end, nothing new begins.
	ending bool

	problems []string
	trace    strings.Builder
}

// simulated is one request with the answer that it is to have.
type simulated struct {
	id     string
	method string
	minor  int
	// size is the body's, chunked its framing.
	size             int
	chunked, expects bool
	upgrade          bool
	closes           bool
	// reached is how often an instance got it, or part of it.
	reached int
	// begins, head and ends are where it stands in what its client sends.
	begins, head, ends int
	// answered: the client has its answer whole; status is which.
	answered bool
	status   int
	// spoiled: it is no legal request; excused: the answer before it was the
	// connection's last.
	spoiled, excused bool
}

func newSimulation(t testing.TB, seed uint64) *simulation {
	s := &simulation{
		clock: newClock(), t: t, rng: rand.New(rand.NewPCG(seed, 17)), plan: newPlan(),
		calm: seed%5 == 0, exchanges: map[string]*simulated{}, chosen: map[string]int{},
	}
	for i := range 1 + s.rng.IntN(4) {
		s.plan.instances = append(s.plan.instances[:i], fmt.Sprintf("app@%d", 1+i))
	}
	s.plan.settings.Seed = seed
	s.plan.settings.Method = balance.Method(s.rng.IntN(3))
	s.plan.settings.Active = balance.Active{Rise: 1, Fall: 1 + s.rng.IntN(2)}
	if s.once(2) {
		s.plan.settings.SlowStart = time.Duration(s.rng.IntN(10)) * time.Second
	}
	if s.once(2) {
		s.plan.settings.Lock = queueLock()
		s.plan.settings.Hold = time.Duration(1+s.rng.IntN(20)) * time.Second
		if s.calm {
			s.plan.settings.Hold = time.Hour
		}
	}
	if s.rng.IntN(2) == 0 {
		s.plan.settings.Lock = queueLock()
		s.plan.settings.MaxInFlight = 1 + s.rng.IntN(2)
		s.plan.settings.Queue = s.rng.IntN(6)
		if s.calm {
			s.plan.settings.Queue = 1000
		}
	}
	s.plan.app.RequestBuffer = s.rng.IntN(3) == 0
	s.plan.dial.Keepalive = s.rng.IntN(3)
	out := io.Writer(io.Discard)
	if *oneSeed != 0 {
		out = &s.trace
	}
	s.engine = newTestEngine(s.plan.compile(t, nil), slog.New(slog.NewTextHandler(out, nil)))
	for range 1 + s.rng.IntN(2) {
		d := newScript(s.clock)
		w := newTestWorker(s.engine, d)
		w.dial = func(p *pool, b *backend) errno { return s.dial(d, p, b) }
		s.scripts = append(s.scripts, d)
		l := &listener{worker: w, name: "web", sites: s.engine.snap.Listeners["web"]}
		s.listeners = append(s.listeners, l)
		w.listeners = append(w.listeners, l)
	}
	return s
}

func (s *simulation) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
	s.note("PROBLEM "+format, args...)
}

func (s *simulation) note(format string, args ...any) {
	if *oneSeed != 0 {
		fmt.Fprintf(&s.trace, "%v  ", time.Duration(s.now)-time.Hour)
		fmt.Fprintf(&s.trace, format+"\n", args...)
	}
}

// once is true one time in n.
func (s *simulation) once(n int) bool { return s.rng.IntN(n) == 0 }

// fault is once, where the simulation is not calm.
func (s *simulation) fault(n int) bool { return s.once(n) && !s.calm && !s.ending }

// some is a number up to n, small ones more often.
func (s *simulation) some(n int) int {
	return s.rng.IntN(1 + s.rng.IntN(n+1))
}

func (s *simulation) run() {
	defer func() {
		if p := recover(); p != nil {
			s.problem("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for i := range 2 + s.rng.IntN(5) {
		s.newClient(i)
	}
	for range 150 + s.rng.IntN(300) {
		s.act()
		if len(s.problems) > 0 {
			return
		}
	}
	s.finish()
}

// act is one step of somebody, or of the loops, or of time.
func (s *simulation) act() {
	switch n := s.rng.IntN(100); {
	case n < 40:
		s.clients[s.rng.IntN(len(s.clients))].act()
	case n < 65 && len(s.instances) > 0:
		s.instances[s.rng.IntN(len(s.instances))].act()
	case n < 90:
		s.turn()
	case n < 97:
		s.pass(time.Duration(s.rng.IntN(20)) * time.Millisecond)
	case n == 97 && s.plan.settings.Hold > 0 && s.once(2):
		s.refusing = !s.refusing
		s.note("all refuse: %t", s.refusing)
	case n == 97 && !s.calm:
		s.pass(time.Duration(s.rng.IntN(70)) * time.Second)
	case n == 98:
		s.swap()
	case s.once(2):
		s.move(time.Millisecond)
		s.carry()
	default:
		s.mark()
	}
}

// turn is a turn of one of the loops.
func (s *simulation) turn() bool {
	d := s.scripts[s.rng.IntN(len(s.scripts))]
	busy := d.turn()
	s.checkWaits(d.worker)
	return busy
}

// turns lets the loops go on until they have nothing to do, and says whether
// they had.
func (s *simulation) turns() (any bool) {
	for range 10_000 {
		busy := false
		for _, d := range s.scripts {
			busy = d.turn() || busy
			s.checkWaits(d.worker)
		}
		if !busy {
			return any
		}
		any = true
	}
	s.problem("the loops do not come to rest")
	return false
}

// pass lets time pass; what falls due in it happens when it is due.
func (s *simulation) pass(d time.Duration) {
	for end := s.now + loop.Instant(d); s.now < end && len(s.problems) == 0; {
		next := end
		for _, d := range s.scripts {
			next = min(next, max(d.next, s.now+1))
		}
		s.move(time.Duration(next - s.now))
		s.turns()
	}
}

// swap serves by another config: instances come and go.
func (s *simulation) swap() {
	next := *s.plan
	app := *s.plan.app
	next.app = &app
	if s.calm {
		next.instances = append([]string(nil), next.instances...)
	} else if n := 1 + s.rng.IntN(4); true {
		next.instances = nil
		for i := range n {
			next.instances = append(next.instances, fmt.Sprintf("app@%d", 1+i))
		}
	}
	next.dial.Keepalive = s.rng.IntN(3)
	next.app.RequestBuffer = s.once(3)
	s.note("swap: %v, keepalive %d", next.instances, next.dial.Keepalive)
	snap := next.compile(s.t, s.engine.snap)
	s.plan, s.engine.snap = &next, snap
	for _, d := range s.scripts {
		d.Post(func() { d.worker.serveBy(snap) })
	}
}

// carry takes a connection out of one loop, as bytes, and to another.
func (s *simulation) carry() {
	from, to := s.scripts[s.rng.IntN(len(s.scripts))], s.scripts[s.rng.IntN(len(s.scripts))]
	list := &from.worker.busy
	if s.once(3) {
		list = &from.worker.idle
	}
	if list.n == 0 {
		return
	}
	c := list.first
	for range s.rng.IntN(list.n) {
		c = c.next
	}
	at := c.step
	f, ok := from.worker.freeze(c)
	if !ok {
		return
	}
	f.client.(*memory).goTo(to)
	if f.instance != nil {
		f.instance.(*memory).goTo(to)
	}
	to.Post(func() {
		err := to.worker.thaw(f)
		s.note("carried a connection in step %s: %v", at, err)
		if err != nil && s.calm {
			s.problem("a connection in step %s was not thawed: %v", at, err)
		}
		if err != nil {
			// Its instance is in no config any more.
			for _, c := range s.clients {
				c.last = c.last || stream(c.conn) == f.client
			}
		}
	})
}

// checkWaits finds connections that wait for nothing, or could go on.
func (s *simulation) checkWaits(w *worker) {
	for _, list := range []*clientList{&w.idle, &w.busy} {
		n := 0
		for c := list.first; c != nil; c = c.next {
			n++
			if why := stuck(c); why != "" {
				s.problem("a connection is stuck in step %s: %s", c.step, why)
			}
		}
		if n != list.n {
			s.problem("a list of %d connections counts %d", n, list.n)
		}
	}
}

// finish brings all to its end and looks at what is left.
func (s *simulation) finish() {
	s.note("ending")
	s.ending = true
	s.unmark()
	// Every timeout of the plan has come several times over by the end.
	for range 40 {
		for range 200 {
			busy := false
			for _, c := range s.clients {
				busy = c.wrapUp() || busy
			}
			for i := 0; i < len(s.instances); i++ {
				busy = s.instances[i].wrapUp() || busy
			}
			busy = s.turns() || busy
			if !busy || len(s.problems) > 0 {
				break
			}
		}
		s.pass(10 * time.Second)
		if len(s.problems) > 0 {
			return
		}
	}
	for _, c := range s.clients {
		c.judge()
		c.conn.leave()
	}
	s.turns()
	s.pass(time.Hour)
	s.checkEnd()
}

// checkEnd finds what was not given back.
func (s *simulation) checkEnd() {
	for _, d := range s.scripts {
		for _, problem := range leaks(d.worker) {
			s.problem("%s", problem)
		}
	}
	g := s.engine.snap.Upstreams[0].Group
	g.Each(s.wall, func(in *balance.Instance, v balance.View) {
		if in.InFlight() != 0 {
			s.problem("%s (%s) has %d in flight", in.ID, v.State, in.InFlight())
		}
	})
	if g.Waiting() != 0 || g.Held() != 0 {
		s.problem("%d wait in the queue, and %d are held", g.Waiting(), g.Held())
	}
	for _, x := range s.exchanges {
		allowed := 1
		if balance.Idempotent(x.method) {
			allowed = 2
		}
		if x.reached > allowed {
			s.problem("%s %s reached instances %d times", x.method, x.id, x.reached)
		}
		if s.calm && !x.answered && !x.excused {
			s.problem("%s %s has no answer, and nothing went wrong", x.method, x.id)
		}
	}
}

// dial is a worker's way to an instance.
func (s *simulation) dial(d *script, p *pool, b *backend) errno {
	if s.fault(40) {
		return syscall.EMFILE
	}
	s.checkPick(p.instance)
	if s.fault(12) || s.refusing && !s.ending {
		s.note("%s refuses", p.instance.ID)
		return syscall.ECONNREFUSED
	}
	m := d.newStream()
	b.stream = m
	in := &simulatedInstance{s: s, id: p.instance.ID, conn: m}
	s.instances = append(s.instances, in)
	in.name = fmt.Sprintf("%s/%d", in.id, len(s.instances))
	s.note("%s is connected to", in.name)
	if s.once(2) {
		m.room = 1 + s.some(5000)
	}
	if s.once(2) {
		m.connecting = true
		return syscall.EINPROGRESS
	}
	return 0
}

// text is n bytes that tell whose they are at any place.
func text(kind, id string, at, n int) []byte {
	unit := kind + id + ";"
	b := make([]byte, 0, n+2*len(unit))
	for off := at - at%len(unit); off < at+n; off += len(unit) {
		b = append(b, unit...)
	}
	b = b[at%len(unit):]
	return b[:n]
}

// peerAddress is a client's.
func peerAddress(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + i)}) }
