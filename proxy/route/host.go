package route

import (
	"net/netip"
	"strings"
)

// maxHost is the longest host name there is: 253 characters in DNS, with a
// trailing dot 254 (RFC 1035 section 2.3.4).
const maxHost = 254

// appendHost appends the name of a Host field in the one form that is
// compared: lower case, without the port and without a trailing dot; an IPv6
// literal in brackets, shortened. It refuses what is not uri-host[:port]
// (RFC 9110 section 7.2); of RFC 3986's reg-name it leaves out percent
// escapes, which no name in DNS needs.
func appendHost(dst []byte, host string) ([]byte, bool) {
	if strings.HasPrefix(host, "[") {
		literal, port, found := strings.Cut(host[1:], "]")
		addr, err := netip.ParseAddr(literal)
		if !found || err != nil || !addr.Is6() || addr.Zone() != "" {
			return dst, false
		}
		dst = append(dst, '[')
		dst = addr.AppendTo(dst)
		return append(dst, ']'), port == "" || port[0] == ':' && isPort(port[1:])
	}
	name, port, _ := strings.Cut(host, ":")
	if !isPort(port) {
		return dst, false
	}
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > maxHost {
		return dst, false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case strings.IndexByte("-._~!$&'()*+,;=", c) >= 0:
		default:
			return dst, false
		}
		dst = append(dst, c)
	}
	return dst, true
}

// isPort accepts *DIGIT (RFC 3986 section 3.2.3: it may be empty), up to
// 65535.
func isPort(port string) bool {
	n := 0
	for i := 0; i < len(port); i++ {
		c := port[i]
		if c < '0' || c > '9' {
			return false
		}
		if n = n*10 + int(c-'0'); n > 65535 {
			return false
		}
	}
	return true
}

// IsHostName says whether s is a name or a literal address as sites and
// addresses hold it: in lower case, without a port or a trailing dot.
func IsHostName(s string) bool {
	canonical, ok := appendHost(nil, s)
	return ok && string(canonical) == s
}
