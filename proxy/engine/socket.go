package engine

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/webstack/webstack/proxy/loop"
)

// socket is a stream that is a connected socket of the kernel's. It calls the
// kernel past the runtime (RawSyscall6): every descriptor is non-blocking, so
// no call can stay long enough for the scheduler to care.
type socket struct {
	loop    *loop.Loop
	token   loop.Token
	fd      int32
	watched bool
}

func (s *socket) Watch(h loop.Handler) error {
	token, err := s.loop.Add(int(s.fd), h)
	if err == nil {
		s.token, s.watched = token, true
	}
	return err
}

func (s *socket) Read(p []byte) (int, errno) {
	return transfer(unix.SYS_RECVFROM, s.fd, p, 0)
}

// A client that has gone must be an error and not a SIGPIPE.
func (s *socket) Write(p []byte) (int, errno) {
	return transfer(unix.SYS_SENDTO, s.fd, p, unix.MSG_NOSIGNAL)
}

// transfer is recv or send.
func transfer(call uintptr, fd int32, p []byte, flags uintptr) (int, errno) {
	for {
		n, _, e := syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags, 0, 0)
		if e == 0 {
			return int(n), 0
		}
		if e != syscall.EINTR {
			return 0, e
		}
	}
}

func (s *socket) SendFile(fd int, offset int64, n int) (int, errno) {
	for {
		// Not raw: pages that are not in memory are read from the disk in it.
		sent, _, e := syscall.Syscall6(unix.SYS_SENDFILE, uintptr(s.fd), uintptr(fd), uintptr(unsafe.Pointer(&offset)), uintptr(n), 0, 0)
		if e == 0 {
			return int(sent), 0
		}
		if e != syscall.EINTR {
			return 0, e
		}
	}
}

func (s *socket) CloseWrite() {
	// It fails only where there is no connection any more.
	_ = unix.Shutdown(int(s.fd), unix.SHUT_WR)
}

func (s *socket) Reset() {
	// A unix socket has no reset to give.
	_ = unix.SetsockoptLinger(int(s.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

func (s *socket) Release() stream {
	if s.watched {
		// It fails only where the descriptor is not there: then so does all
		// that comes.
		_ = s.loop.Detach(s.token, int(s.fd))
	}
	released := &socket{fd: s.fd}
	*s = socket{fd: -1}
	return released
}

// adopt makes a released stream one of the worker's; a socket has its place
// in the connection.
func (w *worker) adopt(released stream, place *socket) stream {
	s, ok := released.(*socket)
	if !ok {
		return released
	}
	*place = socket{loop: w.loop, fd: s.fd}
	return place
}

func (s *socket) Close() {
	if s.watched {
		s.loop.Forget(s.token)
		s.watched = false
	}
	// close(2) on Linux has given the descriptor back whatever it returns.
	syscall.RawSyscall(unix.SYS_CLOSE, uintptr(s.fd), 0, 0)
	s.fd = -1
}

func (s *socket) Err() errno {
	n, err := unix.GetsockoptInt(int(s.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return unix.EBADF
	}
	return errno(n)
}

func (s *socket) Quiet() bool {
	var one [1]byte
	_, e := transfer(unix.SYS_RECVFROM, s.fd, one[:], unix.MSG_PEEK)
	return e == unix.EAGAIN
}

func (s *socket) Unsent() int {
	n, err := unix.IoctlGetInt(int(s.fd), unix.SIOCOUTQ)
	if err != nil {
		return 0
	}
	return n
}

// rawAddress is an address as connect(2) takes it.
type rawAddress struct {
	family int
	size   uintptr
	raw    unix.RawSockaddrAny
}

// tcpAddress is the kernel's form of an address and port.
func tcpAddress(ap netip.AddrPort) rawAddress {
	var a rawAddress
	if addr := ap.Addr().Unmap(); addr.Is4() {
		sa := (*unix.RawSockaddrInet4)(unsafe.Pointer(&a.raw))
		sa.Family = unix.AF_INET
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:], ap.Port())
		sa.Addr = addr.As4()
		a.family, a.size = unix.AF_INET, unix.SizeofSockaddrInet4
		return a
	}
	sa := (*unix.RawSockaddrInet6)(unsafe.Pointer(&a.raw))
	sa.Family = unix.AF_INET6
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:], ap.Port())
	sa.Addr = ap.Addr().As16()
	a.family, a.size = unix.AF_INET6, unix.SizeofSockaddrInet6
	return a
}

// unixAddress is the kernel's form of a path; false where it is too long
// (unix(7): 108 bytes with the final NUL).
func unixAddress(path string) (rawAddress, bool) {
	var a rawAddress
	sa := (*unix.RawSockaddrUnix)(unsafe.Pointer(&a.raw))
	if len(path) >= len(sa.Path) {
		return a, false
	}
	sa.Family = unix.AF_UNIX
	for i := range len(path) {
		sa.Path[i] = int8(path[i])
	}
	a.family = unix.AF_UNIX
	a.size = unsafe.Offsetof(sa.Path) + uintptr(len(path)) + 1
	return a, true
}

// connect begins a connection. EINPROGRESS means that its end will be
// announced; any other error closes the descriptor again.
func (s *socket) connect(l *loop.Loop, a *rawAddress) errno {
	fd, err := unix.Socket(a.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return asErrno(err)
	}
	if a.family != unix.AF_UNIX {
		// What we have to say is said in whole pieces: waiting for more of
		// them (Nagle) only delays.
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	*s = socket{loop: l, fd: int32(fd)}
	_, _, e := syscall.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&a.raw)), a.size)
	switch e {
	case 0, unix.EINPROGRESS:
		return e
	case unix.EINTR:
		// connect(2): it goes on, as after EINPROGRESS.
		return unix.EINPROGRESS
	}
	s.Close()
	return e
}

// accept takes one connection of a listening socket, and its peer.
func (s *socket) accept(l *loop.Loop, listening int) (peer netip.AddrPort, e errno) {
	var raw unix.RawSockaddrAny
	size := uint32(unix.SizeofSockaddrAny)
	for {
		fd, _, e := syscall.RawSyscall6(unix.SYS_ACCEPT4, uintptr(listening), uintptr(unsafe.Pointer(&raw)),
			uintptr(unsafe.Pointer(&size)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
		if e == 0 {
			*s = socket{loop: l, fd: int32(fd)}
			return peerOf(&raw), 0
		}
		if e != syscall.EINTR {
			return netip.AddrPort{}, e
		}
	}
}

// connectionWaits says whether there is one to accept.
func connectionWaits(listening int) bool {
	fds := []unix.PollFd{{Fd: int32(listening), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n == 1
}

// peerOf reads an address of the kernel's; that of a unix socket is none.
func peerOf(raw *unix.RawSockaddrAny) netip.AddrPort {
	port := func(p *uint16) uint16 { return binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(p))[:]) }
	switch raw.Addr.Family {
	case unix.AF_INET:
		sa := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), port(&sa.Port))
	case unix.AF_INET6:
		sa := (*unix.RawSockaddrInet6)(unsafe.Pointer(raw))
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), port(&sa.Port))
	}
	return netip.AddrPort{}
}

func asErrno(err error) errno {
	if e, ok := err.(errno); ok {
		return e
	}
	return unix.EINVAL
}

// noDelay has accepted connections send at once: they take the option over
// from the socket that they were accepted of.
func noDelay(fd int) {
	// A unix socket does not know it.
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
}
