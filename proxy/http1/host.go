package http1

import (
	"net/netip"
	"strings"
)

// maxHost is the longest host there is: 253 characters in DNS and a trailing
// dot (RFC 1035 section 2.3.4), or a literal address, which is shorter.
const maxHost = 254

// isAuthority says whether s is uri-host [":" port] (RFC 9110 section 7.2).
// An empty host is none: "A recipient that processes such a URI reference
// MUST reject it as invalid" (RFC 9110 section 4.2.1). User information falls
// out because "@" is no part of a host.
func isAuthority(s string) bool {
	if strings.HasPrefix(s, "[") {
		return isLiteral(s)
	}
	i := 0
	for i < len(s) && class[s[i]]&hostByte != 0 {
		i++
	}
	if i == 0 || i > maxHost || i == 1 && s[0] == '.' {
		return false
	}
	return i == len(s) || s[i] == ':' && isPort(s[i+1:])
}

// isLiteral is isAuthority for an address in brackets.
func isLiteral(s string) bool {
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return false
	}
	addr, err := netip.ParseAddr(s[1:end])
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return false
	}
	rest := s[end+1:]
	return rest == "" || rest[0] == ':' && isPort(rest[1:])
}

// isPort accepts *DIGIT (RFC 3986 section 3.2.3: it may be empty), up to
// 65535.
func isPort(port string) bool {
	n := 0
	for i := range len(port) {
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
