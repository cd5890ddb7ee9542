package static

import (
	"strconv"
	"strings"
	"time"
)

// File is what is known of an open file, made once by [Describe] and kept as
// long as its descriptor.
type File struct {
	Dir bool
	// AsFolder says that the name ended with a slash: a regular file then is
	// not what was asked for.
	AsFolder bool
	// Encoding is that of the content; Type is what is in it.
	Encoding     Encoding
	Size         int64
	ModTime      time.Time
	Type         string // Content-Type
	ETag         string
	LastModified string
}

// Describe makes the facts of a file from the name that it was opened by and
// its stat. The ETag is `"hex(mtime)-hex(size)"`, as nginx's.
func Describe(name string, dir bool, size int64, mtime time.Time) File {
	f := File{Dir: dir, AsFolder: strings.HasSuffix(name, "/"), Size: size, ModTime: mtime}
	if !dir {
		f.describe(name)
	}
	return f
}

// DescribeEncoded makes the facts of a compressed form from the name of what
// is in it, without the suffix, and from its own stat. Its time is not compared
// with the other's, as nginx does not: copying a release often changes both.
func DescribeEncoded(name string, e Encoding, size int64, mtime time.Time) File {
	f := File{Encoding: e, Size: size, ModTime: mtime}
	f.describe(name)
	return f
}

func (f *File) describe(name string) {
	var buffer [48]byte
	tag := append(buffer[:0], '"')
	tag = strconv.AppendInt(tag, f.ModTime.Unix(), 16)
	tag = append(tag, '-')
	tag = strconv.AppendInt(tag, f.Size, 16)
	if f.Encoding != Identity {
		// RFC 9110 section 8.8.3.3: forms of different codings have different
		// tags, also where time and size are the same.
		tag = append(tag, '-')
		tag = append(tag, f.Encoding.Token()...)
	}
	f.ETag = string(append(tag, '"'))
	f.LastModified = formatDate(f.ModTime)
	f.Type = typeOf(name)
}
