package route

import (
	"fmt"
	"net/netip"
	"strings"
)

// Vars are the values of the request's placeholders.
type Vars struct {
	// Target is the origin-form target as received: {uri}.
	Target string
	// Path is the cleaned path: {path}, percent-encoded again.
	Path string
	// Query is the raw query: {query}.
	Query string
	// Host is the Host field as received; {host} is its name alone, in lower
	// case and without the port, "" where it is not a valid one.
	Host string
	// Scheme is "http" or "https": {scheme}.
	Scheme string
	// ClientIP is the client's address: {client_ip}.
	ClientIP netip.Addr
}

// Use is where a template's text goes.
type Use uint8

const (
	// ForHeader is any field value but a Location.
	ForHeader Use = iota
	// ForLocation is a redirect's Location, which must not let a request
	// choose another host.
	ForLocation
)

// placeholder is one of the closed set, or none for literal text.
type placeholder uint8

const (
	literal placeholder = iota
	varURI
	varPath
	varQuery
	varHost
	varScheme
	varClientIP
)

var placeholders = map[string]placeholder{
	"uri": varURI, "path": varPath, "query": varQuery,
	"host": varHost, "scheme": varScheme, "client_ip": varClientIP,
}

// piece is literal text or a placeholder.
type piece struct {
	what placeholder
	text string
}

// Template is a text with request placeholders, compiled once. It is
// immutable.
type Template struct {
	pieces []piece
	// local says that a Location has no authority of its own, so that what a
	// request fills in must not become one.
	local bool
}

// CompileTemplate parses {uri} {path} {query} {host} {scheme} {client_ip};
// "{{" is a literal brace, anything else in braces an error. A Location in
// which a request could choose the host is refused too.
func CompileTemplate(text string, use Use) (*Template, error) {
	if c, bad := illegalValueByte(text); bad {
		return nil, fmt.Errorf("%q holds the control character %q", text, c)
	}
	t := &Template{}
	var fixed strings.Builder
	flush := func() {
		if fixed.Len() > 0 {
			t.pieces = append(t.pieces, piece{text: fixed.String()})
			fixed.Reset()
		}
	}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		fixed.WriteString(before)
		if !found {
			break
		}
		if strings.HasPrefix(after, "{") {
			fixed.WriteByte('{')
			rest = after[1:]
			continue
		}
		name, tail, closed := strings.Cut(after, "}")
		what, known := placeholders[name]
		if !closed || !known {
			return nil, fmt.Errorf("%q: {%s} is not a placeholder of a request ({uri} {path} {query} {host} {scheme} {client_ip}; {{ is a brace)", text, name)
		}
		flush()
		t.pieces = append(t.pieces, piece{what: what})
		rest = tail
	}
	flush()
	if use == ForLocation {
		local, err := checkLocation(text)
		if err != nil {
			return nil, err
		}
		t.local = local
	}
	return t, nil
}

// illegalValueByte finds what a field value may not hold (RFC 9110 section
// 5.5): control characters but for HTAB.
func illegalValueByte(s string) (byte, bool) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return c, true
		}
	}
	return 0, false
}

// Constant is the text and true where the template has no placeholder.
func (t *Template) Constant() (string, bool) {
	switch {
	case len(t.pieces) == 0:
		return "", true
	case len(t.pieces) == 1 && t.pieces[0].what == literal:
		return t.pieces[0].text, true
	}
	return "", false
}

// Append appends the template's text for one request. What comes from the
// request cannot break out of a field value: bytes that may not stand in a
// URI are percent-encoded. A Location without a host of its own never begins
// with two slashes, which a browser would take for one (X19).
func (t *Template) Append(dst []byte, v *Vars) []byte {
	start := len(dst)
	for _, p := range t.pieces {
		switch p.what {
		case literal:
			dst = append(dst, p.text...)
		case varURI:
			dst = appendURI(dst, v.Target)
		case varPath:
			dst = AppendPath(dst, v.Path)
		case varQuery:
			dst = appendURI(dst, v.Query)
		case varHost:
			mark := len(dst)
			var ok bool
			if dst, ok = appendHost(dst, v.Host); !ok {
				dst = dst[:mark]
			}
		case varScheme:
			dst = appendURI(dst, v.Scheme)
		case varClientIP:
			if v.ClientIP.IsValid() {
				dst = v.ClientIP.AppendTo(dst)
			}
		}
	}
	if t.local {
		dst = oneSlash(dst, start)
	}
	return dst
}

// oneSlash makes the slashes and backslashes at the front of dst[start:] one
// slash.
func oneSlash(dst []byte, start int) []byte {
	end := start
	for end < len(dst) && (dst[end] == '/' || dst[end] == '\\') {
		end++
	}
	if end-start < 2 {
		return dst
	}
	dst[start] = '/'
	return append(dst[:start+1], dst[end:]...)
}

const upperHex = "0123456789ABCDEF"

// AppendPath percent-encodes a cleaned path (RFC 3986 section 3.3), so that
// Clean of the result is that path again.
func AppendPath(dst []byte, path string) []byte {
	for i := 0; i < len(path); i++ {
		c := path[i]
		if isPathByte(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

func isPathByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("/-._~!$&'()*+,;=:@", c) >= 0
}

// appendURI appends what is a part of a URI already, encoding only the bytes
// that cannot be.
func appendURI(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}
