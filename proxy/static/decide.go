package static

import (
	"time"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
)

// Options are a files route's, compiled once.
type Options struct {
	// Index is the file name served for a folder; "" for none.
	Index string
	// Expires sets Expires and Cache-Control: max-age; nil sets neither.
	Expires *time.Duration
	// Immutable adds "immutable" to Cache-Control.
	Immutable bool
}

// Request is what the answer depends on. Absent fields are "".
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

// File is what is known of an open file, made once by [Describe].
type File struct {
	Dir          bool
	Size         int64
	ModTime      time.Time
	Type         string // Content-Type
	ETag         string
	LastModified string
}

// Describe makes the facts of a file from its name and its stat.
func Describe(name string, dir bool, size int64, mtime time.Time) File { return File{} }

// Part is one range of a multipart/byteranges body: Head is sent before the
// Length bytes at Offset.
type Part struct {
	Head           string
	Offset, Length int64
}

// Answer is how a request is answered. Statuses of 400 and above have no file
// body: the caller sends its own small error answer with Fields.
type Answer struct {
	Status int
	// Fields are all but the framing and Date.
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
	// Index is set where the request is for a folder that may have an index:
	// open Name + Index; if that is a regular file, call Decide with it, else
	// answer [NoIndex].
	Index bool
}

// Locate is the first step: the name below the root for a route and a cleaned
// path ("" is the root itself, no leading slash, a trailing one kept). Where
// ok is false the answer is already known (405, hidden 404).
func Locate(kind route.Kind, routePath, method, path string) (name string, a Answer, ok bool) {
	return "", Answer{}, false
}

// Decide is the second step: the answer for an open file or folder. now is
// for Expires. fields is a scratch slice that Answer.Fields is built in.
func Decide(r *Request, f *File, o *Options, now time.Time, fields []header.Field) Answer {
	return Answer{}
}
