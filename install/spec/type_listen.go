package spec

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxUnixPath is sizeof(sun_path) without its NUL (unix(7)).
const maxUnixPath = 107

// listenAt is one address of a listen key, with where it is written.
type listenAt struct {
	Listen
	port int
	addr netip.Addr
	at   span
}

// listen is where a site is reached.
func listen() Type {
	one := object{"anyOf": []any{object{"type": "integer", "minimum": 1, "maximum": maxPort}, object{"type": "string"}}}
	return Type{
		Says:   `a port, "address:port", "[v6]:port", "unix:/path", or a list`,
		schema: object{"anyOf": []any{one, object{"type": "array", "minItems": 1, "items": one}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			items := []*node{n}
			if n.kind == listKind {
				items = n.items
			}
			var all []listenAt
			ok := true
			for _, item := range items {
				l, good := c.listenOne(k, item)
				if !good {
					ok = false
					continue
				}
				for _, old := range all {
					if old.Listen == l.Listen {
						c.fail(item.at, "delete one of the two", "listen names %s twice (%s)", shownListen(l), old.at.place())
						ok = false
					}
				}
				all = append(all, l)
			}
			if len(items) == 0 {
				return c.empty(k, n, "write listen = 8081")
			}
			return all, ok
		},
	}
}

// listenOne reads one address.
func (c *checker) listenOne(k *Key, n *node) (listenAt, bool) {
	l := listenAt{Listen: Listen{Network: "tcp"}, at: n.at}
	if n.kind == integerKind || n.kind == textKind && isNumber(n.text) {
		port, ok := number(n)
		if n.kind == textKind {
			v, err := strconv.Atoi(n.text)
			port, ok = v, err == nil
		}
		if !ok || port < 1 || port > maxPort {
			c.fail(n.at, "", "listen = %s is outside of 1 to %d", clip(n.text), maxPort)
			return l, false
		}
		l.port, l.addr = port, netip.IPv4Unspecified()
		l.Address = netip.AddrPortFrom(l.addr, uint16(port)).String()
		return l, true
	}
	if n.kind != textKind {
		return l, second(c.wrong(k, n, "write listen = 8081"))
	}
	s, ok := c.plain(k, n)
	if !ok {
		return l, false
	}
	if path, found := strings.CutPrefix(s, "unix:"); found {
		l.Network, l.Address = "unix", path
		unix := *n
		unix.text = path
		if _, ok := c.absolute(k, &unix); !ok {
			return l, false
		}
		if strings.HasSuffix(path, "/") || len(path) > maxUnixPath {
			c.fail(n.at, fmt.Sprintf("name a file, in at most %d bytes", maxUnixPath), "listen = %s cannot be the path of a socket", quote(clip(s)))
			return l, false
		}
		return l, true
	}
	host, digits, good := cutPort(s)
	port, err := strconv.Atoi(digits)
	addr, errAddr := netip.ParseAddr(host)
	switch {
	case strings.HasPrefix(s, "/"):
		c.wrong(k, n, "write listen = "+quote("unix:"+s))
	case strings.ContainsAny(s, " \t"):
		c.wrong(k, n, "it is an address alone, as in listen = 8081")
	case !good && strings.Count(s, ":") > 1:
		c.wrong(k, n, `an IPv6 address stands in brackets: listen = "[::1]:8081"`)
	case host == "*" || host == "":
		c.wrong(k, n, fmt.Sprintf("for all IPv4 addresses write the port alone, for all IPv6 addresses \"[::]:%s\"", clip(digits)))
	case !good:
		c.wrong(k, n, fmt.Sprintf("a port is missing: listen = %s", quote(clip(s)+":8081")))
	case errAddr != nil:
		c.wrong(k, n, "write the address itself, not a name: a listener is there before names can be looked up")
	case addr.Zone() != "" || addr.Is4In6():
		c.wrong(k, n, "write a plain IPv4 or IPv6 address")
	case err != nil || !isNumber(digits) || port < 1 || port > maxPort:
		c.fail(n.at, "", "listen = %s has a port outside of 1 to %d", quote(clip(s)), maxPort)
	default:
		l.port, l.addr = port, addr
		l.Address = netip.AddrPortFrom(addr, uint16(port)).String()
		return l, true
	}
	return l, false
}

// shownListen is a listener in a message: the bare port where it was one.
func shownListen(l listenAt) string {
	if l.addr == netip.IPv4Unspecified() {
		return strconv.Itoa(l.port)
	}
	if l.Network == "unix" {
		return "unix:" + l.Address
	}
	return l.Address
}
