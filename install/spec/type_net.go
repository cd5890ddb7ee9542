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

// serverAddress is "host:port" or "unix:/path" of a server.
func serverAddress() Type {
	return Type{
		Says:   `"host:port" or "unix:/path"`,
		schema: object{"type": "string"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			return value(c.serverAddress(k, n))
		},
	}
}

func (c *checker) serverAddress(k *Key, n *node) (string, bool) {
	s, ok := c.plain(k, n)
	if !ok {
		return "", false
	}
	if path, found := strings.CutPrefix(s, "unix:"); found {
		unix := *n
		unix.text = path
		if _, ok := c.absolute(k, &unix); !ok {
			return "", false
		}
		if len(path) > maxUnixPath || strings.HasSuffix(path, "/") {
			c.fail(n.at, fmt.Sprintf("name a file, in at most %d bytes", maxUnixPath), "%s cannot be the path of a socket", quote(clip(s)))
			return "", false
		}
		return s, true
	}
	host, digits, good := cutPort(s)
	port, err := strconv.Atoi(digits)
	addr, errAddr := netip.ParseAddr(host)
	fail := func(hint string) (string, bool) {
		c.fail(n.at, hint, "server %s is not host:port", quote(clip(s)))
		return "", false
	}
	switch {
	case strings.Contains(s, "://"):
		_, rest, _ := strings.Cut(s, "://")
		rest, _, _ = strings.Cut(rest, "/")
		return fail("without a scheme: " + quote(clip(rest)))
	case strings.HasPrefix(s, "/"):
		return fail("write " + quote("unix:"+clip(s)))
	case !good && errAddr == nil && strings.Count(s, ":") > 1, strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "["):
		return fail(`an IPv6 address stands in brackets: "[::1]:9200"`)
	case !good || digits == "":
		return fail("add the port: " + quote(clip(strings.TrimSuffix(s, ":"))+":80"))
	case err != nil || !isNumber(digits) || port < 1 || port > maxPort:
		return fail(fmt.Sprintf("a port is 1 to %d", maxPort))
	case errAddr == nil && (addr.IsUnspecified() || addr.Zone() != ""):
		return fail("write the address that reaches it")
	case errAddr != nil && (badHost(strings.ToLower(host)) != "" || strings.Contains(host, "*")):
		return fail(`a host name or an address: "search1.internal:9200"`)
	}
	return s, true
}

// servers is a list of addresses and tables.
func servers(server *Table) Type {
	t := Type{Says: "a list of servers", table: server}
	t.schema = object{"anyOf": []any{
		object{"type": "string"},
		object{"type": "array", "minItems": 1, "items": object{"anyOf": []any{object{"type": "string"}, object{"$ref": "#/$defs/server"}}}},
	}}
	t.parse = func(c *checker, k *Key, n *node) (any, bool) {
		items := []*node{n}
		if n.kind == listKind {
			items = n.items
		}
		ok := true
		for _, item := range items {
			switch item.kind {
			case textKind:
				item.value, item.ok = c.serverAddress(k, item)
			case tableKind:
				item.name = "servers"
				c.checkTable(server, item)
				item.ok = true
			default:
				c.wrong(k, item, `write "host:port" or { address = "host:port", weight = 2 }`)
			}
			item.checked = true
			ok = ok && item.ok
		}
		if len(items) == 0 {
			return c.empty(k, n, `write servers = ["10.0.0.1:8000"]`)
		}
		return items, true
	}
	return t
}

// upstreamRef is the upstream of a route: a name, or a list of addresses.
func upstreamRef() Type {
	return Type{
		Says:   "the name of an upstream, or a list of addresses",
		schema: object{"anyOf": []any{object{"type": "string"}, object{"type": "array", "minItems": 1, "items": object{"type": "string"}}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind != listKind {
				return value(c.plain(k, n))
			}
			ok := len(n.items) > 0
			if !ok {
				return c.empty(k, n, `write upstream = ["10.0.0.1:8000"]`)
			}
			for _, item := range n.items {
				item.checked = true
				if item.kind != textKind {
					c.wrong(k, item, "for weights, name an [upstream.NAME]")
					ok = false
					continue
				}
				item.value, item.ok = c.serverAddress(k, item)
				ok = ok && item.ok
			}
			return n.items, ok
		},
	}
}
