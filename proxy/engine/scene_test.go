package engine

import (
	"bytes"
	"fmt"
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
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
)

// plan is what a scene is made of; a test changes what it is about.
type plan struct {
	limits    snapshot.Limits
	instances []string
	// address is where all instances are, for a test with sockets.
	address  string
	settings balance.Settings
	dial     snapshot.Dial
	// queueTimeout is the upstream's.
	queueTimeout time.Duration
	// app is the route of "/", more are others.
	app  *snapshot.Route
	more []*snapshot.Route
}

func newPlan() *plan {
	return &plan{
		limits: snapshot.Limits{
			Head: 10 * time.Second, Body: 20 * time.Second, Send: 30 * time.Second, Keepalive: 75 * time.Second,
		},
		instances: []string{"app@1"},
		settings:  balance.Settings{Passive: balance.Passive{MaxFails: 1, FailTimeout: 10 * time.Second}},
		dial: snapshot.Dial{
			ConnectTimeout: 5 * time.Second, Keepalive: 8, KeepaliveTimeout: time.Minute, KeepaliveRequests: 1000,
		},
		queueTimeout: 15 * time.Second,
		app:          appRoute("/"),
	}
}

// appRoute is a route to the scene's upstream.
func appRoute(path string) *snapshot.Route {
	return &snapshot.Route{
		Kind: route.Prefix, Path: path, Tries: 2, MaxBody: 1 << 20, AccessLog: true,
		ResponseTimeout: 40 * time.Second, IdleTimeout: 50 * time.Second, Upgrade: []string{"websocket"},
	}
}

// compile makes the plan's snapshot; instances that prev has live on.
func (p *plan) compile(t testing.TB, prev *snapshot.Snapshot) *snapshot.Snapshot {
	t.Helper()
	var before *balance.Group
	if prev != nil {
		before = prev.Upstreams[0].Group
	}
	var members []balance.Member
	for i, id := range p.instances {
		address := p.address
		if address == "" {
			address = fmt.Sprintf("127.0.0.1:%d", 8021+i)
		}
		members = append(members, balance.Member{ID: id, Network: "tcp", Address: address})
	}
	up := &snapshot.Upstream{
		Name: "app", App: "app", Group: balance.NewGroup(p.settings, members, before),
		QueueTimeout: p.queueTimeout, Dial: p.dial,
	}
	site := &snapshot.Site{Name: "site", Counters: new(snapshot.Counters)}
	s := &snapshot.Snapshot{
		Limits: p.limits, Upstreams: []*snapshot.Upstream{up}, Sites: []*snapshot.Site{site},
		Routes: append([]*snapshot.Route{p.app}, p.more...),
	}
	var paths []route.Route
	for i, r := range s.Routes {
		r.Site = site
		if r.Files == nil && r.Redirect == nil && r.Respond == nil {
			r.Upstream = up
		}
		paths = append(paths, route.Route{Kind: r.Kind, Path: r.Path, Target: i})
	}
	table, err := route.Compile([]route.Site{{Name: "site", Routes: paths}})
	if err != nil {
		t.Fatal(err)
	}
	s.Listeners = map[string]*snapshot.Listener{"web": {Name: "web", Table: table, Sites: s.Sites}}
	up.Group.TakeOver(time.Time{})
	return s
}

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

// routine are the fields that every message of a kind has, and that no test
// is about unless it asks for them by wantField.
var routine = []string{
	"X-Request-Id:", "X-Real-IP:", "X-Forwarded-", "Date:", "Server: webstack", "Content-Type: text/plain; charset=utf-8",
}

// plain is what came, without the routine fields and with \n for CRLF.
func plain(got []byte) string {
	lines := strings.SplitAfter(strings.ReplaceAll(string(got), "\r\n", "\n"), "\n")
	var b strings.Builder
next:
	for _, line := range lines {
		for _, prefix := range routine {
			if strings.HasPrefix(strings.ToLower(line), strings.ToLower(prefix)) {
				continue next
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

func (x *scene) wantGets(p *party, want string) {
	x.Helper()
	if p == nil {
		x.Fatalf("nobody is there to get %q", want)
	}
	if got := plain(p.got); got != want {
		x.Errorf("%s got\n%q, want\n%q", p.name, got, want)
	}
	p.got = nil
}

// wantClientGets wants what has come to the client since the last want.
func (x *scene) wantClientGets(want string)   { x.Helper(); x.wantGets(x.client, want) }
func (x *scene) wantInstanceGets(want string) { x.Helper(); x.wantGets(x.instance, want) }

// wantField wants a field in what came, which stays for other wants.
func (x *scene) wantField(p *party, want string) {
	x.Helper()
	if !strings.Contains(string(p.got), "\r\n"+want+"\r\n") {
		x.Errorf("%s got no %q in\n%s", p.name, want, p.got)
	}
}

// wantClientGetsStatus wants one whole answer of that status.
func (x *scene) wantClientGetsStatus(status int) {
	x.Helper()
	var r http1.Response
	limits := http1.DefaultLimits()
	n, err := r.Parse(x.client.got, false, &limits)
	switch {
	case err != nil || n == 0:
		x.Errorf("the client got no answer but %q (%v)", x.client.got, err)
	case r.Status != status:
		x.Errorf("the client got %q, want status %d", x.client.got, status)
	case r.Body.Kind == http1.Sized && int64(len(x.client.got)-n) != r.Body.Length:
		x.Errorf("the client got %q, which is not whole", x.client.got)
	}
	x.client.got = nil
}

// wantEnd wants the client's connection to have been closed in good order.
func (x *scene) wantEnd(p *party) {
	x.Helper()
	if over, reset := p.over(); !over || reset {
		x.Errorf("%s: end %t, reset %t, want the end", p.name, over, reset)
	}
}

func (x *scene) wantReset(p *party) {
	x.Helper()
	if over, reset := p.over(); !over || !reset {
		x.Errorf("%s: end %t, reset %t, want a reset", p.name, over, reset)
	}
}

func (x *scene) wantOpen(p *party) {
	x.Helper()
	if over, _ := p.over(); over {
		x.Errorf("%s: it was closed, want it open", p.name)
	}
}

// only is the one client connection that is open.
func (x *scene) only() *client {
	x.Helper()
	w := x.worker
	if w.idle.n+w.busy.n != 1 {
		x.Fatalf("%d connections are open, want one", w.idle.n+w.busy.n)
	}
	if w.idle.n == 1 {
		return w.idle.first
	}
	return w.busy.first
}

// wantIdle wants the one client connection to wait, for what it says.
func (x *scene) wantIdle(want string) {
	x.Helper()
	if got := waitsFor(x.only()); got != want {
		x.Errorf("it is %s, want %s", got, want)
	}
}

// waitsFor says in words what a connection waits for.
func waitsFor(c *client) string {
	if c.x != nil && !c.rest().empty() {
		return "waiting for the client to take its answer"
	}
	switch c.step {
	case stepPreface:
		return "waiting for the PROXY header"
	case stepHead:
		if c.flags.has(begun) {
			return "waiting for the rest of a head"
		}
		return "waiting for a request"
	case stepSpool:
		return "waiting for the body"
	case stepQueue:
		return "waiting for an instance to be free"
	case stepConnect:
		return "waiting for the connection"
	case stepAsk:
		switch {
		case !c.x.up.rest.empty():
			return "waiting for the instance to take the request"
		case !c.x.up.done:
			return "waiting for the body"
		}
		return "waiting for the response head"
	case stepRelay:
		return "waiting for the rest of the answer"
	case stepTunnel:
		return "waiting for either side to speak"
	case stepLinger:
		return "waiting for the client to close"
	}
	return "in step " + c.step.String()
}

// wantNothingLeft wants that all is accounted for and given back, once the
// connections are closed.
func (x *scene) wantNothingLeft() {
	x.Helper()
	for _, problem := range leaks(x.worker) {
		x.Error(problem)
	}
	x.wantInFlight(0)
}

// leaks lists what a worker without connections should not have any more.
func leaks(w *worker) (list []string) {
	check := func(what string, n int) {
		if n != 0 {
			list = append(list, fmt.Sprintf("%d %s are left", n, what))
		}
	}
	check("clients", w.idle.n+w.busy.n)
	check("bytes of heads", w.headBytes)
	check("bytes of spools", int(w.spooled))
	check("buffers", w.buffers.lent)
	check("deadlines", w.deadlines.Len())
	check("connections to go on with", len(w.later))
	check("connections to close", len(w.closing)+len(w.closedBackends))
	for _, p := range w.pools {
		check("idle connections to "+p.instance.ID, len(p.idle))
		check("clients that wait for the address of "+p.instance.ID, len(p.waiting))
	}
	check("streams", len(w.driver.(*script).streams))
	check("connections in the count", int(w.engine.count.Load()))
	return list
}

// wantInFlight wants what runs on all instances together.
func (x *scene) wantInFlight(want int) {
	x.Helper()
	got := 0
	x.group().Each(x.wall, func(in *balance.Instance, _ balance.Verdict) { got += in.InFlight() })
	if got != want {
		x.Errorf("%d are in flight, want %d", got, want)
	}
}

func (x *scene) group() *balance.Group { return x.engine.snap.Upstreams[0].Group }

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
