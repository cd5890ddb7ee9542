package static

import (
	"strconv"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
)

// Options are a files route's.
type Options struct {
	// Index is the file name served for a folder; "" for none.
	Index string
	// Expires sets Expires and Cache-Control: max-age; nil sets neither.
	Expires *time.Duration
	// Immutable adds "immutable" to Cache-Control.
	Immutable bool
	// Precompressed serves x.zst, x.br or x.gz instead of x to who takes it.
	Precompressed bool
}

// Request is what the answer depends on. Absent fields are ""; the lines of a
// field that came several times are joined with ", ".
type Request struct {
	Method string
	// Path is the whole cleaned path, Query the raw query: for the redirect
	// of a folder.
	Path, Query       string
	IfMatch           string
	IfNoneMatch       string
	IfModifiedSince   string
	IfUnmodifiedSince string
	IfRange           string
	Range             string
}

// Part is one range of a multipart/byteranges body: Head is sent before the
// Length bytes at Offset.
type Part struct {
	Head           string
	Offset, Length int64
}

// Answer is how a request is answered.
type Answer struct {
	// Status is 200, 206, 301, 304, 403, 404, 405, 412 or 416. But for 200
	// and 206 there is no file to send: the caller sends a small body of its
	// own, or none (304), with Fields.
	Status int
	// Fields are all but framing, Date and Server.
	Fields []header.Field
	// Length is the Content-Length of a 200 or 206, parts and all.
	Length int64
	// SendBody says that Length bytes follow: not for HEAD.
	SendBody bool
	// Offset is where the body begins in the file; unused with Parts.
	Offset int64
	// Parts and Tail are a multipart/byteranges body.
	Parts []Part
	Tail  string
	// Index says that the request is for a folder that may have an index, and
	// that nothing else is set: open the name with Options.Index behind it.
	// If that is a regular file, call Decide with it, else answer [NoIndex].
	Index bool
}

// NoIndex is the answer for a folder without an index.
func NoIndex() Answer { return Answer{Status: 403} }

// Decide is the second step: the answer for an open file or folder. now is
// for Expires and for dates with two digits. Answer.Fields is built in fields,
// a scratch slice whose content is overwritten.
func Decide(r *Request, f *File, o *Options, now time.Time, fields []header.Field) Answer {
	fields = fields[:0]
	switch {
	case f.Dir:
		return decideFolder(r, o, now, fields)
	case f.AsFolder:
		return Answer{Status: 404}
	}
	switch evaluate(r, f, now) {
	case failed:
		return Answer{Status: 412}
	case notModified:
		// RFC 9110 section 15.4.5 names the fields of a 304.
		fields = append(fields, header.Field{Name: "Last-Modified", Value: f.LastModified}, header.Field{Name: "ETag", Value: f.ETag})
		return Answer{Status: 304, Fields: appendFreshness(fields, o, now)}
	}
	// RFC 9110 section 14.2: Range is for GET alone.
	if r.Range != "" && r.Method == "GET" && rangeApplies(r, f, now) {
		switch ranges, verdict := parseRanges(r.Range, f.Size); verdict {
		case satisfiable:
			return decideRanges(&ranges, f, o, now, fields)
		case unsatisfiable:
			value := "bytes */" + strconv.FormatInt(f.Size, 10)
			return Answer{Status: 416, Fields: append(fields, header.Field{Name: "Content-Range", Value: value})}
		}
	}
	fields = appendFacts(fields, f, f.Type)
	return Answer{
		Status: 200, Fields: appendFreshness(fields, o, now),
		Length: f.Size, SendBody: r.Method == "GET",
	}
}

// decideFolder redirects to the path with a slash, so that relative links of
// the index work. The Location is the cleaned path: it begins with exactly one
// slash, so it cannot name another host (X19).
func decideFolder(r *Request, o *Options, now time.Time, fields []header.Field) Answer {
	switch {
	case !strings.HasSuffix(r.Path, "/"):
		location := append(route.AppendPath(nil, r.Path), '/')
		if r.Query != "" {
			location = append(append(location, '?'), r.Query...)
		}
		fields = append(fields, header.Field{Name: "Location", Value: string(location)})
		return Answer{Status: 301, Fields: appendFreshness(fields, o, now)}
	case o.Index == "":
		return NoIndex()
	}
	return Answer{Index: true}
}

func decideRanges(s *spans, f *File, o *Options, now time.Time, fields []header.Field) Answer {
	a := Answer{Status: 206, SendBody: true}
	if s.n == 1 {
		one := s.list[0]
		a.Offset, a.Length = one.offset, one.length
		fields = appendFacts(fields, f, f.Type)
		fields = append(fields, header.Field{Name: "Content-Range", Value: contentRange(one, f.Size)})
	} else {
		boundary := boundaryOf(f, now)
		a.Parts, a.Tail = parts(s.list[:s.n], f, boundary)
		a.Length = int64(len(a.Tail))
		for _, p := range a.Parts {
			a.Length += int64(len(p.Head)) + p.Length
		}
		fields = appendFacts(fields, f, "multipart/byteranges; boundary="+boundary)
	}
	a.Fields = appendFreshness(fields, o, now)
	return a
}

// appendFacts appends what a 200 and a 206 say of the file.
func appendFacts(fields []header.Field, f *File, contentType string) []header.Field {
	return append(
		fields,
		header.Field{Name: "Content-Type", Value: contentType},
		header.Field{Name: "Last-Modified", Value: f.LastModified},
		header.Field{Name: "ETag", Value: f.ETag},
		header.Field{Name: "Accept-Ranges", Value: "bytes"},
	)
}

// appendFreshness appends Expires and Cache-Control. It is for the statuses
// that nginx's expires is for; of those this package gives 200, 206, 301 and
// 304.
func appendFreshness(fields []header.Field, o *Options, now time.Time) []header.Field {
	switch {
	case o.Expires != nil:
		control := "max-age=" + strconv.FormatInt(int64(*o.Expires/time.Second), 10)
		if o.Immutable {
			control += ", immutable"
		}
		return append(
			fields,
			header.Field{Name: "Expires", Value: formatDate(now.Add(*o.Expires))},
			header.Field{Name: "Cache-Control", Value: control},
		)
	case o.Immutable:
		return append(fields, header.Field{Name: "Cache-Control", Value: "immutable"})
	}
	return fields
}
