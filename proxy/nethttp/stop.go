package nethttp

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/webstack/webstack/proxy/snapshot"
)

// errStopping is why an exchange that has no end of its own was ended.
var errStopping = errors.New("the proxy is stopping")

// Stop ends the server, in the order that loses nobody:
//
//  1. The listeners are closed here; whoever holds the sockets (PID 1) keeps
//     them, and newcomers wait in their backlogs for the next process.
//  2. Idle connections are closed. What was accepted is answered, with
//     Connection: close, also a connection that has not sent a byte yet: its
//     client was let in and will not ask again.
//  3. After grace, what has no end of its own is ended: tunnels and event
//     streams, connections that have still sent nothing, and from then on
//     whoever takes nothing of its answer for stallTimeout. Without the last
//     one client that does not read would keep everybody else waiting.
//  4. After timeout, counted from the beginning, everything is closed.
//
// It returns how many connections were cut in the middle of an answer. It is
// called once.
func (s *Server) Stop(grace, timeout time.Duration) int {
	s.mu.Lock()
	s.stopped = true
	close(s.stopping)
	for _, l := range s.listeners {
		l.Close()
	}
	s.mu.Unlock()
	s.conns.admitNone()
	s.accepting.Wait() // what they have accepted is in conns now
	s.conns.stop()
	last := time.NewTimer(timeout)
	defer last.Stop()
	first := time.NewTimer(min(grace, timeout))
	defer first.Stop()
	cut := 0
	select {
	case <-s.conns.empty:
	case <-first.C:
		s.long.end()
		s.conns.closeWhere(func(cc *clientConn) bool {
			return cc.state == http.StateHijacked || cc.state == http.StateNew && cc.silent()
		})
		cut = s.finish(last.C)
	}
	s.mu.Lock()
	s.feed.Close()
	s.mu.Unlock()
	s.feeding.Wait()
	s.pools.retain(&snapshot.Snapshot{})
	return cut
}

// stallTimeout is how long a stopping proxy lets one write to a client go on.
// The kernel lets a writer go on when a third of the send buffer is free, of
// 4 MB at the most (tcp(7), tcp_wmem): who reads 130 kB in a second is never
// taken for one that does not read.
const stallTimeout = 10 * time.Second

// stallPoll is how often a stopping proxy looks for such clients.
const stallPoll = 200 * time.Millisecond

// finish waits for what is still being answered, and cuts who stalls, or all
// when time is up.
func (s *Server) finish(over <-chan time.Time) (cut int) {
	look := time.NewTicker(stallPoll)
	defer look.Stop()
	for {
		select {
		case <-s.conns.empty:
			return cut
		case now := <-look.C:
			cut += s.conns.closeWhere(func(cc *clientConn) bool { return cc.stalled(now) })
		case <-over:
			return cut + s.conns.closeWhere(func(*clientConn) bool { return true })
		}
	}
}

// longLived are the exchanges that have no end of their own.
type longLived struct {
	mu    sync.Mutex
	ends  map[*exchange]struct{}
	ended bool
}

// add registers an exchange. Where the others were ended already, it is ended
// at once.
func (l *longLived) add(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		x.cancel(errStopping)
		return
	}
	if l.ends == nil {
		l.ends = map[*exchange]struct{}{}
	}
	l.ends[x] = struct{}{}
}

func (l *longLived) remove(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ends, x)
}

// end ends them all.
func (l *longLived) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for x := range l.ends {
		x.cancel(errStopping)
	}
}
