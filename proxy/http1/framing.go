package http1

import (
	"math"
	"strings"
)

// BodyKind is how the end of a message is found (RFC 9112 section 6.3).
type BodyKind uint8

const (
	// NoBody: the message ends with its head.
	NoBody BodyKind = iota
	// Sized: it has Length octets.
	Sized
	// Chunked: a [ChunkReader] finds it.
	Chunked
	// UntilClose: the end of the connection is the end of the answer.
	UntilClose
)

// Body is how a message goes on after its head.
type Body struct {
	Kind BodyKind
	// Length is what Content-Length says, -1 where there is none. It can be
	// there without a body: "Content-Length: 0", and in an answer to HEAD or
	// a 304, which tell how long the body would have been.
	Length int64
}

// Fields that may come once, and have been seen in a head.
const (
	seenHost = 1 << iota
	seenLength
	seenCoding
	seenAuthorization
	seenContentType
)

// framing gathers what the fields of a head say about the connection and the
// message's end.
type framing struct {
	seen      uint8
	length    int64
	close     bool
	keepAlive bool
}

// once notes a field that may come once (R16).
func (fr *framing) once(bit uint8) fault {
	if fr.seen&bit != 0 {
		return twoSingletons
	}
	fr.seen |= bit
	return legal
}

// contentLength reads a Content-Length field.
func (fr *framing) contentLength(value string) fault {
	if fr.seen&seenLength != 0 {
		// RFC 9112 section 6.3 would let equal ones be folded into one. No
		// honest sender writes two (F3).
		return twoLengths
	}
	if fr.seen&seenCoding != 0 {
		return twoFramings
	}
	fr.seen |= seenLength
	n, f := parseLength(value)
	fr.length = n
	return f
}

// parseLength reads 1*DIGIT and nothing else: no sign, no list, no space. RFC
// 9110 section 8.6: "a recipient MUST anticipate potentially large decimal
// numerals and prevent parsing errors due to integer conversion overflows".
func parseLength(value string) (int64, fault) {
	if value == "" {
		return 0, badLength
	}
	var n int64
	huge := false
	for i := range len(value) {
		d := value[i] - '0'
		if d > 9 {
			return 0, badLength
		}
		if n > (math.MaxInt64-int64(d))/10 {
			huge = true
			continue
		}
		n = n*10 + int64(d)
	}
	if huge {
		return 0, hugeLength
	}
	return n, legal
}

// transferEncoding reads a Transfer-Encoding field of a message of version
// HTTP/1.minor. The one that is understood is chunked, alone.
func (fr *framing) transferEncoding(value string, minor int) fault {
	if fr.seen&seenCoding != 0 {
		return twoCodings
	}
	fr.seen |= seenCoding
	if minor == 0 {
		// RFC 9112 section 6.1: "A server or client that receives an
		// HTTP/1.0 message containing a Transfer-Encoding header field MUST
		// treat the message as if the framing is faulty".
		return codingInOld
	}
	if !equalFold(value, "chunked") {
		return codingFault(value)
	}
	if fr.seen&seenLength != 0 {
		// RFC 9112 section 6.3: "Such a message might indicate an attempt to
		// perform request smuggling [...] and ought to be handled as an
		// error" (F1).
		return twoFramings
	}
	return legal
}

// codingFault tells codings that are not known (RFC 9112 section 6.1: "A
// server that receives a request message with a transfer coding it does not
// understand SHOULD respond with 501") from what is no list of codings, or has
// chunked elsewhere than at its end, where it belongs once.
func codingFault(list string) fault {
	for {
		coding, rest, found := strings.Cut(list, ",")
		coding = trim(coding)
		chunked := equalFold(coding, "chunked")
		switch {
		case !isToken(coding), found && chunked:
			return badCoding
		case !found:
			return unknownCoding
		}
		list = rest
	}
}

func isToken(s string) bool {
	for i := range len(s) {
		if class[s[i]]&tokenByte == 0 {
			return false
		}
	}
	return s != ""
}

// connection reads a Connection field; lines of it are one list.
func (fr *framing) connection(list string) {
	for list != "" {
		var option string
		option, list, _ = strings.Cut(list, ",")
		option = trim(option)
		switch {
		case equalFold(option, "close"):
			fr.close = true
		case equalFold(option, "keep-alive"):
			fr.keepAlive = true
		}
	}
}

// trim takes optional whitespace off both ends (RFC 9110 section 5.6.3).
func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// persists says whether the sender of a message of version HTTP/1.minor lets
// the connection live on after it (RFC 9112 section 9.3).
func (fr *framing) persists(minor int) bool {
	return !fr.close && (minor >= 1 || fr.keepAlive)
}
