package floor

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"

	"golang.org/x/sys/unix"
)

const (
	scratchSize = 128 << 10
	batch       = 256
	backlog     = 8192
)

// end is one side of a relayed pair.
type end struct {
	fd      int
	peer    *end
	pending []byte // for this side, which would not take it yet
}

type relay struct {
	epoll    int
	listener int
	backends []netip.AddrPort
	next     int
	ends     []*end // by descriptor
	scratch  []byte
}

// Serve relays until the process ends. It returns an error only.
func Serve(listen netip.AddrPort, backends []netip.AddrPort) error {
	runtime.LockOSThread()
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	r := &relay{epoll: epoll, backends: backends, scratch: make([]byte, scratchSize)}
	if r.listener, err = socket(); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(r.listener, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	if err := unix.Bind(r.listener, address(listen)); err != nil {
		return fmt.Errorf("cannot listen on %s: %w", listen, err)
	}
	if err := unix.Listen(r.listener, backlog); err != nil {
		return err
	}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, r.listener, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(r.listener)}); err != nil {
		return err
	}
	events := make([]unix.EpollEvent, batch)
	for {
		n, err := unix.EpollWait(epoll, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range events[:max(n, 0)] {
			if int(e.Fd) == r.listener {
				if err := r.accept(); err != nil {
					return err
				}
				continue
			}
			if here := r.ends[e.Fd]; here != nil && !r.move(here) {
				r.close(here)
			}
		}
	}
}

func socket() (int, error) {
	return unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

func address(a netip.AddrPort) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
}

func (r *relay) accept() error {
	for {
		fd, _, err := unix.Accept4(r.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ECONNABORTED):
			continue
		case err != nil:
			return fmt.Errorf("cannot accept: %w", err)
		}
		to, err := socket()
		if err != nil {
			return err
		}
		if err := unix.Connect(to, address(r.backends[r.next%len(r.backends)])); err != nil && !errors.Is(err, unix.EINPROGRESS) {
			return fmt.Errorf("cannot connect: %w", err)
		}
		r.next++
		client, instance := &end{fd: fd}, &end{fd: to}
		client.peer, instance.peer = instance, client
		for _, e := range []*end{client, instance} {
			if err := r.add(e); err != nil {
				return err
			}
		}
	}
}

// add registers once, edge-triggered, for both directions.
func (r *relay) add(e *end) error {
	if err := unix.SetsockoptInt(e.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	for e.fd >= len(r.ends) {
		r.ends = append(r.ends, nil)
	}
	r.ends[e.fd] = e
	return unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, e.fd, &unix.EpollEvent{
		Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff, Fd: int32(e.fd),
	})
}

func (r *relay) close(e *end) {
	for _, one := range []*end{e, e.peer} {
		r.ends[one.fd] = nil
		unix.Close(one.fd)
	}
}

// move does what can be done after an event; false ends the pair.
func (r *relay) move(e *end) bool {
	if len(e.pending) > 0 {
		left, ok := send(e.fd, e.pending)
		e.pending = left
		if !ok {
			return false
		}
		// What was held back for it can go on.
		if len(left) == 0 && !r.pump(e.peer) {
			return false
		}
	}
	return r.pump(e)
}

// pump moves what has come to the other side.
func (r *relay) pump(from *end) bool {
	for len(from.peer.pending) == 0 {
		n, err := unix.Read(from.fd, r.scratch)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return true
		case err != nil || n == 0:
			return false
		}
		left, ok := send(from.peer.fd, r.scratch[:n])
		if !ok {
			return false
		}
		if len(left) > 0 {
			from.peer.pending = append([]byte(nil), left...)
		}
		if n < len(r.scratch) {
			return true
		}
	}
	return true
}

// send returns what the socket would not take. One that is not connected yet
// takes nothing.
func send(fd int, data []byte) (left []byte, ok bool) {
	for len(data) > 0 {
		n, err := unix.SendmsgN(fd, data, nil, nil, unix.MSG_NOSIGNAL)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return data, true
		case err != nil:
			return nil, false
		}
		data = data[n:]
	}
	return nil, true
}
