package header

import (
	"net/netip"
	"strings"
	"testing"
)

func TestX3ClientIsFoundFromRightToLeft(t *testing.T) {
	trust, err := ParseTrust([]string{"10.0.0.0/8", "192.0.2.1", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		about, peer string
		lines       []string
		want        string
	}{
		{"an untrusted peer is the client", "198.51.100.1", []string{"X-Forwarded-For: 1.1.1.1"}, "198.51.100.1"},
		{"a trusted peer names the client", "10.1.1.1", []string{"X-Forwarded-For: 198.51.100.7"}, "198.51.100.7"},
		{"what stands left of an untrusted address is a claim", "10.1.1.1", []string{"X-Forwarded-For: 127.0.0.1, 198.51.100.7"}, "198.51.100.7"},
		{"trusted hops are skipped", "10.1.1.1", []string{"X-Forwarded-For: 1.1.1.1, 198.51.100.7, 192.0.2.1,10.2.2.2"}, "198.51.100.7"},
		{"lines are one list", "10.1.1.1", []string{"X-Forwarded-For: 1.1.1.1", "x-forwarded-for: 198.51.100.7, 10.2.2.2"}, "198.51.100.7"},
		{"all trusted: the leftmost", "10.1.1.1", []string{"X-Forwarded-For: 10.3.3.3, 10.2.2.2"}, "10.3.3.3"},
		{"garbage ends the walk", "10.1.1.1", []string{"X-Forwarded-For: 198.51.100.7, unknown, 10.2.2.2"}, "10.2.2.2"},
		{"an alias is nobody's", "10.1.1.1", []string{"X_Forwarded_For: 198.51.100.7"}, "10.1.1.1"},
		{"a port is cut off", "10.1.1.1", []string{"X-Forwarded-For: 198.51.100.7:4711"}, "198.51.100.7"},
		{"IPv6 in brackets", "2001:db8::1", []string{"X-Forwarded-For: [2001:db9::7]"}, "2001:db9::7"},
		{"IPv6 with a port", "2001:db8::1", []string{"X-Forwarded-For: [2001:db9::7]:80"}, "2001:db9::7"},
		{"IPv4 mapped into IPv6 is IPv4", "::ffff:10.1.1.1", []string{"X-Forwarded-For: ::ffff:198.51.100.7"}, "198.51.100.7"},
		{"no list, no news", "10.1.1.1", nil, "10.1.1.1"},
	} {
		if got := trust.Client(netip.MustParseAddr(tt.peer), fields(tt.lines...)).String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.about, got, tt.want)
		}
	}
	if trust.Has(netip.Addr{}) {
		t.Error("the peer of a unix socket is trusted, want not")
	}
}

func TestParseTrustNamesEveryProblem(t *testing.T) {
	_, err := ParseTrust([]string{"10.0.0.1/8", "proxy.example", "::ffff:10.0.0.0/104", "10.0.0.0/33", "127.0.0.1"})
	if err == nil {
		t.Fatal("ParseTrust accepts it, want an error")
	}
	for _, want := range []string{"10.0.0.0/8 is meant", `"proxy.example" is neither`, "write it as IPv4", `"10.0.0.0/33" is neither`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}
