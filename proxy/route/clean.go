package route

import (
	"errors"
	"strings"
)

// Why a target is refused. All of them mean 400.
var (
	errNotOrigin = errors.New("the request target does not begin with a slash")
	errByte      = errors.New("the request target holds a byte that no URI may hold")
	errPercent   = errors.New("the request target holds a percent sign without two hexadecimal digits")
	errNUL       = errors.New("the request target holds an encoded NUL")
	errAbove     = errors.New("the request target leads above the root")
	errHiddenDot = errors.New("the request target hides a dot segment")
	errOverlong  = errors.New("the request target holds an overlong UTF-8 sequence")
)

// Clean splits an origin-form request target and gives the one form of its
// path that routing and file lookup share. An error means 400. The query is
// as received, without its "?". It allocates only where the path is not clean
// already; the results may alias target.
//
// The rules, and why:
//
//   - %XX is decoded once: /%73tatic/ is /static/, as in nginx; %252e stays
//     the text "%2e".
//   - "//" becomes "/", and dot segments are resolved, also encoded ones; one
//     that leads above the root is refused instead of ignored, since no honest
//     client sends it.
//   - %2F is never a separator. It stays as the text "%2F": some applications
//     use it inside of a segment, and the target that they get is the raw one.
//   - A backslash and a ";" are ordinary characters, here and for the kernel.
//   - A segment that some application behind us would take for a dot segment
//     is refused: "..;x" (servlet parameters), "..%2fx", "..\x", and any of
//     these encoded more than once.
//   - %00 is refused, and so is an overlong encoding of an ASCII character in
//     UTF-8 (%C0%AF for a slash). Other bytes that are not UTF-8 pass: file
//     names in Latin-1 are still about.
//   - Space, control and non-ASCII bytes and "#" in the target itself are
//     refused (RFC 9112 section 3.2; RFC 3986 section 3.5).
func Clean(target string) (path, query string, err error) {
	if target == "" || target[0] != '/' {
		return "", "", errNotOrigin
	}
	if !legalTarget(target) {
		return "", "", errByte
	}
	path, query, _ = strings.Cut(target, "?")
	if isClean(path) { // nearly every request's
		return path, query, nil
	}
	path, err = resolve(path)
	if err != nil {
		return "", "", err
	}
	return path, query, nil
}

// legalTarget refuses what RFC 3986 keeps out of a URI altogether and would
// be read in two ways by two readers.
func legalTarget(target string) bool {
	for i := 0; i < len(target); i++ {
		if c := target[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	return true
}

// isClean says that resolve would change and refuse nothing: no escape, no
// backslash, no empty segment, none that begins with a dot but a plain
// dotfile.
func isClean(path string) bool {
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' || c == '\\' {
			return false
		}
		if c != '/' || i+1 == len(path) {
			continue
		}
		next := path[i+1]
		if next == '/' || next == '.' && startsWithDotSegment(path[i+1:]) {
			return false
		}
	}
	return true
}

// startsWithDotSegment says whether the first segment is "." or "..", also
// with parameters behind it.
func startsWithDotSegment(s string) bool {
	s = strings.TrimPrefix(s[1:], ".")
	return s == "" || s[0] == '/' || s[0] == ';'
}

// resolve is Clean's slow way, segment by segment.
func resolve(raw string) (string, error) {
	out := make([]byte, 0, len(raw)+2)
	for rest, more := raw[1:], true; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		out = append(out, '/')
		start := len(out)
		var err error
		if out, err = appendDecoded(out, segment); err != nil {
			return "", err
		}
		decoded := out[start:]
		if hidesDotSegment(decoded) {
			return "", errHiddenDot
		}
		switch string(decoded) {
		case "", ".":
			out = out[:start-1]
		case "..":
			out = out[:start-1]
			if len(out) == 0 {
				return "", errAbove
			}
			for out[len(out)-1] != '/' {
				out = out[:len(out)-1]
			}
			out = out[:len(out)-1]
		default:
			continue
		}
		// A path that ends in an empty or dot segment names a folder.
		if !more {
			out = append(out, '/')
		}
	}
	return string(out), nil
}

// appendDecoded decodes the escapes of one raw segment, once.
func appendDecoded(dst []byte, segment string) ([]byte, error) {
	start := len(dst)
	for i := 0; i < len(segment); i++ {
		c := segment[i]
		if c != '%' {
			dst = append(dst, c)
			continue
		}
		if i+2 >= len(segment) {
			return dst, errPercent
		}
		high, low := unhex(segment[i+1]), unhex(segment[i+2])
		if high < 0 || low < 0 {
			return dst, errPercent
		}
		i += 2
		switch c = byte(high<<4 | low); c {
		case 0:
			return dst, errNUL
		case '/':
			dst = append(dst, "%2F"...)
		default:
			dst = append(dst, c)
		}
	}
	if hasOverlong(dst[start:]) {
		return dst, errOverlong
	}
	return dst, nil
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// hasOverlong finds UTF-8 sequences that are longer than their character
// needs (RFC 3629 section 3): they exist only to hide one from a filter.
func hasOverlong(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		switch next := b[i+1]; b[i] {
		case 0xC0, 0xC1:
			if next&0xC0 == 0x80 {
				return true
			}
		case 0xE0:
			if next&0xE0 == 0x80 {
				return true
			}
		case 0xF0:
			if next&0xF0 == 0x80 {
				return true
			}
		}
	}
	return false
}
