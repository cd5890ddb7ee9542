package nethttp

import (
	"bufio"
	"context"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/snapshot"
)

// backendBuffer is the read buffer of a connection to an instance.
const backendBuffer = 16 << 10

// backend is one connection to an instance.
type backend struct {
	net.Conn
	br *bufio.Reader
	// reused says that it came out of the pool: that it fails now may be our
	// pooling's fault and not the instance's.
	reused   bool
	requests int
	// idle fires when it was pooled for too long.
	idle *time.Timer

	// mu orders what aborts a read or sets its deadline from elsewhere
	// against the reader itself.
	mu      sync.Mutex
	aborted bool
	headEnd bool // the head has come, its deadline is void
}

// dial connects to an instance.
func dial(ctx context.Context, in *balance.Instance, timeout time.Duration) (*backend, error) {
	d := net.Dialer{Timeout: timeout}
	c, err := d.DialContext(ctx, in.Network, in.Address)
	if err != nil {
		return nil, err
	}
	return &backend{Conn: c, br: bufio.NewReaderSize(c, backendBuffer)}, nil
}

// abort makes every pending and later operation fail.
func (b *backend) abort() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.aborted = true
	b.SetDeadline(longAgo)
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// readWithin sets the deadline of the next read.
func (b *backend) readWithin(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.aborted {
		b.SetReadDeadline(deadline(d))
	}
}

// awaitHeadWithin sets the deadline of the answer's head; it is for the one
// who sends the body and does not know whether the head has come already.
func (b *backend) awaitHeadWithin(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.aborted && !b.headEnd {
		b.SetReadDeadline(deadline(d))
	}
}

// headCame voids the head's deadline.
func (b *backend) headCame() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.headEnd = true
	if !b.aborted {
		b.SetReadDeadline(time.Time{})
	}
}

// writeWithin sets the deadline of the next write.
func (b *backend) writeWithin(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.aborted {
		b.SetWriteDeadline(deadline(d))
	}
}

// deadline is d from now; 0 is none.
func deadline(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}

// quiet says that the other end has sent nothing and has not closed. An idle
// connection that has something to read is of no use: it is either closed or
// holds bytes that nobody asked for, which must never be taken for the answer
// to the next request (RFC 9112 section 9.2).
func quiet(c net.Conn) bool {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	nothing := false
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		nothing = err == syscall.EAGAIN || err == syscall.EINTR
	})
	return err == nil && nothing
}

// pools hold the idle connections of every instance.
type pools struct {
	mu   sync.Mutex
	idle map[*balance.Instance][]*backend
	// known are the instances of the current snapshot: a connection to any
	// other is not kept.
	known map[*balance.Instance]bool
}

// take gives the connection that was used last, or nil.
func (p *pools) take(in *balance.Instance) *backend {
	for {
		p.mu.Lock()
		list := p.idle[in]
		if len(list) == 0 {
			p.mu.Unlock()
			return nil
		}
		b := list[len(list)-1]
		p.idle[in] = list[:len(list)-1]
		p.mu.Unlock()
		b.idle.Stop()
		if !quiet(b.Conn) {
			b.Close()
			continue
		}
		b.reused, b.headEnd = true, false
		b.SetDeadline(time.Time{})
		return b
	}
}

// keep takes a connection back whose exchange has ended cleanly.
func (p *pools) keep(in *balance.Instance, b *backend, d snapshot.Dial) {
	b.requests++
	spent := d.KeepaliveRequests > 0 && b.requests >= d.KeepaliveRequests
	p.mu.Lock()
	if spent || !p.known[in] || len(p.idle[in]) >= d.Keepalive {
		p.mu.Unlock()
		b.Close()
		return
	}
	b.SetDeadline(time.Time{})
	b.idle = time.AfterFunc(d.KeepaliveTimeout, func() { p.expire(in, b) })
	p.idle[in] = append(p.idle[in], b)
	p.mu.Unlock()
}

// expire closes a connection that nobody wanted for too long.
func (p *pools) expire(in *balance.Instance, b *backend) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.idle[in] {
		if other == b {
			p.idle[in] = append(p.idle[in][:i:i], p.idle[in][i+1:]...)
			b.Close()
			return
		}
	}
}

// closeIdle closes all that is kept: it can be made again.
func (p *pools) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for in := range p.idle {
		p.drop(in)
	}
}

// drop closes what is kept for an instance. It is called with the lock held.
func (p *pools) drop(in *balance.Instance) {
	for _, b := range p.idle[in] {
		b.idle.Stop()
		b.Close()
	}
	delete(p.idle, in)
}

// retain closes what is kept for instances that the snapshot does not have.
func (p *pools) retain(s *snapshot.Snapshot) {
	known := map[*balance.Instance]bool{}
	for _, u := range s.Upstreams {
		u.Group.Each(time.Now(), func(in *balance.Instance, v balance.Verdict) {
			if v != balance.Removed {
				known[in] = true
			}
		})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = known
	for in := range p.idle {
		if !known[in] {
			p.drop(in)
		}
	}
}
