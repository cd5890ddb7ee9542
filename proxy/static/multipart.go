package static

import (
	"strconv"
	"time"
)

// contentRange is the value of a Content-Range field (RFC 9110 section 14.4).
func contentRange(s span, size int64) string {
	b := append(make([]byte, 0, 64), "bytes "...)
	b = strconv.AppendInt(b, s.offset, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, s.offset+s.length-1, 10)
	b = append(b, '/')
	return string(strconv.AppendInt(b, size, 10))
}

// parts makes the heads and the end of a multipart/byteranges body (RFC 9110
// section 14.6).
func parts(list []span, f *File, boundary string) ([]Part, string) {
	out := make([]Part, 0, len(list))
	line := "--" + boundary
	for _, s := range list {
		head := line + "\r\nContent-Type: " + f.Type + "\r\nContent-Range: " + contentRange(s, f.Size) + "\r\n\r\n"
		out = append(out, Part{Head: head, Offset: s.offset, Length: s.length})
		line = "\r\n--" + boundary
	}
	return out, line + "--\r\n"
}

// boundaryOf makes a boundary out of the moment and the file. Whoever wrote
// the file cannot have written it in: it was made afterwards.
func boundaryOf(f *File, now time.Time) string {
	// FNV-1a spreads the nanoseconds over all digits.
	const offset, prime = 14695981039346656037, 1099511628211
	hash := uint64(offset)
	for _, v := range [...]uint64{uint64(now.UnixNano()), uint64(f.ModTime.UnixNano()), uint64(f.Size)} {
		for range 8 {
			hash = (hash ^ v&0xff) * prime
			v >>= 8
		}
	}
	digits := strconv.FormatUint(hash, 16)
	return "0000000000000000"[len(digits):] + digits
}
