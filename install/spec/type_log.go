package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// destination is where the access log goes.
func destination() Type {
	return Type{
		Says:   `an absolute path, "stdout", "journal" or "off"`,
		schema: object{"type": "string", "pattern": "^(stdout$|journal$|off$|/|$)"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind == boolKind {
				return c.wrong(k, n, fmt.Sprintf(`write %s = "off", or where it goes`, k.Name))
			}
			s, ok := c.plain(k, n)
			switch {
			case !ok:
				return nil, false
			case s == "", s == "off":
				return "off", true
			case s == "stdout", s == "journal":
				return s, true
			case slices.Contains([]string{"none", "null", "/dev/null"}, strings.ToLower(s)):
				return c.wrong(k, n, fmt.Sprintf(`write %s = "off"`, k.Name))
			case s == "/dev/stdout":
				return c.wrong(k, n, fmt.Sprintf(`write %s = "stdout"`, k.Name))
			case strings.HasPrefix(s, "syslog"):
				return c.wrong(k, n, fmt.Sprintf(`write %s = "journal"`, k.Name))
			case !strings.Contains(s, "/"):
				return c.wrong(k, n, fmt.Sprintf("write %s = %s", k.Name, quote("/var/log/webstack/"+s)))
			}
			if s, ok = c.absolute(k, n); ok && strings.HasSuffix(s, "/") {
				return c.wrong(k, n, "name a file: "+quote(s+"access.log"))
			}
			return path.Clean(s), ok
		},
	}
}

// logged is whether a route's requests are logged.
func logged() Type {
	t := boolean()
	parse := t.parse
	t.parse = func(c *checker, k *Key, n *node) (any, bool) {
		if n.kind == textKind && n.text != "off" {
			if n.text == "on" {
				return true, true
			}
			return c.wrong(k, n, "where requests are logged is access_log of [proxy]; here it is true or false")
		}
		return parse(c, k, n)
	}
	return t
}
