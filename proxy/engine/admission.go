package engine

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/webstack/webstack/proxy/snapshot"
)

// setLimits takes a snapshot's bounds over. Without one there are two
// descriptors for each client, its own and one to an instance. Whoever writes
// one down may know that most of the clients are idle.
func (e *Engine) setLimits(before, next *snapshot.Snapshot) {
	n := next.Limits.MaxConnections
	if n > e.files && (before == nil || before.Limits.MaxConnections != n) {
		e.log.Warn("max_connections is more than LimitNOFILE= is enough for", "max_connections", n, "limit", e.files)
	}
	if n == 0 {
		n = e.files / 2
	}
	e.limit.Store(int64(min(n, e.files)))
	e.perClient.limit.Store(int64(next.Limits.MaxPerClient))
}

// reservedFiles are the descriptors that are not for connections: listeners,
// loops, logs, control socket, files being served, and some to spare.
const reservedFiles = 128

// usableFiles is how many descriptors are for connections, ours and the
// clients': all but the reserve, or but a half where that is less.
func usableFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return reservedFiles
	}
	files := int(min(limit.Cur, 1<<30))
	return max(2, files-min(reservedFiles, files/2))
}

// joined counts a connection. It is false where its client has as many as it
// may; the connection is counted all the same, until left.
func (e *Engine) joined(c *client) bool {
	e.count.Add(1)
	return e.perClient.join(c)
}

func (e *Engine) left(c *client) {
	e.count.Add(-1)
	e.perClient.leave(c)
}

// perClient counts the connections of each client address, where that is
// limited. It is the one lock that a new connection takes, and then only.
type perClient struct {
	limit atomic.Int64
	mu    sync.Mutex
	conns map[netip.Addr]int
}

// clientBits is how much of an IPv6 address is one client: a customer gets 64
// bits to choose from.
const clientBits = 64

// client is the address that stands for a client; invalid for a unix socket.
func clientOf(peer netip.Addr) netip.Addr {
	if !peer.Is6() || peer.Is4In6() {
		return peer
	}
	prefix, err := peer.WithZone("").Prefix(clientBits)
	if err != nil {
		return peer
	}
	return prefix.Addr()
}

func (p *perClient) join(c *client) bool {
	limit := p.limit.Load()
	if limit == 0 || !c.peer.IsValid() {
		return true
	}
	key := clientOf(c.peer)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[key]++
	c.flags |= counted
	return int64(p.conns[key]) <= limit
}

func (p *perClient) leave(c *client) {
	if !c.flags.has(counted) {
		return
	}
	c.flags &^= counted
	key := clientOf(c.peer)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns[key]--; p.conns[key] <= 0 {
		delete(p.conns, key)
	}
}

// fullWait is how long a loop waits for room when it has as many connections
// as it may: room that is made here ends the wait, room that another loop
// makes is seen after it.
const fullWait = 20 * time.Millisecond

// full says that one more connection would be one too many, unless the longest
// idle one goes.
func (w *worker) full() bool { return w.engine.count.Load() >= w.engine.limit.Load() }

// replaceIdle closes the longest idle connection where there is one too many
// now: after the accept and not before, for it is closed for somebody who is
// there.
func (w *worker) replaceIdle() {
	if w.full() && w.idle.n > 0 {
		w.idle.first.close()
	}
}

// hold leaves who waits in the backlog until somebody has gone: none is idle
// here. One that is idle in another loop goes.
func (l *listener) hold() {
	w := l.worker
	w.engine.elsewhere(w, func(other *worker) {
		if other.idle.n > 0 && other.full() {
			other.idle.first.close()
		}
	})
	l.pause(fullWait)
}

// room accepts again where connections were closed.
func (w *worker) room() {
	if w.full() {
		return
	}
	for _, l := range w.listeners {
		if l.paused && l.backoff.wait == 0 {
			l.resume()
		}
	}
}

// shed closes what is idle, to have descriptors: connections to instances and
// files first, then the half of the idle clients that were quiet the longest.
func (w *worker) shed() {
	for _, p := range w.pools {
		p.close()
	}
	w.files.Shed()
	for n := (w.idle.n + 1) / 2; n > 0; n-- {
		w.idle.first.close()
	}
	w.bury()
}

// turnAway closes a connection of a client that has too many, with a word.
func (c *client) turnAway() {
	_, _ = c.stream.Write(tooMany)
	c.close()
}

var tooMany = []byte("HTTP/1.1 503 Service Unavailable\r\nServer: webstack\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
