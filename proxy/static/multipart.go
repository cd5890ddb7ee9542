package static

import "time"

// contentRange appends the value of a Content-Range field (RFC 9110 section
// 14.4).
func (s *Scratch) contentRange(one span, size int64) {
	s.append("bytes ")
	s.number(one.offset)
	s.append("-")
	s.number(one.offset + one.length - 1)
	s.append("/")
	s.number(size)
}

// partsOf makes the heads and the end of a multipart/byteranges body (RFC 9110
// section 14.6).
func (s *Scratch) partsOf(list []span, f *File, boundary string) ([]Part, string) {
	line := "--"
	for _, one := range list {
		mark := len(s.text)
		s.append(line)
		s.append(boundary)
		s.append("\r\nContent-Type: ")
		s.append(f.Type)
		s.append("\r\nContent-Range: ")
		s.contentRange(one, f.Size)
		s.append("\r\n\r\n")
		s.parts = append(s.parts, Part{Head: s.since(mark), Offset: one.offset, Length: one.length})
		line = "\r\n--"
	}
	mark := len(s.text)
	s.append(line)
	s.append(boundary)
	s.append("--\r\n")
	return s.parts, s.since(mark)
}

// boundary makes one out of the moment and the file. Whoever wrote the file
// cannot have written it in: it was made afterwards.
func (s *Scratch) boundary(f *File, now time.Time) string {
	// FNV-1a spreads the nanoseconds over all digits.
	const offset, prime = 14695981039346656037, 1099511628211
	hash := uint64(offset)
	for _, v := range [...]uint64{uint64(now.UnixNano()), uint64(f.ModTime.UnixNano()), uint64(f.Size)} {
		for range 8 {
			hash = (hash ^ v&0xff) * prime
			v >>= 8
		}
	}
	mark := len(s.text)
	for shift := 60; shift >= 0; shift -= 4 {
		s.text = append(s.text, "0123456789abcdef"[hash>>shift&15])
	}
	return s.since(mark)
}
