package engine

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/loop"
	"github.com/webstack/webstack/proxy/snapshot"
)

// Engine is the loops and what they share: a count of connections. All else is
// posted to them.
type Engine struct {
	log    *slog.Logger
	access *accesslog.Log
	// files is how many descriptors are for connections.
	files int
	limit atomic.Int64
	count atomic.Int64
	aside *loop.Aside
	// stopping says that Stop has begun: answers end their connections, also
	// in a loop that has not heard of it.
	stopping atomic.Bool
	perClient

	mu      sync.Mutex
	snap    *snapshot.Snapshot
	workers []*worker
	fds     []int
	running sync.WaitGroup
}

// New makes the loops of a snapshot. They do nothing until Start.
func New(s *snapshot.Snapshot, log *slog.Logger, access *accesslog.Log) (*Engine, error) {
	e := &Engine{log: log, access: access, snap: s, files: usableFiles(), aside: loop.NewAside(asideAtOnce, asideQueue)}
	e.perClient.conns = map[netip.Addr]int{}
	e.setLimits(nil, s)
	n := s.Loops
	if n == 0 {
		n = runtime.NumCPU()
	}
	for range n {
		l, err := loop.New()
		if err != nil {
			return nil, err
		}
		w := newWorker(e, l)
		w.loop = l
		w.dial = func(p *pool, b *backend) errno {
			b.stream = &b.socket
			return b.socket.connect(l, &p.address)
		}
		e.workers = append(e.workers, w)
	}
	return e, nil
}

// Start runs the loops, until Stop.
func (e *Engine) Start() {
	// A loop in a raw system call holds its processor: one more for all else.
	if n := len(e.workers) + 1; runtime.GOMAXPROCS(0) < n {
		runtime.GOMAXPROCS(n)
	}
	for _, w := range e.workers {
		e.running.Go(func() { w.loop.Run(w) })
	}
}

// Listen accepts on a listener until Stop. The socket stays the caller's, who
// closes it.
func (e *Engine) Listen(name string, l net.Listener) error {
	filer, ok := l.(interface{ File() (*os.File, error) })
	if !ok {
		return fmt.Errorf("cannot listen on %s: it is no socket of the kernel", l.Addr())
	}
	f, err := filer.File()
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", l.Addr(), err)
	}
	defer f.Close()
	fd, err := listenFD(f)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", l.Addr(), err)
	}
	noDelay(fd)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopping.Load() {
		return syscall.Close(fd)
	}
	e.fds = append(e.fds, fd)
	for _, w := range e.workers {
		w.driver.Post(func() { w.listen(name, fd) })
	}
	return nil
}

func (w *worker) listen(name string, fd int) {
	l := &listener{worker: w, name: name, fd: fd, sites: w.snap.Listeners[name]}
	l.timer.Owner = l
	token, err := w.loop.Listen(fd, l)
	if err != nil {
		w.log.Error("cannot listen", "listener", name, "error", err)
		return
	}
	l.token = token
	w.listeners = append(w.listeners, l)
}

// Alive says whether every loop has taken a turn within the time.
func (e *Engine) Alive(within time.Duration) error {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	turned := make(chan struct{}, len(e.workers))
	for _, w := range e.workers {
		if !w.driver.Post(func() { turned <- struct{}{} }) {
			turned <- struct{}{} // it has ended, which Stop knows of
		}
	}
	for n := range e.workers {
		select {
		case <-turned:
		case <-deadline.C:
			return fmt.Errorf("%d of %d loops have not turned for %s", len(e.workers)-n, len(e.workers), within)
		}
	}
	return nil
}

// Swap serves new requests by another snapshot. Exchanges that run finish on
// the one that they began with. When it returns, every loop has it.
func (e *Engine) Swap(next *snapshot.Snapshot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopping.Load() {
		return
	}
	before := e.snap
	e.snap = next
	e.setLimits(before, next)
	e.everywhere(func(w *worker) { w.serveBy(next) })
}

// serveBy is Swap in one loop.
func (w *worker) serveBy(next *snapshot.Snapshot) {
	w.snap = next
	for _, l := range w.listeners {
		l.sites = next.Listeners[l.name]
	}
	w.retain(next)
}

// everywhere runs f in each loop, and waits until all have.
func (e *Engine) everywhere(f func(*worker)) {
	var all sync.WaitGroup
	all.Add(len(e.workers))
	for _, w := range e.workers {
		w.driver.Post(func() {
			defer all.Done()
			f(w)
		})
	}
	all.Wait()
}

// Snapshot is what new requests are served by.
func (e *Engine) Snapshot() *snapshot.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.snap
}

// Connections is how many client connections are open.
func (e *Engine) Connections() int { return int(e.count.Load()) }

// elsewhere has f run in every loop but this one, without waiting.
func (e *Engine) elsewhere(here *worker, f func(*worker)) {
	for _, w := range e.workers {
		if w != here {
			w.driver.Post(func() { f(w) })
		}
	}
}
