package spec

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxPort is the last port of TCP.
const maxPort = 65535

// ports is a port, a range, or a list of both, as a list of ports in the order
// of the text.
func ports() Type {
	one := object{"anyOf": []any{
		object{"type": "integer", "minimum": 1, "maximum": maxPort},
		object{"type": "string", "pattern": "^[0-9]+(-[0-9]+)?$"},
	}}
	return Type{
		Says:   `a port, a range such as "8020-8027", or a list`,
		schema: object{"anyOf": []any{one, object{"type": "array", "items": one}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			items := []*node{n}
			if n.kind == listKind {
				items = n.items
			}
			var all []int
			seen := map[int]*node{}
			ok := true
			for _, item := range items {
				first, last, good := c.portRange(k, item)
				if !good {
					ok = false
					continue
				}
				for p := first; p <= last; p++ {
					if old := seen[p]; old != nil {
						c.fail(item.at, "name each port once", "ports names %d twice (%s)", p, old.at.place())
						ok = false
						break
					}
					seen[p] = item
					all = append(all, p)
				}
			}
			switch {
			case ok && len(all) == 0:
				c.fail(n.at, `write ports = "8020-8027"; for a worker, instances = 1 instead`, "ports names no port")
				return nil, false
			case ok && len(all) > maxInstances:
				c.fail(n.at, "", "ports asks for %d instances; %d are the most", len(all), maxInstances)
				return nil, false
			}
			return all, ok
		},
	}
}

// portRange reads 8020, "8020" or "8020-8027".
func (c *checker) portRange(k *Key, n *node) (first, last int, ok bool) {
	a, b, isRange := strings.Cut(strings.ReplaceAll(n.text, " ", ""), "-")
	switch {
	case n.kind == dateKind:
		c.fail(n.at, fmt.Sprintf("quote it: ports = %s", quote(n.text)), "ports = %s is a date to TOML, not a range", n.text)
		return 0, 0, false
	case n.kind == integerKind:
		v, _ := number(n)
		a, isRange = strconv.Itoa(v), false
	case n.kind != textKind:
		return 0, 0, second(c.wrong(k, n, ""))
	}
	if !isRange {
		b = a
	}
	x, errA := strconv.Atoi(a)
	y, errB := strconv.Atoi(b)
	switch {
	case errA != nil || errB != nil:
		return 0, 0, second(c.wrong(k, n, `write ports = "8020-8027"`))
	case x < 1 || y < 1 || x > maxPort || y > maxPort:
		c.fail(n.at, "", "ports = %s is outside of 1 to %d", clip(n.text), maxPort)
		return 0, 0, false
	case x > y:
		c.fail(n.at, fmt.Sprintf("write ports = \"%d-%d\"", y, x), "ports = %s ends before it begins", quote(n.text))
		return 0, 0, false
	}
	return x, y, true
}

// unixAddress is the address that gives each instance a socket of its own.
const unixAddress = "unix"

// address is the template of an app's address.
func address() Type {
	return Type{
		Says:   `an address such as "127.0.0.1:{port}", or "unix"`,
		schema: object{"type": "string"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			switch {
			case !ok:
				return nil, false
			case s == unixAddress:
				return s, true
			case strings.HasPrefix(s, "unix:"), strings.HasPrefix(s, "/"):
				c.fail(n.at, `write address = "unix", and {socket} in the command`, "address = %s names a socket; webstack gives each instance one of its own", quote(clip(s)))
				return nil, false
			case !c.placeholders(k.Name, n, unitHolders):
				return nil, false
			}
			host, port, good := cutPort(s)
			addr, err := netip.ParseAddr(host)
			switch {
			case !good || port != "{port}" && !isNumber(port) || holds(host, "port"):
				return c.wrong(k, n, "")
			case host == "localhost":
				return c.wrong(k, n, `name the one address that it listens on: "127.0.0.1:{port}" or "[::1]:{port}"`)
			case err != nil || addr.Zone() != "":
				return c.wrong(k, n, "the instances run on this machine: write its IP address")
			case addr.IsUnspecified() || addr.IsMulticast():
				return c.wrong(k, n, `this is where the proxy reaches an instance; one that listens on all addresses is reached at "127.0.0.1:{port}"`)
			}
			return s, true
		},
	}
}

// cutPort splits "host:port" and "[v6]:port".
func cutPort(s string) (host, port string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	host, port = s[:i], s[i+1:]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
		return host, port, strings.Contains(host, ":")
	}
	return host, port, host != "" && !strings.ContainsAny(host, ":[]")
}

// environment is a table of variables.
func environment() Type {
	return Type{
		Says: "a table of variables",
		schema: object{
			"type": "object", "propertyNames": object{"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
			"additionalProperties": object{"type": []any{"string", "number", "boolean"}},
		},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind != tableKind {
				return c.wrong(k, n, `write env = { NAME = "value" }`)
			}
			for _, e := range n.entries {
				e.ok = !c.misplaced(n, e) && c.variable(k, e)
				e.checked = true
			}
			return n, true
		},
	}
}

// variable checks one environment variable. systemd.exec(5), Environment=:
// names hold letters, digits and underscores, and begin with no digit.
func (c *checker) variable(k *Key, e *node) bool {
	legal := e.name != "" && !isDigit(e.name[0])
	for i := 0; i < len(e.name); i++ {
		legal = legal && (isLetter(e.name[i]) || isDigit(e.name[i]) || e.name[i] == '_')
	}
	switch {
	case !legal:
		c.fail(e.key, "letters, digits and _, and no digit first", "%s is not the name of a variable", quote(clip(e.name)))
		return false
	case e.name == "PORT" || e.name == "INSTANCE":
		c.fail(e.key, "delete it", "env sets %s, which webstack sets to each instance's own", e.name)
		return false
	case strings.HasPrefix(e.name, "WEBSTACK_"):
		c.fail(e.key, "choose another name", "env sets %s; names in WEBSTACK_ are webstack's own", clip(e.name))
		return false
	}
	e2 := *k
	e2.Name = "env." + e.name
	switch e.kind {
	case textKind:
		_, ok := c.plain(&e2, e)
		return ok && c.placeholders(e2.Name, e, unitHolders)
	case integerKind, floatKind, boolKind:
		return true
	}
	c.fail(e.at, "write it as text: "+e.name+` = "..."`, "%s is %s; a variable holds text", e2.Name, written(e))
	return false
}

// envFiles are paths that may begin with "-".
func envFiles() Type {
	return list("absolute paths", func(c *checker, k *Key, n *node) (string, bool) {
		optional := strings.HasPrefix(n.text, "-")
		bare := *n
		bare.text = strings.TrimPrefix(n.text, "-")
		s, ok := c.absolute(k, &bare)
		if optional {
			s = "-" + s
		}
		return s, ok
	})
}

// credentials is a table of paths. systemd.exec(5), LoadCredential=: the ID is
// a file name.
func credentials() Type {
	return Type{
		Says:   "a table of paths",
		schema: object{"type": "object", "additionalProperties": object{"type": "string", "pattern": "^/"}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind != tableKind {
				return c.wrong(k, n, `write credentials = { name = "/path" }`)
			}
			for _, e := range n.entries {
				e.checked = true
				// Any word may name a secret where it stands in { ... }.
				if n.origin == headed && c.schema.app.key(e.name) != nil && c.misplaced(n, e) {
					continue
				}
				if strings.Trim(e.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") != "" || strings.Trim(e.name, ".") == "" || len(e.name) > maxName {
					c.fail(e.key, "letters, digits, _ . and -", "%s is not the name of a credential", quote(clip(e.name)))
					continue
				}
				e2 := *k
				e2.Name = "credentials." + e.name
				_, e.ok = c.absolute(&e2, e)
			}
			return n, true
		},
	}
}

// exitStatuses are numbers and names. systemd.service(5), SuccessExitStatus=.
func exitStatuses() Type {
	item := object{"type": []any{"integer", "string"}}
	return Type{
		Says:   "a list of statuses and signals",
		schema: object{"anyOf": []any{item, object{"type": "array", "items": item}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			items := []*node{n}
			if n.kind == listKind {
				items = n.items
			} else if n.kind == textKind && n.text == "" {
				items = nil
			}
			var all []string
			ok := true
			for _, item := range items {
				v, isInt := number(item)
				switch {
				case (item.kind == integerKind || item.kind == textKind) && isInt && 0 <= v && v <= 255:
					all = append(all, strconv.Itoa(v))
				case item.kind == textKind && strings.HasPrefix(item.text, "SIG") && signalName(item.text) != "":
					all = append(all, item.text)
				default:
					c.fail(item.at, `a status is 0 to 255, a signal such as "SIGTERM"`, "success_exit has %s, which is no exit status", written(item))
					ok = false
				}
			}
			return all, ok
		},
	}
}
