package spec

import (
	"fmt"
	"net/netip"
	"strings"
)

// hosts are the names of a site, in lower case.
func hosts() Type {
	return list("host names", func(c *checker, k *Key, n *node) (string, bool) {
		s := strings.ToLower(n.text)
		if hint := badHost(s); hint != "" {
			c.fail(n.at, hint, "%s is not a host name", quote(clip(n.text)))
			return "", false
		}
		return s, true
	})
}

// maxHost is the longest DNS name in text (RFC 1035, section 2.3.4).
const maxHost = 253

// badHost is the remedy for what is no host name, or "".
func badHost(s string) string {
	if strings.HasPrefix(s, "[") {
		if addr, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil && addr.Is6() && strings.HasSuffix(s, "]") {
			return ""
		}
		return `an IPv6 address stands in brackets, without a port: "[::1]"`
	}
	name := strings.TrimPrefix(s, "*.")
	switch {
	case s == "" || s == "*" || s == "_":
		return "for every other host of the listener, leave hosts out"
	case strings.Contains(s, "://") || strings.Contains(s, "/"):
		return `only the name: hosts = ["example.com"]`
	case strings.HasPrefix(s, "~"):
		return `there are no patterns but "*.example.com"`
	case strings.HasPrefix(s, "."):
		return fmt.Sprintf("write hosts = [%s, %s]", quote(s[1:]), quote("*"+s))
	case strings.Contains(name, "*"):
		return `"*" stands for the first labels only: "*.example.com"`
	case strings.Contains(s, ":"):
		return "without the port: listen has that"
	case strings.HasSuffix(s, "."):
		return "without the final dot"
	case len(s) > maxHost:
		return fmt.Sprintf("a host name has at most %d bytes", maxHost)
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 {
			return "labels of 1 to 63 characters, with dots between them"
		}
		for _, r := range label {
			switch {
			case r >= 0x80:
				return "write it as DNS has it, in its xn-- form"
			case !isLetter(byte(r)) && !isDigit(byte(r)) && r != '-' && r != '_':
				return "letters, digits, - and dots"
			}
		}
	}
	return ""
}

// networks are CIDR prefixes; a bare address is one of its full length.
// proxyPeers are networks, and no switch: a PROXY header from anybody would let
// everybody be anybody.
func proxyPeers() Type {
	t := networks()
	parse := t.parse
	t.parse = func(c *checker, k *Key, n *node) (any, bool) {
		if n.kind == boolKind {
			if n.text == "false" {
				return []string(nil), true
			}
			return c.wrong(k, n, `name the peers that may send it: proxy_protocol = ["10.0.0.0/8"]`)
		}
		return parse(c, k, n)
	}
	return t
}

func networks() Type {
	return list("networks such as \"10.0.0.0/8\"", func(c *checker, k *Key, n *node) (string, bool) {
		if addr, err := netip.ParseAddr(n.text); err == nil && addr.Zone() == "" {
			return netip.PrefixFrom(addr, addr.BitLen()).String(), true
		}
		p, err := netip.ParsePrefix(n.text)
		switch {
		case err != nil:
			c.fail(n.at, `write an address or a network: "10.0.0.0/8"`, "%s has %s, which is no network", k.Name, quote(clip(n.text)))
		case p.Masked() != p:
			c.fail(n.at, fmt.Sprintf("the network is %s", quote(p.Masked().String())), "%s has %s, which has bits behind its prefix", k.Name, quote(n.text))
		default:
			return p.String(), true
		}
		return "", false
	})
}
