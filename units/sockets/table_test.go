package sockets

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

const tcpTable = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F54 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 100 0 0 10 0
   1: 00000000:1F55 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12 1 0 100 0 0 10 0
   2: 0200007F:1F55 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 13 1 0 100 0 0 10 0
   3: 0100007F:1F54 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 14 1 0 100 0 0 10 0
   4: 0100007F:1F56 0100007F:9000 01 00000000:00000000 00:00000000 00000000  1000        0 15 1 0 100 0 0 10 0
   5: 0100007F:1F56 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 16 1 0 100 0 0 10 0
`

func TestWhoListensIsReadFromTheKernelsTable(t *testing.T) {
	for _, c := range []struct {
		name, address string
		want          []string
	}{
		{"two share an address", "127.0.0.1:8020", []string{"11", "14"}},
		{"every address", "127.0.0.1:8021", []string{"12"}},
		{"the nearest takes it", "127.0.0.2:8021", []string{"13"}},
		{"a connection is no listener, and ends them", "127.0.0.1:8022", nil},
		{"another address", "127.0.0.9:8020", nil},
		{"IPv6 does not get to IPv4", "[::1]:8021", nil},
	} {
		got := nearest(tcpListeners(strings.NewReader(tcpTable), netip.MustParseAddrPort(c.address), false))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTheNearestTakesAConnection(t *testing.T) {
	for _, c := range []struct {
		name, local, want string
		six               bool
		near              int
	}{
		{"the very address", "127.0.0.1", "127.0.0.1", false, 4},
		{"the very address, by IPv6", "::ffff:127.0.0.1", "127.0.0.1", true, 4},
		{"every address of its family", "0.0.0.0", "127.0.0.1", false, 3},
		{"every IPv6 address", "::", "::1", true, 3},
		{"every address, by IPv6", "::", "127.0.0.1", true, 1},
		{"another address", "127.0.0.2", "127.0.0.1", false, 0},
		{"every IPv4 address, for IPv6", "0.0.0.0", "::1", false, 0},
	} {
		if got := nearness(addr(c.local), addr(c.want), c.six); got != c.near {
			t.Errorf("%s: got %d, want %d", c.name, got, c.near)
		}
	}
}

const unixTable = `Num       RefCount Protocol Flags    Type St Inode Path
ffff0: 00000002 00000000 00010000 0001 01 21 /run/app/socket
ffff1: 00000003 00000000 00000000 0001 03 22 /run/app/socket
ffff2: 00000002 00000000 00010000 0001 01 23 /run/app/socket
ffff3: 00000002 00000000 00010000 0001 01 24 /run/x /run/app/socket
ffff4: 00000002 00000000 00010000 0001 01 25 @/run/app/socket
ffff5: 00000002 00000000 00010000 0001 01 26 /run/my app/socket
ffff6: 00000003 00000000 00000000 0001 03 27
`

func TestWhoListensOnASocketIsReadFromTheKernelsTable(t *testing.T) {
	for path, want := range map[string][]string{
		"/run/app/socket":    {"21", "23"},
		"/run/my app/socket": {"26"},
		"/run/app/sock":      nil,
		"app/socket":         nil,
	} {
		if got := unixListeners(strings.NewReader(unixTable), path); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func FuzzTables(f *testing.F) {
	f.Add(tcpTable)
	f.Add(unixTable)
	f.Add("x\n0: 0100007F:1F54 0 0A 0 0 0 0 0 1\n0: 01:1F54 0 0A 0 0 0 0 0 1\n")
	f.Fuzz(func(t *testing.T, table string) {
		for _, six := range []bool{false, true} {
			for _, c := range tcpListeners(strings.NewReader(table), netip.MustParseAddrPort("127.0.0.1:8020"), six) {
				if c.inode == "" || c.near == 0 {
					t.Errorf("a listener without an inode or nearness: %+v", c)
				}
			}
		}
		unixListeners(strings.NewReader(table), "/run/app/socket")
	})
}
