package accesslog

import "unicode/utf8"

const (
	upperHex = "0123456789ABCDEF"
	lowerHex = "0123456789abcdef"
)

// printable says that a byte goes as it is within quotes.
func printable(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }

// appendHex escapes as nginx's log does: a quote, a backslash and every byte
// that is not printable ASCII as \xXX.
func appendHex(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if printable(c) {
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, '\\', 'x', upperHex[c>>4], upperHex[c&15])
		start = i + 1
	}
	return append(dst, s[start:]...)
}

// appendQuotable escapes as JSON does (RFC 8259 section 7), for a place within
// quotes: besides what must be, the control characters above ASCII, which
// terminals obey too, and the two line ends of Unicode. What is not UTF-8
// becomes U+FFFD.
func appendQuotable(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if printable(c) {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if plain(r, size) {
				i += size
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendRune(dst, r)
			i += size
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		if c == '"' || c == '\\' {
			dst = append(dst, '\\', c)
		} else {
			dst = appendRune(dst, rune(c))
		}
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

// plain says whether a character beyond ASCII goes as it is.
func plain(r rune, size int) bool {
	invalid := r == utf8.RuneError && size == 1
	return !invalid && r >= 0xa0 && r != 0x2028 && r != 0x2029
}

func appendRune(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', lowerHex[r>>12&15], lowerHex[r>>8&15], lowerHex[r>>4&15], lowerHex[r&15])
}

// bare says whether a logfmt value needs no quotes.
func bare(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' || s[i] == '=' || !printable(s[i]) {
			return false
		}
	}
	return s != ""
}
