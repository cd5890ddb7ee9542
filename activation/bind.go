package activation

import (
	"context"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// deferAcceptSeconds is DeferAcceptSec= of the socket units: a connection is
// accepted when its first bytes are there, so that it can be answered at once
// (tcp(7), TCP_DEFER_ACCEPT).
const deferAcceptSeconds = 30

// Bind makes a listening socket as the socket units do, for a proxy that runs
// without them.
func Bind(network, address string) (net.Listener, error) {
	control := func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			// A unix socket does not know it.
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, deferAcceptSeconds)
		})
	}
	lc := net.ListenConfig{Control: control}
	return lc.Listen(context.Background(), network, address)
}
