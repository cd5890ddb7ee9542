package engine

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"

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
