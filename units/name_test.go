package units

import (
	"net/netip"
	"strings"
	"testing"
)

func TestListenersAreNamedAfterTheirAddress(t *testing.T) {
	long := "/run/" + strings.Repeat("a", 100)
	for _, c := range []struct{ network, address, want string }{
		{"tcp", "0.0.0.0:8081", "8081"},
		{"tcp", "127.0.0.1:8081", "127.0.0.1-8081"},
		{"tcp", "[::]:80", "ip6-__-80"},
		{"tcp", "[0:0::1]:80", "ip6-__1-80"},
		{"tcp", "[fe80::1%eth0]:80", "ip6-fe80__1-eth0-80"},
		{"unix", "/run/shop.sock", "unix-run-shop.sock"},
		{"unix", "/run/my-shop_1", "unix-run-my_2dshop_5f1"},
		{"unix", long, "unix.sha256-9970f99c9f2f7002fd0ae108eb43ffbe"},
	} {
		got := ListenerName(c.network, c.address)
		if got != c.want {
			t.Errorf("ListenerName(%s, %s) = %s, want %s", c.network, c.address, got, c.want)
		}
		if err := descriptorName(got); err != nil || len(SocketUnit(got)) > maxUnitFile {
			t.Errorf("ListenerName(%s, %s) = %s names no unit: %v", c.network, c.address, got, err)
		}
	}
}

func FuzzTwoListenersNeverShareAName(f *testing.F) {
	f.Add("unix", "/run/a-b", "unix", "/run/a/b")
	f.Add("unix", "/run/a_2db", "unix", "/run/a-b")
	f.Add("tcp", "[::1]:80", "tcp", "[::1%1]:80")
	f.Add("tcp", "0.0.0.0:80", "tcp", "80")
	f.Add("tcp", "[::1%80]:80", "tcp", "[::1]:80")
	f.Fuzz(func(t *testing.T, networkA, a, networkB, b string) {
		for _, l := range []struct{ network, address string }{{networkA, a}, {networkB, b}} {
			if l.network != "tcp" && l.network != "unix" || l.network == "unix" && !strings.HasPrefix(l.address, "/") {
				return
			}
		}
		one, two := ListenerName(networkA, a), ListenerName(networkB, b)
		if err := descriptorName(one); err != nil {
			t.Errorf("ListenerName(%q, %q) = %q: %v", networkA, a, one, err)
		}
		same := networkA == networkB && (a == b || networkA == "tcp" && sameAddress(a, b))
		if one == two && !same {
			t.Errorf("%s %q and %s %q share the name %q", networkA, a, networkB, b, one)
		}
	})
}

func TestUnitsOfTheSystemAreRefused(t *testing.T) {
	for _, unit := range []string{
		"getty", "ssh", "sshd", "user", "dbus", "systemd-journald", "multi-user", "system",
		"webstack", "webstack-8081", "initrd-fs", "", "-x", ".x", "a@b", "a b", "a/b", `a\x2d`, "é", strings.Repeat("a", 201),
	} {
		if CheckName(unit) == nil {
			t.Errorf("CheckName(%q) accepts it", unit)
		}
	}
	for _, unit := range []string{"app", "shop-worker", "shop_2", "users", "a.b", "system1", "0"} {
		if err := CheckName(unit); err != nil {
			t.Errorf("CheckName(%q): %v", unit, err)
		}
	}
}

// sameAddress is true of two spellings of one address.
func sameAddress(a, b string) bool {
	x, errX := netip.ParseAddrPort(a)
	y, errY := netip.ParseAddrPort(b)
	return errX == nil && errY == nil && x == y
}

func TestWhoseAUnitNameIs(t *testing.T) {
	for _, name := range []string{"getty", "ssh", "sshd", "dbus", "systemd-journald", "user", "user-x", "session", "init", "webstack", "webstack-x", "system-app"} {
		if Owner(name) == "" {
			t.Errorf("%s is free", name)
		}
		if CheckName(name) == nil {
			t.Errorf("%s can be rendered", name)
		}
	}
	for _, name := range []string{"app", "shop", "web", "users", "sshop", "redis-server"} {
		if whose := Owner(name); whose != "" {
			t.Errorf("%s is %s", name, whose)
		}
	}
}
