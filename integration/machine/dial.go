package machine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Dial connects to an address as a process of the machine would: "tcp" with a
// numeric address (or localhost), or "unix" with a path. A socket belongs for
// good to the network namespace in which it was made, so no link between the
// networks is needed.
func (m *Machine) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	l, err := m.alive()
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w", address, err)
	}
	var d net.Dialer
	if strings.HasPrefix(network, "unix") {
		return d.DialContext(ctx, network, filepath.Join("/proc", strconv.Itoa(l.PID), "root", address))
	}
	if address, err = numeric(address); err != nil {
		return nil, err
	}
	namespace, err := m.namespace()
	if err != nil {
		return nil, err
	}
	defer namespace.Close()
	var conn net.Conn
	err = inNamespace(namespace, func() (err error) {
		// Of a numeric address, net makes the socket on the calling goroutine.
		conn, err = d.DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// namespace is a copy of the network namespace's descriptor: a reboot may
// close the original at any time.
func (m *Machine) namespace() (*os.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life == nil {
		return nil, fmt.Errorf("cannot enter the machine's network: it is not running")
	}
	fd, err := unix.FcntlInt(m.life.netns.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot enter the machine's network: %w", err)
	}
	return os.NewFile(uintptr(fd), "network namespace"), nil
}

// inNamespace runs f on a thread that is in the network namespace.
func inNamespace(namespace *os.File, f func() error) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("cannot open the host's network namespace: %w", err)
	}
	defer home.Close()
	if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("cannot enter the machine's network: %w", err)
	}
	err = f()
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		// Left locked, the thread ends with its goroutine: it must not carry
		// anybody else's sockets into the machine.
		return fmt.Errorf("cannot return to the host's network: %w", back)
	}
	runtime.UnlockOSThread()
	return err
}

// numeric refuses names: looking one up would happen on other threads.
func numeric(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("cannot connect to %s: %w", address, err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if _, err := netip.ParseAddr(host); err != nil {
		return "", fmt.Errorf("cannot connect to %s: %w", address, err)
	}
	return net.JoinHostPort(host, port), nil
}

// HTTPTransport is a transport whose connections are made in the machine.
// Every host name leads to the machine's loopback, so that sites can be asked
// for by name.
func (m *Machine) HTTPTransport() *http.Transport {
	return &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			if _, err := netip.ParseAddr(host); err != nil {
				address = net.JoinHostPort("127.0.0.1", port)
			}
			return m.Dial(ctx, network, address)
		},
	}
}
