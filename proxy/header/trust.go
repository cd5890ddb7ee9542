package header

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Trust is the peers whose forwarded fields are believed, compiled. The zero
// value believes nobody.
type Trust struct{ prefixes []netip.Prefix }

// ParseTrust compiles prefixes in CIDR form and single addresses.
func ParseTrust(cidrs []string) (Trust, error) {
	var t Trust
	var problems []error
	for _, cidr := range cidrs {
		p, err := parsePrefix(cidr)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		t.prefixes = append(t.prefixes, p)
	}
	if len(problems) > 0 {
		return Trust{}, errors.Join(problems...)
	}
	return t, nil
}

func parsePrefix(cidr string) (netip.Prefix, error) {
	if !strings.Contains(cidr, "/") {
		addr, err := netip.ParseAddr(cidr)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("trusted proxy %q is neither an address nor a prefix", cidr)
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("trusted proxy %q is neither an address nor a prefix", cidr)
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("trusted proxy %q has bits set behind its prefix; %s is meant?", cidr, p.Masked())
	}
	if p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("trusted proxy %q maps IPv4 into IPv6; write it as IPv4", cidr)
	}
	return p, nil
}

// Has says whether the address is a trusted proxy's. The zero Addr, the peer
// of a unix socket, is not.
func (t Trust) Has(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range t.prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Client is the client's address: the peer's, or, where the peer is trusted,
// the rightmost address of X-Forwarded-For that is not itself trusted. The
// walk goes from right to left, since everything to the left of an untrusted
// address is that address's own claim (X3); it ends at what is no address.
func (t Trust) Client(peer netip.Addr, in []Field) netip.Addr {
	client := peer.Unmap()
	if !t.Has(client) {
		return client
	}
	for i := len(in) - 1; i >= 0; i-- {
		if class, alias := Classify(in[i].Name); class != ForwardedFor || alias {
			continue
		}
		for rest := in[i].Value; rest != ""; {
			var element string
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				element, rest = rest[comma+1:], rest[:comma]
			} else {
				element, rest = rest, ""
			}
			addr, ok := parseHop(strings.Trim(element, " \t"))
			if !ok {
				return client
			}
			client = addr
			if !t.Has(client) {
				return client
			}
		}
	}
	return client
}

// parseHop reads an address as proxies write it: bare, in brackets, or with a
// port.
func parseHop(s string) (netip.Addr, bool) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return addr.Unmap().WithZone(""), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	if literal, ok := strings.CutPrefix(s, "["); ok {
		if addr, err := netip.ParseAddr(strings.TrimSuffix(literal, "]")); err == nil {
			return addr.Unmap().WithZone(""), true
		}
	}
	return netip.Addr{}, false
}
