package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// location is where a redirect leads.
func location() Type {
	return Type{
		Says:   "a URL, or a path that begins with /",
		schema: object{"type": "string"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			if ok && s == "" {
				return s, true
			}
			ok = ok && c.placeholders(k.Name, n, requestHolders)
			switch {
			case !ok:
				return nil, false
			case !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "{scheme}://") && !strings.HasPrefix(s, "/"):
				return c.wrong(k, n, fmt.Sprintf("write redirect = %s", quote("http://"+strings.TrimPrefix(clip(s), "{host}"))))
			case strings.ContainsAny(s, " \t\"<>\\^`"):
				return c.wrong(k, n, "percent-encode what a URL cannot hold: a space is %20")
			}
			for _, r := range s {
				if r >= 0x80 {
					return c.wrong(k, n, "percent-encode it, and write the host in its xn-- form")
				}
			}
			return s, true
		},
	}
}

// fallback is a path of the site.
func fallback() Type {
	return Type{
		Says:   "a path that begins with /",
		schema: object{"type": "string", "pattern": "^(/|$)"},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			s, ok := c.plain(k, n)
			switch {
			case !ok:
				return nil, false
			case s == "", s == "off":
				return "", true
			case strings.HasPrefix(s, "=") || strings.HasPrefix(s, "@"):
				return c.wrong(k, n, `it is a path that a route of the site answers: fallback = "/index.html"`)
			case !strings.HasPrefix(s, "/"):
				return c.wrong(k, n, fmt.Sprintf("write fallback = %s", quote("/"+clip(s))))
			case strings.ContainsAny(s, "?#"):
				return c.wrong(k, n, "the path alone: the request keeps its own query")
			case strings.ContainsAny(s, "%{}$"):
				return c.wrong(k, n, "write the path as it is, without escapes and placeholders")
			}
			if clean := path.Clean(s); clean != s && clean+"/" != s {
				return c.wrong(k, n, "write fallback = "+quote(clip(clean)))
			}
			return s, true
		},
	}
}

// fixed is what a respond key says: the status or the body that it gives.
type fixed struct {
	on     bool
	status int
	body   string
}

// respond is true, a status, or a body.
func respond() Type {
	return Type{
		Says:   "true, a status, or the body",
		schema: object{"anyOf": []any{object{"type": "boolean"}, object{"type": "string"}, object{"type": "integer", "minimum": minStatus, "maximum": maxStatus}}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			switch n.kind {
			case boolKind:
				return fixed{on: n.text == "true"}, true
			case textKind:
				return fixed{on: n.text != "", body: n.text}, true
			case integerKind:
				if v, ok := number(n); ok && minStatus <= v && v <= maxStatus {
					return fixed{on: true, status: v}, true
				}
				c.fail(n.at, "", "respond = %s is no final status, which are %d to %d", clip(n.text), minStatus, maxStatus)
				return nil, false
			}
			return c.wrong(k, n, `write respond = true, status = 200, body = "..."`)
		},
	}
}

// isToken says whether s is a token (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLetter(s[i]) && !isDigit(s[i]) && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(s[i])) {
			return false
		}
	}
	return s != ""
}

// tokens are upgrade tokens in lower case.
func tokens() Type {
	return list("a list of tokens", func(c *checker, k *Key, n *node) (string, bool) {
		name, version, versioned := strings.Cut(n.text, "/")
		if !isToken(name) || versioned && !isToken(version) {
			c.fail(n.at, `write upgrade = ["websocket"]`, "upgrade has %s, which is no token", quote(clip(n.text)))
			return "", false
		}
		if strings.EqualFold(name, "h2c") {
			// An upgraded connection is not looked into: requests in it would
			// pass every rule of the route.
			c.fail(n.at, "delete it", "upgrade has \"h2c\", which would let requests past the proxy unseen")
			return "", false
		}
		return strings.ToLower(n.text), true
	})
}

// framing are the fields that belong to one connection (RFC 9110, section
// 7.6.1) or frame the message (RFC 9112, section 6): the proxy writes them.
func framing() []string {
	return []string{
		"connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
		"te", "trailer", "transfer-encoding", "upgrade",
	}
}

// headers is a table of fields.
func headers(request bool) Type {
	return Type{
		Says:   "a table of header fields",
		schema: object{"type": "object", "additionalProperties": object{"type": "string"}},
		parse: func(c *checker, k *Key, n *node) (any, bool) {
			if n.kind != tableKind {
				return c.wrong(k, n, fmt.Sprintf(`write %s = { X-Name = "value" }`, k.Name))
			}
			seen := map[string]*node{}
			for _, e := range n.entries {
				e.checked = true
				lower := strings.ToLower(e.name)
				switch first := seen[lower]; {
				case c.misplaced(n, e):
				case first != nil:
					c.fail(e.key, "keep one of the two", "%s sets the field %s twice (%s)", k.Name, e.name, first.key.place())
				default:
					seen[lower] = e
					e.ok = c.header(k, e, request)
				}
			}
			return n, true
		},
	}
}

// header checks one field to set.
func (c *checker) header(k *Key, e *node, request bool) bool {
	lower := strings.ToLower(e.name)
	switch {
	case !isToken(e.name):
		c.fail(e.key, "letters, digits and -", "%s is not the name of a header field", quote(clip(e.name)))
		return false
	case lower == "upgrade":
		c.fail(e.key, `the key upgrade says which tunnels may be: upgrade = ["websocket"]`, "%s sets Upgrade, which belongs to one connection", k.Name)
		return false
	case slices.Contains(framing(), lower), request && lower == "expect":
		c.fail(e.key, "delete it: the proxy writes it for each connection", "%s sets %s, which belongs to one connection", k.Name, e.name)
		return false
	}
	e2 := *k
	e2.Name = k.Name + "." + e.name
	e2.Type.Says = "a string"
	s, ok := c.plain(&e2, e)
	switch {
	case !ok:
		return false
	case request && lower == "host" && s == "":
		// RFC 9112, section 3.2: a client MUST send a Host field.
		c.fail(e.at, "delete it, or write the host that the app expects", "request_headers removes Host, without which a request is not valid")
		return false
	case strings.TrimSpace(s) != s:
		c.fail(e.at, "write "+quote(strings.TrimSpace(s)), "%s begins or ends with a space, which no field value does", e2.Name)
		return false
	}
	return c.placeholders(e2.Name, e, requestHolders)
}

// routePath reads a route's key: how it is compared, and with which path.
func (c *checker) routePath(n *node) (match, path string, ok bool) {
	key := n.name
	path, exact := strings.CutPrefix(key, "=")
	path = strings.TrimLeft(path, " ")
	fail := func(hint, why string) (string, string, bool) {
		c.fail(n.key, hint, "route %s %s", quote(clip(key)), why)
		return "", "", false
	}
	switch {
	case strings.HasPrefix(key, "~") || strings.HasPrefix(key, "^~"):
		return fail("/static/ is everything below it, and the longest route wins", "is a pattern of nginx; there are none here")
	case path == "" || path[0] != '/':
		return fail("write "+quote("/"+strings.Trim(clip(path), "*")), "is not a path, which begins with /")
	case strings.ContainsAny(path, "?#"):
		return fail("write the path alone", "has a query or a fragment, which is not compared")
	case strings.Contains(path, "*"):
		return fail("/api/ is everything below it", `has a "*"; there are no patterns`)
	case strings.Contains(path, "%"):
		return fail("write the characters themselves", "is percent-encoded; a route is compared with the decoded path")
	case strings.Contains(path, "//"), slices.Contains(strings.Split(path, "/"), "."), slices.Contains(strings.Split(path, "/"), ".."):
		return fail("write the path as it is when . and .. and double slashes are resolved", "can never match: a request's path is compared in its plain form")
	}
	for _, r := range path {
		if r < 0x20 || 0x7f <= r && r < 0xa0 {
			return fail("delete it", "holds a control character")
		}
	}
	switch {
	case exact:
		return "exact", path, true
	case path != "/" && strings.HasSuffix(path, "/"):
		return "below", path, true
	}
	return "prefix", path, true
}
