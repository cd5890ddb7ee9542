package http1

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/webstack/webstack/proxy/header"
)

// Request is a request's head. Its strings are views of the buffer that was
// parsed; Fields is used again by the next Parse.
type Request struct {
	// Method is a token, as received: methods are case-sensitive.
	Method string
	// Target is the origin-form, or "*". A target in absolute-form has been
	// reduced to it. The target of CONNECT, and of it alone, is host:port.
	Target string
	// Host is uri-host[:port] as received. It is "" only in an HTTP/1.0
	// request that has none.
	Host string
	// Minor is 0 or 1. RFC 9110 section 2.5: a higher minor version is
	// handled as the highest that is known.
	Minor int
	// Fields are all of them, in order.
	Fields []header.Field
	// Body is NoBody, Sized or Chunked, whatever the method (F4).
	Body Body
	// KeepAlive: the client would send another request (R17).
	KeepAlive bool
	// Expect100: the client waits for a 100 before it sends the body.
	Expect100 bool
}

// HeadEnd is the offset behind a head, or -1 where its end is not in buf. It
// looks for an empty line and at nothing else.
func HeadEnd(buf []byte) int {
	start := 0
	for start+2 <= len(buf) && start < 2*maxEmptyLines && buf[start] == '\r' && buf[start+1] == '\n' {
		start += 2
	}
	end := bytes.Index(buf[start:], []byte("\r\n\r\n"))
	if end < 0 {
		return -1
	}
	return start + end + len("\r\n\r\n")
}

// Parse reads a head from the front of buf. n > 0: there is one, n octets
// long. n == 0 without an error: more is needed. An error: the request is
// refused, and the connection ends with the answer, since where the next
// request begins is not known; Method and Target are what was read till then.
func (r *Request) Parse(buf []byte, lim *Limits) (n int, err *Error) {
	*r = Request{Fields: r.Fields[:0]}
	// What lies beyond the limit is not looked at, so that the answer does
	// not hang on how much of it has come.
	buf = buf[:min(len(buf), lim.Head)]
	n, f := r.parse(buf, lim)
	switch {
	case f == legal:
		return n, nil
	case f == more && len(buf) < lim.Head:
		return 0, nil
	case f == more:
		f = longHead
	}
	return 0, &requestErrors[f]
}

func (r *Request) parse(buf []byte, lim *Limits) (n int, f fault) {
	at, f := skipEmptyLines(buf, lim)
	if f != legal {
		return 0, f
	}
	line := buf[:min(len(buf), at+lim.RequestLine+len("\r\n"))]
	at, f = r.requestLine(line, at)
	if f == more && len(line) < len(buf) {
		// RFC 9112 section 3: "A server that receives a request-target longer
		// than any URI it wishes to parse MUST respond with a 414".
		return 0, longLine
	}
	if f != legal {
		return 0, f
	}
	return r.fields(buf, at, lim)
}

// skipEmptyLines passes over a few CRLF before the request line (R2).
func skipEmptyLines(buf []byte, lim *Limits) (at int, f fault) {
	allowed := maxEmptyLines
	if lim.NoEmptyLines {
		allowed = 0
	}
	for ; at < len(buf) && (buf[at] == '\r' || buf[at] == '\n'); allowed-- {
		if allowed == 0 {
			return 0, badMethod
		}
		if at, f = lineEnd(buf, at); f != legal {
			return 0, f
		}
	}
	return at, legal
}

// requestLine reads method SP request-target SP HTTP-version CRLF, with
// exactly one SP: RFC 9112 section 3 lets a recipient split on any whitespace
// and warns that "lenient parsing can result in request smuggling" (R4).
func (r *Request) requestLine(buf []byte, at int) (next int, f fault) {
	i := at
	for i < len(buf) && class[buf[i]]&tokenByte != 0 {
		i++
	}
	r.Method = view(buf[at:i])
	if i-at > maxMethod {
		// RFC 9112 section 3: "A server that receives a method longer than
		// any that it implements SHOULD respond with a 501".
		return 0, longMethod
	}
	if i == len(buf) {
		return 0, more
	}
	if buf[i] != ' ' || i == at {
		return 0, badMethod
	}
	i++
	start := i
	for i < len(buf) && class[buf[i]]&targetByte != 0 {
		i++
	}
	r.Target = view(buf[start:i])
	if i == len(buf) {
		return 0, more
	}
	if buf[i] != ' ' || i == start {
		return 0, badTarget
	}
	next, f = r.version(buf, i+1)
	if f != legal {
		return 0, f
	}
	return next, r.form()
}

// version reads "HTTP/" DIGIT "." DIGIT CRLF. RFC 9112 section 2.3:
// "HTTP-version is case-sensitive."
func (r *Request) version(buf []byte, at int) (next int, f fault) {
	const http11 = 'H' | 'T'<<8 | 'T'<<16 | 'P'<<24 | '/'<<32 | '1'<<40 | '.'<<48 | '1'<<56
	if at+8 <= len(buf) && binary.LittleEndian.Uint64(buf[at:]) == http11 {
		r.Minor = 1
		return versionEnd(buf, at+8)
	}
	const name = "HTTP/1."
	for i := range len(name) {
		if at+i == len(buf) {
			return 0, more
		}
		c := buf[at+i]
		if c == name[i] {
			continue
		}
		if name[i] == '1' && '2' <= c && c <= '9' {
			// RFC 9110 section 15.6.6. The preface of HTTP/2 ends here.
			return 0, newVersion
		}
		return 0, badVersion
	}
	at += len(name)
	if at == len(buf) {
		return 0, more
	}
	if c := buf[at]; c < '0' || c > '9' {
		return 0, badVersion
	}
	r.Minor = min(int(buf[at]-'0'), 1)
	return versionEnd(buf, at+1)
}

func versionEnd(buf []byte, at int) (next int, f fault) {
	if at == len(buf) {
		return 0, more
	}
	next, f = lineEnd(buf, at)
	if f == badValue {
		f = badVersion
	}
	return next, f
}

// fields reads the field lines and the empty line behind them.
func (r *Request) fields(buf []byte, at int, lim *Limits) (n int, f fault) {
	fr := framing{length: -1}
	for {
		name, value, next, f := fieldLine(buf, at)
		switch {
		case f == foldedLine && len(r.Fields) == 0:
			// RFC 9112 section 2.2: "A recipient that receives whitespace
			// between the start-line and the first header field MUST either
			// reject the message as invalid or consume each
			// whitespace-preceded line" (R3).
			return 0, leadingSpace
		case f != legal:
			return 0, f
		case name == "":
			return next, r.finish(&fr)
		case len(r.Fields) == lim.Fields:
			return 0, manyFields
		}
		r.Fields = append(r.Fields, header.Field{Name: name, Value: value})
		if f = r.note(&fr, name, value); f != legal {
			return 0, f
		}
		at = next
	}
}

// note takes up the fields that the connection turns on, and refuses those
// that come twice and may not (R16): two readers would each choose another.
func (r *Request) note(fr *framing, name, value string) fault {
	switch len(name) {
	case len("host"):
		if equalFold(name, "host") {
			return r.host(fr, value)
		}
	case len("expect"):
		if name[0]|0x20 == 'e' && equalFold(name, "expect") {
			// RFC 9110 section 10.1.1: "The Expect field value is
			// case-insensitive", and any other MAY be answered with 417.
			if !equalFold(value, "100-continue") {
				return badExpect
			}
			r.Expect100 = true
		}
	case len("connection"):
		if name[0]|0x20 == 'c' && equalFold(name, "connection") {
			fr.connection(value)
		}
	case len("content-type"):
		if equalFold(name, "content-type") {
			return fr.once(seenContentType)
		}
	case len("authorization"):
		if equalFold(name, "authorization") {
			return fr.once(seenAuthorization)
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			return fr.contentLength(value)
		}
	case len("transfer-encoding"):
		if equalFold(name, "transfer-encoding") {
			return fr.transferEncoding(value, r.Minor)
		}
	}
	return legal
}

// host reads a Host field. RFC 9112 section 3.2: "A server MUST respond with
// a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks
// a Host header field and to any request message that contains more than one
// Host header field line or a Host header field with an invalid field value."
func (r *Request) host(fr *framing, value string) fault {
	if fr.seen&seenHost != 0 {
		return twoHosts
	}
	fr.seen |= seenHost
	if !isAuthority(value) {
		return badHost
	}
	// RFC 9112 section 3.2.2: a proxy "MUST ignore the received Host header
	// field (if any) and instead replace it with the host information of the
	// request-target". Where the two differ somebody is being deceived (R12).
	if r.Host != "" && !strings.EqualFold(r.Host, value) {
		return otherHost
	}
	r.Host = value
	return legal
}

// finish judges the head as a whole.
func (r *Request) finish(fr *framing) fault {
	if fr.seen&seenHost == 0 && r.Minor >= 1 {
		return noHost
	}
	r.Body.Length = fr.length
	switch {
	case fr.seen&seenCoding != 0:
		r.Body.Kind = Chunked
	case fr.length > 0:
		r.Body.Kind = Sized
	}
	r.KeepAlive = fr.persists(r.Minor)
	// RFC 9110 section 10.1.1: "A server that receives a 100-continue
	// expectation in an HTTP/1.0 request MUST ignore that expectation", and
	// "MAY omit sending a 100 (Continue) response if [...] the framing
	// indicates that there is no content".
	r.Expect100 = r.Expect100 && r.Minor >= 1 && r.Body.Kind != NoBody
	return legal
}
