package static

import (
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
	// Precompressed says that a compressed form beside the file is served to
	// whom accepts it.
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
	// AcceptEncoding is for [Select]; the answer depends on it where the
	// route is Precompressed.
	AcceptEncoding string
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

// Decide is the second step: the answer for an open file or folder. Of a file
// with compressed forms it is the one that [Select] chose, and all of the
// answer is about that form: its length, its tag, its ranges. now is for
// Expires and for dates with two digits. The answer is made in s; nil makes it
// in memory of its own.
func Decide(r *Request, f *File, o *Options, now time.Time, s *Scratch) Answer {
	if s == nil {
		s = new(Scratch)
	}
	s.reset()
	switch {
	case f.Dir:
		return decideFolder(r, o, now, s)
	case f.AsFolder:
		return Answer{Status: 404}
	}
	var a Answer
	switch evaluate(r, f, now) {
	case failed:
		a.Status = 412
	case notModified:
		// RFC 9110 section 15.4.5 names the fields of a 304.
		a.Status = 304
		s.add("Last-Modified", f.LastModified)
		s.add("ETag", f.ETag)
		addFreshness(s, o, now)
	default:
		a = decideContent(r, f, o, now, s)
	}
	if o.Precompressed {
		// RFC 9110 section 12.5.5: also where the form chosen is the file as
		// it is, or a cache would give that to all, or the other to all.
		s.add("Vary", "Accept-Encoding")
	}
	a.Fields = s.fields
	return a
}

// decideContent answers with the file, or with a part of it.
func decideContent(r *Request, f *File, o *Options, now time.Time, s *Scratch) Answer {
	// RFC 9110 section 14.2: Range is for GET alone.
	if r.Range != "" && r.Method == "GET" && rangeApplies(r, f, now) {
		switch ranges, verdict := parseRanges(r.Range, f.Size); verdict {
		case satisfiable:
			return decideRanges(ranges.list[:ranges.n], f, o, now, s)
		case unsatisfiable:
			mark := len(s.text)
			s.append("bytes */")
			s.number(f.Size)
			s.add("Content-Range", s.since(mark))
			return Answer{Status: 416}
		}
	}
	addFacts(s, f, f.Type)
	addFreshness(s, o, now)
	return Answer{Status: 200, Length: f.Size, SendBody: r.Method == "GET"}
}

// decideFolder redirects to the path with a slash, so that relative links of
// the index work. The Location is the cleaned path: it begins with exactly one
// slash, so it cannot name another host (X19).
func decideFolder(r *Request, o *Options, now time.Time, s *Scratch) Answer {
	switch {
	case !strings.HasSuffix(r.Path, "/"):
		s.text = append(route.AppendPath(s.text, r.Path), '/')
		if r.Query != "" {
			s.append("?")
			s.append(r.Query)
		}
		s.add("Location", s.since(0))
		addFreshness(s, o, now)
		return Answer{Status: 301, Fields: s.fields}
	case o.Index == "":
		return NoIndex()
	}
	return Answer{Index: true}
}

func decideRanges(list []span, f *File, o *Options, now time.Time, s *Scratch) Answer {
	a := Answer{Status: 206, SendBody: true}
	if len(list) == 1 {
		a.Offset, a.Length = list[0].offset, list[0].length
		addFacts(s, f, f.Type)
		mark := len(s.text)
		s.contentRange(list[0], f.Size)
		s.add("Content-Range", s.since(mark))
	} else {
		boundary := s.boundary(f, now)
		a.Parts, a.Tail = s.partsOf(list, f, boundary)
		a.Length = int64(len(a.Tail))
		for _, p := range a.Parts {
			a.Length += int64(len(p.Head)) + p.Length
		}
		mark := len(s.text)
		s.append("multipart/byteranges; boundary=")
		s.append(boundary)
		addFacts(s, f, s.since(mark))
	}
	addFreshness(s, o, now)
	return a
}

// addFacts adds what a 200 and a 206 say of the file.
func addFacts(s *Scratch, f *File, contentType string) {
	s.add("Content-Type", contentType)
	s.add("Last-Modified", f.LastModified)
	s.add("ETag", f.ETag)
	s.add("Accept-Ranges", "bytes")
	if f.Encoding != Identity {
		s.add("Content-Encoding", f.Encoding.Token())
	}
}

// addFreshness adds Expires and Cache-Control. It is for the statuses that
// nginx's expires is for; of those this package gives 200, 206, 301 and 304.
func addFreshness(s *Scratch, o *Options, now time.Time) {
	switch {
	case o.Expires != nil:
		s.add("Expires", s.dateOf(now.Add(*o.Expires)))
		mark := len(s.text)
		s.append("max-age=")
		s.number(int64(*o.Expires / time.Second))
		if o.Immutable {
			s.append(", immutable")
		}
		s.add("Cache-Control", s.since(mark))
	case o.Immutable:
		s.add("Cache-Control", "immutable")
	}
}
