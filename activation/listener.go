package activation

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// unnamed is the name of a descriptor that came without one, as
	// sd_listen_fds_with_names(3) has it.
	unnamed = "unknown"
	// maxInherited bounds a number that is read from a string: more cannot
	// be named in one, which the kernel ends at 128 KiB.
	maxInherited = 65536
)

// Listener is a listening socket that systemd opened.
type Listener struct {
	// Name is the FileDescriptorName of its socket unit.
	Name string
	net.Listener
}

// Listeners takes over what systemd passed in, in its order, which means
// nothing. There is none when the process was not started by a socket. A
// descriptor that cannot be used is closed and is part of the error; the
// others are returned all the same. Called again it finds nothing.
func Listeners(env Env) ([]Listener, error) {
	n, err := inherited(env)
	names := strings.Split(env.Get("LISTEN_FDNAMES"), ":")
	for _, v := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"} {
		err = errors.Join(err, env.Unset(v))
	}
	var listeners []Listener
	for i := range n {
		name := unnamed
		if i < len(names) && names[i] != "" {
			name = names[i]
		}
		l, listenErr := listen(env.FirstFD+i, name)
		if listenErr != nil {
			err = errors.Join(err, fmt.Errorf("cannot listen on descriptor %d, %q: %w", env.FirstFD+i, name, listenErr))
			continue
		}
		listeners = append(listeners, Listener{Name: name, Listener: l})
	}
	return listeners, err
}

// inherited is how many descriptors were passed to this process.
func inherited(env Env) (int, error) {
	if pid, err := strconv.Atoi(env.Get("LISTEN_PID")); err != nil || pid != env.PID {
		return 0, nil
	}
	n, err := strconv.Atoi(env.Get("LISTEN_FDS"))
	if err != nil || n < 0 || n > maxInherited {
		return 0, fmt.Errorf("cannot take over sockets: LISTEN_FDS is %q", env.Get("LISTEN_FDS"))
	}
	return n, nil
}

// listen makes a listener of fd, which it closes.
//
// An os.File that has set O_NONBLOCK itself clears it again in Fd, which
// net.FileListener calls. So it is set before there is a file, and a file of
// a descriptor that is non-blocking already leaves the flag alone.
func listen(fd int, name string) (net.Listener, error) {
	listening, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	if err == nil && listening == 0 {
		err = errors.New("it is a socket that does not listen")
	}
	if err == nil {
		unix.CloseOnExec(fd)
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, errors.Join(err, closeFD(fd))
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	return net.FileListener(f)
}

// closeFD closes what may not be open.
func closeFD(fd int) error {
	if err := unix.Close(fd); err != nil && !errors.Is(err, unix.EBADF) {
		return err
	}
	return nil
}

// Named finds a listener by its FileDescriptorName.
func Named(listeners []Listener, name string) (Listener, bool) {
	for _, l := range listeners {
		if l.Name == name {
			return l, true
		}
	}
	return Listener{}, false
}

// At finds a listener by its address: network "tcp" with a literal address
// and a port, or "unix" with a path.
func At(listeners []Listener, network, address string) (Listener, bool) {
	want := canonical(network, address)
	for _, l := range listeners {
		if a := l.Addr(); a.Network() == network && canonical(network, a.String()) == want {
			return l, true
		}
	}
	return Listener{}, false
}

func canonical(network, address string) string {
	if ap, err := netip.ParseAddrPort(address); err == nil && network == "tcp" {
		return ap.String()
	}
	return address
}
