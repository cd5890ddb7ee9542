package install

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// tcpListen is the state of a listening socket in /proc/net/tcp (proc_net_tcp
// of the kernel's documentation).
const tcpListen = "0A"

// socketHolder names the process that listens where a new socket would
// collide: on the same port, on the same address or on a wildcard. It returns
// "" for a free address and for one that cannot be told.
func socketHolder(network, address string) string {
	if network != "tcp" {
		return ""
	}
	want, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	var inodes []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		inodes = append(inodes, listeningInodes(f, want)...)
		f.Close()
	}
	if len(inodes) == 0 {
		return ""
	}
	if name := inodeHolder(inodes); name != "" {
		return name
	}
	return "another process"
}

// listeningInodes reads one of the kernel's socket tables: a heading, then a
// line for each socket with its local address in the second field, its state
// in the fourth and its inode in the tenth.
func listeningInodes(table io.Reader, want netip.AddrPort) []string {
	var inodes []string
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		if len(field) < 10 || field[3] != tcpListen {
			continue
		}
		if has, ok := kernelAddress(field[1]); ok && collide(has, want) {
			inodes = append(inodes, field[9])
		}
	}
	return inodes
}

// kernelAddress reads "0100007F:1F91": the address in 32-bit words of the
// machine's order (little-endian on all that we build for), the port in hex.
func kernelAddress(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	raw, err := hex.DecodeString(host)
	n, portErr := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || portErr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), ok
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

// inodeHolder finds a process that has one of the sockets open.
func inodeHolder(inodes []string) string {
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil {
			continue
		}
		inode, ok := strings.CutPrefix(target, "socket:[")
		if !ok || !slices.Contains(inodes, strings.TrimSuffix(inode, "]")) {
			continue
		}
		pid := strings.Split(link, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (pid %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}
