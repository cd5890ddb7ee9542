package http1

import "unsafe"

// What an octet may be part of.
const (
	// tokenByte: RFC 9110 section 5.6.2, tchar.
	tokenByte = 1 << iota
	// targetByte: what a request target may hold. RFC 3986 leaves out more
	// (such as quotes, braces and the backslash) than servers and clients do;
	// what stays out here is what readers disagree about: whitespace, control
	// and non-ASCII octets, and "#", since the fragment is not sent.
	targetByte
	// hostByte: unreserved and sub-delims (RFC 3986 section 3.2.2, reg-name).
	// Percent escapes are left out: no name in DNS needs one.
	hostByte
	// textByte: field content (RFC 9110 section 5.5): visible characters,
	// SP, HTAB and obs-text.
	textByte
)

// class is looked up once for each octet of a head that is not a value.
var class = classes()

func classes() (table [256]uint8) {
	set := func(bit uint8, chars string) {
		for i := range len(chars) {
			table[chars[i]] |= bit
		}
	}
	const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	set(tokenByte, alphanumeric+"!#$%&'*+-.^_`|~")
	set(hostByte, alphanumeric+"-._~!$&'()*+,;=")
	for c := range 256 {
		if c > ' ' && c < 0x7f && c != '#' {
			table[c] |= targetByte
		}
		if c >= ' ' && c != 0x7f || c == '\t' {
			table[c] |= textByte
		}
	}
	return table
}

// view is b as a string, without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// equalFold compares s with a text in lower case, as ASCII.
func equalFold(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
