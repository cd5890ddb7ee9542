package nethttp

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/snapshot"
)

// maxHead bounds a request's head; net/http allows 4 KB more. It is what
// nginx takes (4 buffers of 8 KB).
const maxHead = 32 << 10

// reservedFiles are the descriptors that are not for connections: listeners,
// log, control socket, files being served, and some to spare.
const reservedFiles = 128

// The wait after a failed accept, doubled from the first to the second: out
// of descriptors is not cured by asking again at once.
const (
	minAcceptWait = 5 * time.Millisecond
	maxAcceptWait = time.Second
)

// Server serves the current snapshot on the listeners that it is given.
type Server struct {
	log     *slog.Logger
	current atomic.Pointer[snapshot.Snapshot]
	pools   pools
	conns   *conns
	long    longLived
	buffers relayBuffers
	ceiling int

	mu        sync.Mutex
	feed      *feed
	listeners []net.Listener
	stopped   bool
	// stopping is closed when Stop begins.
	stopping  chan struct{}
	accepting sync.WaitGroup
	feeding   sync.WaitGroup
}

// New makes a server of a snapshot.
func New(s *snapshot.Snapshot, log *slog.Logger) *Server {
	srv := &Server{
		log:      log,
		pools:    pools{idle: map[*balance.Instance][]*backend{}},
		conns:    newConns(),
		ceiling:  connectionCeiling(),
		stopping: make(chan struct{}),
	}
	srv.Swap(s)
	return srv
}

// connectionCeiling is how many clients the descriptors are enough for.
func connectionCeiling() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return reservedFiles
	}
	return ceilingOf(int(min(limit.Cur, 1<<30)))
}

// ceilingOf leaves the reserve, or a quarter where that is less, and counts
// two for each client: its own and one to an instance or to a file.
func ceilingOf(files int) int {
	return max(1, (files-min(reservedFiles, files/4))/2)
}

// isStopping says that Stop has begun.
func (s *Server) isStopping() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// limit is the config's, as far as the descriptors are enough for it: without
// one to accept with, not even an idle connection would be closed for who
// waits.
func (s *Server) limit() int {
	if n := s.current.Load().Limits.MaxConnections; n > 0 {
		return min(n, s.ceiling)
	}
	return s.ceiling
}

// Snapshot is what new requests are served by.
func (s *Server) Snapshot() *snapshot.Snapshot { return s.current.Load() }

// Connections is how many client connections are open.
func (s *Server) Connections() int { return s.conns.count() }

// Swap serves new requests by another snapshot. Exchanges that run finish on
// the one that they began with; connections that are open keep its timeouts.
func (s *Server) Swap(next *snapshot.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.current.Swap(next)
	s.pools.retain(next)
	s.conns.limitChanged()
	if n := next.Limits.MaxConnections; n > s.ceiling && (before == nil || before.Limits.MaxConnections != n) {
		s.log.Warn("max_connections is more than LimitNOFILE= is enough for", "max_connections", n, "limit", s.ceiling)
	}
	// Stop closes the feed that it finds.
	if before == nil || before.Limits != next.Limits && !s.stopped {
		if s.feed != nil {
			s.feed.Close()
		}
		s.feed = s.newFeed(next.Limits)
	}
}

// feed hands connections to an http.Server, whose timeouts cannot be changed
// while it runs: other limits take another one.
type feed struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (s *Server) newFeed(l snapshot.Limits) *feed {
	f := &feed{conns: make(chan net.Conn), done: make(chan struct{})}
	hs := &http.Server{
		Handler:                      s,
		ReadHeaderTimeout:            l.Head,
		IdleTimeout:                  l.Keepalive,
		MaxHeaderBytes:               maxHead,
		DisableGeneralOptionsHandler: true,
		ConnContext:                  withConn,
		ConnState: func(c net.Conn, state http.ConnState) {
			if cc, ok := c.(*clientConn); ok {
				s.conns.moved(cc, state)
			}
		},
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	s.feeding.Add(1)
	go func() {
		defer s.feeding.Done()
		// It returns when the feed is closed; its connections go on.
		_ = hs.Serve(f)
	}()
	return f
}

// Accept, Close and Addr make a feed a net.Listener.
func (f *feed) Accept() (net.Conn, error) {
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close ends the feed: the connections that it has handed over go on.
func (f *feed) Close() error {
	f.once.Do(func() { close(f.done) })
	return nil
}

// Addr is nobody's: the connections know theirs.
func (f *feed) Addr() net.Addr { return &net.UnixAddr{Net: "unix"} }

// hand gives a connection to the current http.Server.
func (s *Server) hand(c net.Conn) {
	for {
		s.mu.Lock()
		f := s.feed
		s.mu.Unlock()
		select {
		case f.conns <- c:
			return
		case <-f.done:
			// Swapped meanwhile: the next round finds the new one.
		}
	}
}

// Serve accepts connections of the listener by that name until Stop.
func (s *Server) Serve(name string, l net.Listener) {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return
	}
	s.listeners = append(s.listeners, l)
	s.accepting.Add(1)
	s.mu.Unlock()
	defer s.accepting.Done()
	wait := minAcceptWait
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.log.Warn("cannot accept a connection", "listener", name, "error", err, "next_try_in", wait)
			if outOfFiles(err) {
				s.pools.closeIdle()
				s.conns.closeIdle()
			}
			select {
			case <-s.stopping:
				return
			case <-time.After(wait):
			}
			wait = min(wait*2, maxAcceptWait)
			continue
		}
		wait = minAcceptWait
		// After the accept and not before: an idle connection is closed for
		// somebody who is there. It is one more, per listener, than the limit.
		s.conns.room(s.limit)
		cc := newClientConn(c, name, s.current.Load().Limits.Send)
		s.conns.add(cc)
		s.hand(cc)
	}
}
