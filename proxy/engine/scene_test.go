package engine

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/snapshot"
)

// scene is one worker with clients and instances that do what the test says.
// Its verbs let everything happen that can, before they return.
type scene struct {
	testing.TB
	*clock
	engine   *Engine
	worker   *worker
	script   *script
	listener *listener
	plan     *plan
	log      bytes.Buffer

	// client and instance are the connections that the verbs speak of: the
	// last that were made.
	client, instance *party
	parties          []*party
	// refuses are instances that cannot be connected to, and why; hangs those
	// whose connects do not come to an end.
	refuses map[string]errno
	hangs   map[string]bool
	dials   int
	// busyElsewhere is how many uses of instances are none of the worker's.
	busyElsewhere int
}

// party is the test's end of one connection.
type party struct {
	name string
	*memory
	// got is what has come and was not asked for yet.
	got []byte
	// slow parties read when the test says so.
	slow bool
}

func newScene(t testing.TB, changes ...func(*plan)) *scene {
	t.Helper()
	x := &scene{TB: t, clock: newClock(), plan: newPlan(), refuses: map[string]errno{}, hangs: map[string]bool{}}
	for _, change := range changes {
		change(x.plan)
	}
	log := slog.New(slog.NewTextHandler(&x.log, nil))
	x.engine = newTestEngine(x.plan.compile(t, nil), log)
	x.script = newScript(x.clock)
	x.worker = newTestWorker(x.engine, x.script)
	x.worker.dial = x.dial
	x.listener = &listener{worker: x.worker, name: "web", sites: x.engine.snap.Listeners["web"]}
	x.worker.listeners = append(x.worker.listeners, x.listener)
	t.Cleanup(func() {
		if t.Failed() && x.log.Len() > 0 {
			t.Logf("log:\n%s", &x.log)
		}
	})
	return x
}

func newTestEngine(s *snapshot.Snapshot, log *slog.Logger) *Engine {
	e := &Engine{log: log, access: accesslog.New(log), snap: s, files: 1 << 20, aside: loop.NewAside(asideAtOnce, asideQueue)}
	e.perClient.conns = map[netip.Addr]int{}
	e.setLimits(nil, s)
	return e
}

// newTestWorker is a worker whose request ids are always the same.
func newTestWorker(e *Engine, s *script) *worker {
	w := newWorker(e, s)
	w.ids = rand.NewPCG(1, 2)
	s.worker = w
	e.workers = append(e.workers, w)
	return w
}

// dial is the worker's way to an instance.
func (x *scene) dial(p *pool, b *backend) errno {
	x.dials++
	id := p.instance.ID
	if e := x.refuses[id]; e != 0 {
		return e
	}
	m := x.script.newStream()
	b.stream = m
	x.instance = &party{name: id, memory: m}
	x.parties = append(x.parties, x.instance)
	if x.hangs[id] {
		m.connecting = true
		return syscall.EINPROGRESS
	}
	return 0
}

// settle takes turns until nothing happens any more.
func (x *scene) settle() {
	x.Helper()
	const enough = 10_000
	for range enough {
		busy := x.script.turn()
		for _, p := range x.parties {
			if !p.slow && len(p.out) > 0 {
				p.got = append(p.got, p.take(len(p.out))...)
				busy = true
			}
		}
		if !busy && !x.script.awaitDisk() {
			for _, list := range []*clientList{&x.worker.idle, &x.worker.busy} {
				for c := list.first; c != nil; c = c.next {
					if why := stuck(c); why != "" {
						x.Errorf("a connection is stuck in step %s: %s", c.step, why)
					}
				}
			}
			return
		}
	}
	x.Fatalf("after %d turns there is still something to do", enough)
}

// after lets time pass; what falls due in it happens when it is due.
func (x *scene) after(d time.Duration) {
	x.Helper()
	for end := x.now + loop.Instant(d); x.now < end; {
		step := min(end, max(x.script.next, x.now+1)) - x.now
		x.move(time.Duration(step))
		x.settle()
	}
}

// crlf lets tests write line ends as \n.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// connects makes another client, from an address of its own.
func (x *scene) connects() *party {
	x.Helper()
	return x.connectsFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + len(x.parties))}))
}

func (x *scene) connectsFrom(peer netip.Addr) *party {
	x.Helper()
	m := x.script.newStream()
	x.client = &party{name: "the client", memory: m}
	x.parties = append(x.parties, x.client)
	x.script.Post(func() { x.worker.accepted(x.worker.newClient(), x.listener, m, peer) })
	x.settle()
	return x.client
}

// clientSends sends a text with \n for CRLF; the first makes the connection.
func (x *scene) clientSends(text string) {
	x.Helper()
	x.clientSendsRaw(crlf(text))
}

func (x *scene) clientSendsRaw(text string) {
	x.Helper()
	if x.client == nil {
		x.connects()
	}
	x.client.deliver([]byte(text))
	x.settle()
}

func (x *scene) clientHalfCloses() { x.Helper(); x.client.finish(); x.settle() }
func (x *scene) clientLeaves()     { x.Helper(); x.client.leave(); x.settle() }
func (x *scene) clientResets()     { x.Helper(); x.client.breakDown(syscall.ECONNRESET); x.settle() }

func (x *scene) instanceSends(text string) {
	x.Helper()
	x.instanceSendsRaw(crlf(text))
}

func (x *scene) instanceSendsRaw(text string) {
	x.Helper()
	if x.instance == nil {
		x.Fatal("no instance was connected to")
	}
	x.instance.deliver([]byte(text))
	x.settle()
}

func (x *scene) instanceHalfCloses() { x.Helper(); x.instance.finish(); x.settle() }
func (x *scene) instanceCloses()     { x.Helper(); x.instance.leave(); x.settle() }
func (x *scene) instanceResets()     { x.Helper(); x.instance.breakDown(syscall.ECONNRESET); x.settle() }
func (x *scene) instanceAccepts()    { x.Helper(); x.instance.connected(); x.settle() }

// reads is a slow party that takes n bytes.
func (x *scene) reads(p *party, n int) {
	x.Helper()
	p.got = append(p.got, p.take(n)...)
	x.settle()
}

// swap serves by another plan from now on.
func (x *scene) swap(change func(*plan)) {
	x.Helper()
	next := *x.plan
	app := *x.plan.app
	next.app = &app
	change(&next)
	x.plan = &next
	s := next.compile(x, x.engine.snap)
	x.engine.snap = s
	x.worker.serveBy(s)
	x.settle()
}

// stops begins the end of the worker, and gives where it says how many
// connections it has cut.
func (x *scene) stops(grace, timeout time.Duration) *int {
	x.Helper()
	cut := -1
	x.listener.paused = true // there is no socket to leave
	x.engine.stopping.Store(true)
	x.worker.beginStop(grace, timeout, func(n int) { cut = n })
	x.settle()
	return &cut
}

// closeAll ends everything: clients go, time passes.
func (x *scene) closeAll() {
	x.Helper()
	for _, p := range x.parties {
		p.leave()
	}
	x.settle()
	x.after(time.Hour)
}

// queueLock is what an upstream's queue needs.
func queueLock() balance.Locker { return new(sync.Mutex) }

func readFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
