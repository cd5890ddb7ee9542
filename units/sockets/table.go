package sockets

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

// Listening are the inodes of the sockets that a connection to an address
// would reach.
func Listening(proc, network, address string) ([]string, error) {
	if network == "unix" {
		return readTable(filepath.Join(proc, "net/unix"), func(r io.Reader) []string { return unixListeners(r, address) })
	}
	want, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no literal address: %w", address, err)
	}
	var best []candidate
	for _, name := range []string{"net/tcp", "net/tcp6"} {
		six := name == "net/tcp6"
		_, err := readTable(filepath.Join(proc, name), func(r io.Reader) []string {
			best = append(best, tcpListeners(r, want, six)...)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return nearest(best), nil
}

// readTable opens one of the kernel's tables; one that is not there (IPv6
// turned off) is empty.
func readTable(path string, read func(io.Reader) []string) ([]string, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot see who listens: %w", err)
	}
	defer f.Close()
	return read(f), nil
}

// candidate is a socket that could take a connection, and how near its own
// address is: the kernel gives it to the nearest (inet_lookup_listener).
type candidate struct {
	inode string
	near  int
}

// nearest are the inodes of the nearest, several where they share an address
// by SO_REUSEPORT.
func nearest(all []candidate) []string {
	best := 0
	for _, c := range all {
		best = max(best, c.near)
	}
	var inodes []string
	for _, c := range all {
		if c.near == best {
			inodes = append(inodes, c.inode)
		}
	}
	return inodes
}

// tcpListen is the state of a listening socket in /proc/net/tcp.
const tcpListen = "0A"

// tcpListening reads /proc/net/tcp or tcp6: a heading, then a line for each
// socket with its local address in the second field, its state in the fourth
// and its inode in the tenth. The listening ones come first
// (Documentation/networking/proc_net_tcp.rst), so that a machine with many
// connections is not read to the end.
func tcpListening(table io.Reader, each func(local netip.AddrPort, inode string)) {
	lines := bufio.NewScanner(table)
	lines.Scan() // the heading
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		if len(field) < 10 {
			continue
		}
		if field[3] != tcpListen {
			return
		}
		if local, ok := tableAddress(field[1]); ok {
			each(local, field[9])
		}
	}
}

// tcpListeners are those that could take a connection to an address; six says
// that the table is IPv6's.
func tcpListeners(table io.Reader, want netip.AddrPort, six bool) []candidate {
	var found []candidate
	tcpListening(table, func(local netip.AddrPort, inode string) {
		if local.Port() != want.Port() {
			return
		}
		if near := nearness(local.Addr(), want.Addr(), six); near > 0 {
			found = append(found, candidate{inode, near})
		}
	})
	return found
}

// nearness is 0 where a socket on the address local does not take connections
// to want, and more the nearer it is. A socket of IPv6 on every address takes
// IPv4 too unless it was told not to, which the table does not show.
func nearness(local, want netip.Addr, six bool) int {
	switch {
	case local.Unmap() == want.Unmap():
		return 4
	case !local.IsUnspecified():
		return 0
	case six == want.Unmap().Is6():
		return 3
	case six:
		return 1
	}
	return 0
}

// tableAddress reads "0100007F:1F91": the address in 32-bit words of the
// machine's order (little-endian on all that we build for), the port in hex.
func tableAddress(s string) (netip.AddrPort, bool) {
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
	return netip.AddrPortFrom(addr, uint16(n)), ok
}

// acceptsConnections is the flag of a listening socket in /proc/net/unix
// (__SO_ACCEPTCON, proc(5)).
const acceptsConnections = 1 << 16

// unixListeners reads /proc/net/unix: a heading, then "Num RefCount Protocol
// Flags Type St Inode Path" for each socket.
func unixListeners(table io.Reader, path string) []string {
	var inodes []string
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		// A path may hold spaces.
		field := strings.Fields(lines.Text())
		if len(field) < 8 || !strings.HasSuffix(lines.Text(), " "+path) || field[7] != firstWord(path) {
			continue
		}
		flags, err := strconv.ParseUint(field[3], 16, 64)
		if err == nil && flags&acceptsConnections != 0 {
			inodes = append(inodes, field[6])
		}
	}
	return inodes
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return word
}
