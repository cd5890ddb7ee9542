package http1

import "github.com/webstack/webstack/proxy/header"

// Response is the head of an instance's answer. Its strings are views of the
// buffer that was parsed; Fields is used again by the next Parse.
type Response struct {
	// Status is 100 to 599.
	Status int
	// Minor is 0 or 1.
	Minor int
	// Reason is the reason phrase; it may be empty, and means nothing.
	Reason string
	// Fields are all of them, in order.
	Fields []header.Field
	// Body is how the answer goes on.
	Body Body
	// KeepAlive: the instance would take another request.
	KeepAlive bool
}

// Parse reads a head from the front of buf, as [Request.Parse] does. toHead
// says that the request was HEAD. One call reads one head: an interim answer
// is one of its own (F13).
func (r *Response) Parse(buf []byte, toHead bool, lim *Limits) (n int, err *Error) {
	*r = Response{Fields: r.Fields[:0]}
	buf = buf[:min(len(buf), lim.Head)]
	n, f := r.parse(buf, toHead, lim)
	switch {
	case f == legal:
		return n, nil
	case f == more && len(buf) < lim.Head:
		return 0, nil
	case f == more:
		f = longHead
	}
	return 0, &responseErrors[f]
}

func (r *Response) parse(buf []byte, toHead bool, lim *Limits) (n int, f fault) {
	at, f := r.statusLine(buf)
	if f != legal {
		return 0, f
	}
	fr := framing{length: -1}
	for {
		// RFC 9112 section 5.1 has whitespace before a colon removed from an
		// answer, section 5.2 a folded line replaced or the answer discarded:
		// both are discarded here, with a 502.
		name, value, next, f := fieldLine(buf, at)
		switch {
		case f != legal:
			return 0, f
		case name == "":
			r.finish(&fr, toHead)
			return next, legal
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

// statusLine reads HTTP-version SP status-code SP [reason-phrase] CRLF. The
// second SP may be missing with the phrase: RFC 9112 section 4 has clients
// ignore all of it.
func (r *Response) statusLine(buf []byte) (next int, f fault) {
	const form = "HTTP/1.d ddd"
	for i := range len(form) {
		if i == len(buf) {
			return 0, more
		}
		digit := form[i] == 'd' && '0' <= buf[i] && buf[i] <= '9'
		if !digit && buf[i] != form[i] || form[i] == 'd' && !digit {
			return 0, badStatusLine
		}
	}
	r.Minor = min(int(buf[7]-'0'), 1)
	r.Status = int(buf[9]-'0')*100 + int(buf[10]-'0')*10 + int(buf[11]-'0')
	if r.Status < 100 || r.Status > 599 {
		// RFC 9110 section 15: "Values outside the range 100..599 are
		// invalid."
		return 0, badStatusLine
	}
	at := len(form)
	if at == len(buf) {
		return 0, more
	}
	if buf[at] != ' ' && buf[at] != '\r' && buf[at] != '\n' {
		return 0, badStatusLine
	}
	end := textEnd(buf, at)
	if end == len(buf) {
		return 0, more
	}
	r.Reason = view(buf[min(at+1, end):end])
	next, f = lineEnd(buf, end)
	if f == badValue {
		f = badStatusLine
	}
	return next, f
}

// note takes up the fields that the connection turns on.
func (r *Response) note(fr *framing, name, value string) fault {
	switch len(name) {
	case len("connection"):
		if equalFold(name, "connection") {
			fr.connection(value)
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

// finish finds the answer's end, by the steps of RFC 9112 section 6.3.
func (r *Response) finish(fr *framing, toHead bool) {
	r.KeepAlive = fr.persists(r.Minor)
	r.Body.Length = fr.length
	switch {
	case r.Status < 200 || r.Status == 204:
		// "any response with a 1xx (Informational), 204 (No Content), or 304
		// (Not Modified) status code is always terminated by the first empty
		// line after the header fields, regardless of the header fields
		// present in the message". RFC 9110 section 8.6: these two may not
		// have a Content-Length either.
		r.Body.Length = -1
	case toHead || r.Status == 304:
		// "Any response to a HEAD request [...]", likewise.
	case fr.seen&seenCoding != 0:
		r.Body.Kind = Chunked
	case fr.length > 0:
		r.Body.Kind = Sized
	case fr.length < 0:
		r.Body.Kind = UntilClose
		r.KeepAlive = false
	}
}
