package sockets

import (
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestAListeningSocketIsTracedToItsProcess(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	if got := Holder("tcp", address); !strings.Contains(got, "sockets.test") {
		t.Errorf("Holder(%s) = %q, want this process's name and pid", address, got)
	}
	_, port, _ := net.SplitHostPort(address)
	if got := Holder("tcp", "0.0.0.0:"+port); got == "" {
		t.Errorf("a wildcard listener on port %s would collide, and nobody is named", port)
	}
	if got := Holder("tcp", "127.0.0.2:"+port); got != "" {
		t.Errorf("127.0.0.2:%s is free, got %q", port, got)
	}
}

func TestWhichSocketsCollide(t *testing.T) {
	for _, c := range []struct {
		has, want string
		collide   bool
		why       string
	}{
		{"127.0.0.1:80", "127.0.0.1:80", true, "the same address"},
		{"127.0.0.1:80", "127.0.0.1:81", false, "another port"},
		{"127.0.0.1:80", "127.0.0.2:80", false, "another address"},
		{"0.0.0.0:80", "127.0.0.1:80", true, "their wildcard covers ours"},
		{"127.0.0.1:80", "0.0.0.0:80", true, "our wildcard covers theirs"},
		{"[::]:80", "0.0.0.0:80", true, "a dual-stack wildcard covers IPv4"},
		{"0.0.0.0:80", "[::]:80", false, "ours is IPv6 only"},
		{"[::1]:80", "[::]:80", true, "our IPv6 wildcard covers theirs"},
	} {
		if got := collide(netip.MustParseAddrPort(c.has), netip.MustParseAddrPort(c.want)); got != c.collide {
			t.Errorf("%s beside %s: got %v, want %v: %s", c.want, c.has, got, c.collide, c.why)
		}
	}
}
