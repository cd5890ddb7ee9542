package sockets

import (
	"io"
	"net/netip"
)

// Holder names the process that listens where a new socket would collide: on
// the same port, on the same address or on a wildcard. It returns "" for a
// free address and for one that cannot be told.
func Holder(network, address string) string {
	if network != "tcp" {
		return ""
	}
	want, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	var inodes []string
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		// A table that cannot be read tells of nobody.
		found, _ := readTable(path, func(table io.Reader) (inodes []string) {
			tcpListening(table, func(has netip.AddrPort, inode string) {
				if collide(netip.AddrPortFrom(has.Addr().Unmap(), has.Port()), want) {
					inodes = append(inodes, inode)
				}
			})
			return inodes
		})
		inodes = append(inodes, found...)
	}
	if len(inodes) == 0 {
		return ""
	}
	return Owner("/proc", inodes)
}

// collide says whether two sockets cannot listen side by side. An IPv6
// wildcard takes IPv4 too unless it was told not to, which the table does not
// show; ours are told, so only a stranger's counts as both.
func collide(has, want netip.AddrPort) bool {
	if has.Port() != want.Port() {
		return false
	}
	h, w := has.Addr(), want.Addr()
	if h == w || h.IsUnspecified() && (h.Is6() || w.Is4()) {
		return true
	}
	return w.IsUnspecified() && w.Is4() == h.Is4()
}
