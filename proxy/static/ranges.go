package static

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// maxRanges is how many ranges one request may ask for; more and the whole
// file is sent. Media players and PDF viewers ask for a handful.
const maxRanges = 16

// span is a satisfiable range: length bytes from offset.
type span struct{ offset, length int64 }

// spans is a request's ranges, in order, apart from each other.
type spans struct {
	list [maxRanges]span
	n    int
}

// rangeVerdict is what a Range field comes to.
type rangeVerdict uint8

const (
	// ignoreRange: send the whole file. RFC 9110 section 14.2 allows it for
	// any Range.
	ignoreRange rangeVerdict = iota
	// satisfiable: send the spans.
	satisfiable
	// unsatisfiable: answer 416.
	unsatisfiable
)

// parseRanges reads a Range field (RFC 9110 section 14.1.2) for a file of a
// size. Overlapping and adjacent ranges are merged, so that the answer is
// never longer than the file by more than its part heads (X16). Another unit,
// a malformed field and too many ranges are ignored, and so is any range of an
// empty file, which no Content-Range could describe.
func parseRanges(field string, size int64) (spans, rangeVerdict) {
	var s spans
	const unit = "bytes="
	if size == 0 || len(field) < len(unit) || !strings.EqualFold(field[:len(unit)], unit) {
		return s, ignoreRange
	}
	asked := 0
	for rest, more := field[len(unit):], true; more; {
		var spec string
		spec, rest, more = strings.Cut(rest, ",")
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue // RFC 9110 section 5.6.1.2: empty elements are ignored
		}
		if asked++; asked > maxRanges {
			return s, ignoreRange
		}
		one, fits, ok := parseSpec(spec, size)
		if !ok {
			return s, ignoreRange
		}
		if fits {
			s.list[s.n] = one
			s.n++
		}
	}
	switch {
	case asked == 0:
		return s, ignoreRange
	case s.n == 0:
		return s, unsatisfiable
	}
	s.merge()
	return s, satisfiable
}

// parseSpec reads first-last, first- or -suffix. fits says that it meets the
// file, ok that it is well formed.
func parseSpec(spec string, size int64) (s span, fits, ok bool) {
	first, last, dash := strings.Cut(spec, "-")
	if !dash {
		return span{}, false, false
	}
	if first == "" {
		suffix, ok := parsePosition(last)
		suffix = min(suffix, size)
		return span{size - suffix, suffix}, suffix > 0, ok
	}
	from, ok := parsePosition(first)
	if !ok {
		return span{}, false, false
	}
	to := size - 1
	if last != "" {
		end, ok := parsePosition(last)
		if !ok || end < from {
			return span{}, false, false
		}
		to = min(to, end)
	}
	return span{from, to - from + 1}, from < size, true
}

// parsePosition reads 1*DIGIT; what is too large for any file is the largest.
func parsePosition(s string) (int64, bool) {
	var n int64
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > (math.MaxInt64-9)/10 {
			n = math.MaxInt64
			continue
		}
		n = n*10 + int64(c-'0')
	}
	return n, s != ""
}

// merge sorts the spans and joins those that touch.
func (s *spans) merge() {
	list := s.list[:s.n]
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.offset, b.offset) })
	n := 0
	for _, next := range list[1:] {
		if last := &list[n]; next.offset <= last.offset+last.length {
			last.length = max(last.length, next.offset+next.length-last.offset)
			continue
		}
		n++
		list[n] = next
	}
	s.n = n + 1
}
