package backend

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	// scratchSize takes most uploads in one read.
	scratchSize = 64 << 10
	// maxHead bounds a head that comes in pieces.
	maxHead = 16 << 10
	// batch is how many events one wait may bring.
	batch   = 256
	backlog = 8192
)

// conn is a proxy's connection.
type conn struct {
	fd      int
	partial []byte // a head that is not whole yet
	unread  int    // of an upload
	length  int    // of that upload
	keep    bool
	pending []byte // of the answer, not yet sent
}

type loop struct {
	epoll     int
	listeners map[int]bool
	conns     []*conn // by descriptor
	scratch   []byte
	answers   answers
}

// Serve listens on the addresses and answers until the process ends. It
// returns an error only.
func Serve(addresses []netip.AddrPort) error {
	runtime.LockOSThread()
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	l := &loop{epoll: epoll, listeners: map[int]bool{}, scratch: make([]byte, scratchSize), answers: prepareAnswers()}
	for _, address := range addresses {
		fd, err := listen(address)
		if err != nil {
			return fmt.Errorf("cannot listen on %s: %w", address, err)
		}
		l.listeners[fd] = true
		if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return err
		}
	}
	events := make([]unix.EpollEvent, batch)
	for {
		n, err := unix.EpollWait(epoll, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range events[:max(n, 0)] {
			fd := int(e.Fd)
			if l.listeners[fd] {
				if err := l.accept(fd); err != nil {
					return err
				}
				continue
			}
			if c := l.conns[fd]; c != nil && !l.serve(c) {
				l.conns[fd] = nil
				unix.Close(fd)
			}
		}
	}
}

func listen(address netip.AddrPort) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}); err != nil {
		return 0, err
	}
	return fd, unix.Listen(fd, backlog)
}

func (l *loop) accept(listener int) error {
	for {
		fd, _, err := unix.Accept4(listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ECONNABORTED):
			continue
		case err != nil:
			return fmt.Errorf("cannot accept: %w", err)
		}
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			return err
		}
		for fd >= len(l.conns) {
			l.conns = append(l.conns, nil)
		}
		l.conns[fd] = &conn{fd: fd}
		// Edge-triggered and for both, once: no epoll_ctl for each answer.
		event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff, Fd: int32(fd)}
		if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
			return err
		}
	}
}

// serve does what can be done now; false ends the connection.
func (l *loop) serve(c *conn) bool {
	for {
		if len(c.pending) > 0 {
			done, ok := c.send(c.pending)
			if !done || !ok {
				return ok
			}
			if !c.keep {
				return false
			}
		}
		n, err := unix.Read(c.fd, l.scratch)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return true
		case err != nil || n == 0:
			return false
		}
		if !l.take(c, l.scratch[:n]) {
			return false
		}
		// A short read has emptied the socket: epoll(7), question 9.
		if n < len(l.scratch) && len(c.pending) == 0 {
			return true
		}
	}
}

// take is given what was read.
func (l *loop) take(c *conn, data []byte) bool {
	if len(c.partial) > 0 {
		data = append(c.partial, data...)
		c.partial = nil
	}
	for len(data) > 0 {
		if c.unread > 0 {
			n := min(c.unread, len(data))
			c.unread -= n
			data = data[n:]
			if c.unread > 0 {
				return true
			}
			if !l.answer(c, appendAnswer(nil, "200 OK", c.keep, strconv.AppendInt(nil, int64(c.length), 10))) {
				return false
			}
			continue
		}
		r, complete, err := parse(data)
		if err != nil || !complete && len(data) > maxHead {
			return false
		}
		if !complete {
			c.partial = append([]byte(nil), data...)
			return true
		}
		data = data[r.head:]
		c.keep = r.keep
		if r.post && r.body > 0 {
			c.unread, c.length = r.body, r.body
			continue
		}
		if !l.answer(c, l.choose(r)) {
			return false
		}
	}
	return true
}

func (l *loop) choose(r request) []byte {
	if both, known := l.answers[r.path]; known {
		if r.keep {
			return both[1]
		}
		return both[0]
	}
	return appendAnswer(nil, "404 Not Found", r.keep, []byte("no such path\n"))
}

// answer sends an answer, or what of it can be sent now.
func (l *loop) answer(c *conn, whole []byte) bool {
	if len(c.pending) > 0 {
		return false // pipelined behind an answer that is under way: no proxy does that
	}
	done, ok := c.send(whole)
	return ok && (!done || c.keep)
}

// send sends; what is left is pending.
func (c *conn) send(data []byte) (done, ok bool) {
	for len(data) > 0 {
		n, err := unix.SendmsgN(c.fd, data, nil, nil, unix.MSG_NOSIGNAL)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			c.pending = data
			return false, true
		case err != nil:
			return false, false
		}
		data = data[n:]
	}
	c.pending = nil
	return true, true
}
