package engine

import (
	"syscall"

	"github.com/webstack/webstack/proxy/loop"
)

// memory is a stream without a socket: the engine's end of a connection whose
// other end the test holds. What the engine can tell of it is what a TCP
// socket of Linux tells: readiness is edge-triggered, a read takes all that is
// there, a write as much as there is room, an error is told once and followed
// by the end, and who closes with something unread has sent a reset.
type memory struct {
	script  *script
	handler loop.Handler
	// edge says that something has happened that was not announced yet.
	edge bool
	// connecting is a connect that has not come to its end.
	connecting bool

	// in is what the peer has sent and the engine not read, ended that it was
	// the last; taken is how much the engine has read in all.
	in    []byte
	ended bool
	taken int
	// fault is the error that the next call is told, broken that there was
	// one: there is no connection any more.
	fault  errno
	broken bool
	// trap is the error that the next write runs into.
	trap errno
	// disk is the error that every SendFile finds in the file.
	disk errno
	// deaf is a peer that has closed: what is sent to it comes back as a
	// reset.
	deaf bool

	// out is what the engine has sent and the peer not taken, room at most;
	// full says that a write was told so.
	out  []byte
	room int
	full bool
	page []byte // what SendFile reads into
	// What the engine has done: ended what it sends, asked for a reset,
	// closed; cut says that the peer gets a reset.
	endedOut, reset, closed, cut bool
}

// memoryRoom is what a stream takes before its peer reads, where the test says
// nothing else: more than any of them sends at once.
const memoryRoom = 1 << 20

// events is what the stream is ready for.
func (m *memory) events() (ev loop.Events) {
	if m.connecting {
		return 0
	}
	if len(m.in) > 0 || m.ended || m.broken {
		ev |= loop.In
	}
	if len(m.out) < m.room || m.broken || m.endedOut {
		ev |= loop.Out
	}
	if m.ended || m.broken {
		ev |= loop.HalfClosed
	}
	if m.broken || m.ended && m.endedOut {
		ev |= loop.Gone
	}
	return ev
}

func (m *memory) Watch(h loop.Handler) error {
	m.handler, m.edge = h, true
	return nil
}

func (m *memory) Read(p []byte) (int, errno) {
	switch {
	case m.closed:
		panic("read of a closed stream")
	case len(p) == 0:
		panic("read without room")
	case len(m.in) > 0:
		n := copy(p, m.in)
		m.in = m.in[:copy(m.in, m.in[n:])] // its room stays: nothing is allocated
		m.taken += n
		return n, 0
	case m.fault != 0:
		return 0, m.Err()
	case m.ended, m.broken:
		return 0, 0
	}
	return 0, syscall.EAGAIN
}

func (m *memory) Write(p []byte) (int, errno) {
	switch {
	case m.closed:
		panic("write to a closed stream")
	case m.trap != 0:
		m.breakDown(m.trap)
		return 0, m.Err()
	case m.fault != 0:
		return 0, m.Err()
	case m.broken, m.endedOut:
		return 0, syscall.EPIPE
	case m.connecting:
		return 0, syscall.EAGAIN
	case m.deaf:
		m.breakDown(syscall.ECONNRESET)
		return len(p), 0
	}
	n := min(len(p), m.room-len(m.out))
	if n < len(p) {
		m.full = true
	}
	if n <= 0 && len(p) > 0 {
		return 0, syscall.EAGAIN
	}
	m.out = append(m.out, p[:n]...)
	return n, 0
}

func (m *memory) SendFile(fd int, offset int64, n int) (int, errno) {
	if m.disk != 0 {
		return 0, m.disk
	}
	if free := m.room - len(m.out); free <= 0 && !m.broken && m.fault == 0 {
		m.full = true
		return 0, syscall.EAGAIN
	} else if free > 0 {
		n = min(n, free)
	}
	if cap(m.page) < n {
		m.page = make([]byte, n)
	}
	p := m.page[:n]
	got, err := syscall.Pread(fd, p, offset)
	if err != nil || got == 0 {
		return 0, asErrno(err)
	}
	return m.Write(p[:got])
}

func (m *memory) CloseWrite() { m.endedOut, m.edge = true, true }
func (m *memory) Reset()      { m.reset = true }

func (m *memory) Release() stream {
	m.handler = nil
	m.script.forget(m)
	return m
}

// goTo makes a released stream one of another loop's.
func (m *memory) goTo(s *script) {
	m.script, m.edge = s, true
	s.streams = append(s.streams, m)
}

func (m *memory) Close() {
	if m.closed {
		panic("a stream was closed twice")
	}
	m.closed, m.handler = true, nil
	if m.reset || len(m.in) > 0 {
		m.cut, m.out = true, nil
	}
	m.script.forget(m)
}

func (m *memory) Err() errno {
	e := m.fault
	m.fault = 0
	return e
}

func (m *memory) Quiet() bool { return len(m.in) == 0 && !m.ended && !m.broken }
func (m *memory) Unsent() int { return len(m.out) }

// What follows is the peer's side.

func (m *memory) deliver(p []byte) {
	if !m.closed && !m.broken {
		m.in, m.edge = append(m.in, p...), true
	}
}

// finish is the peer's last byte; it reads on.
func (m *memory) finish() {
	if !m.ended && !m.closed {
		m.ended, m.edge = true, true
	}
}

// leave is a peer that closes: without a word where it has read all, else by
// a reset.
func (m *memory) leave() {
	m.deaf = true
	if len(m.out) > 0 {
		m.breakDown(syscall.ECONNRESET)
		return
	}
	m.finish()
}

// breakDown is a reset, or whatever else ends a connection.
func (m *memory) breakDown(e errno) {
	if m.broken || m.closed {
		return
	}
	m.fault, m.broken, m.connecting = e, true, false
	m.out, m.edge = nil, true
}

// connected ends a connect that took its time.
func (m *memory) connected() { m.connecting, m.edge = false, true }

// take is the peer reading up to n bytes.
func (m *memory) take(n int) []byte {
	p := m.out[:min(n, len(m.out))]
	m.out = m.out[len(p):]
	if m.full && len(p) > 0 {
		m.full, m.edge = false, true
	}
	return p
}

// over says that the peer has seen the end, and reset that it was none in good
// order.
func (m *memory) over() (over, reset bool) {
	if m.cut {
		return true, true
	}
	return (m.closed || m.endedOut) && len(m.out) == 0, m.broken
}
