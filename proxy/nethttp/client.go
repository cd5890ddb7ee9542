package nethttp

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// clientConn is one client connection. Every write moves its write deadline,
// so that a slow reader is bounded by the gap between writes and not by the
// size of the answer.
type clientConn struct {
	net.Conn
	listener string
	peer     netip.Addr
	peerText string
	send     time.Duration
	closed   func()
	once     sync.Once
	// heard says that something was read since the connection was new or fell
	// idle: net/http reports it as active only when the head is whole.
	heard atomic.Bool
	// writing is when the write that is going on began, in Unix nanoseconds;
	// 0 where none is.
	writing atomic.Int64

	// state is guarded by the server's conns.
	state http.ConnState
}

// sendPiece is how much of a file is sent under one write deadline.
const sendPiece = 64 << 10

func newClientConn(c net.Conn, listener string, send time.Duration) *clientConn {
	cc := &clientConn{Conn: c, listener: listener, send: send}
	// A unix socket's peer has no address.
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		cc.peer = tcp.AddrPort().Addr().Unmap()
		cc.peerText = cc.peer.String()
	}
	return cc
}

// Read notes that there was something to read.
func (c *clientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard.Load() {
		c.heard.Store(true)
	}
	return n, err
}

// silent says that nothing of a request has come: neither to net/http nor to
// the kernel.
func (c *clientConn) silent() bool { return quiet(c.Conn) && !c.heard.Load() }

// Write writes under a deadline of its own.
func (c *clientConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(deadline(c.send)); err != nil {
		return 0, err
	}
	c.writing.Store(time.Now().UnixNano())
	defer c.writing.Store(0)
	return c.Conn.Write(p)
}

// stalled says that the client has taken nothing for stallTimeout of what is
// being written to it.
func (c *clientConn) stalled(now time.Time) bool {
	began := c.writing.Load()
	return began != 0 && now.UnixNano()-began > int64(stallTimeout)
}

// ReadFrom lets the kernel send a file (sendfile), piece by piece.
func (c *clientConn) ReadFrom(r io.Reader) (int64, error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	var total int64
	for limited.N > 0 {
		if err := c.SetWriteDeadline(deadline(c.send)); err != nil {
			return total, err
		}
		piece := min(limited.N, sendPiece)
		c.writing.Store(time.Now().UnixNano())
		n, err := io.Copy(c.Conn, &io.LimitedReader{R: limited.R, N: piece})
		c.writing.Store(0)
		total += n
		limited.N -= n
		if err != nil || n < piece {
			return total, err
		}
	}
	return total, nil
}

// CloseWrite ends what we send; the other direction stays open.
func (c *clientConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// resetOnClose makes the close an error at the other end. A unix socket has
// none to give.
func (c *clientConn) resetOnClose() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// Close closes the connection and says so, once.
func (c *clientConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.closed)
	return err
}

// connKey is where a request's context holds its connection.
type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

func connOf(r *http.Request) *clientConn {
	c, _ := r.Context().Value(connKey{}).(*clientConn)
	return c
}
