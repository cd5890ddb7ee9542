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
	AsFolder     bool
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
	if dir {
		return f
	}
	var buffer [40]byte
	tag := append(buffer[:0], '"')
	tag = strconv.AppendInt(tag, mtime.Unix(), 16)
	tag = append(tag, '-')
	tag = strconv.AppendInt(tag, size, 16)
	f.ETag = string(append(tag, '"'))
	f.LastModified = formatDate(mtime)
	f.Type = typeOf(name)
	return f
}
