package spec

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

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
