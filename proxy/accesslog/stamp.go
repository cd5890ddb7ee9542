package accesslog

import "time"

// Layouts of the two clocks.
const (
	// localLayout is the Common Log Format's, in the machine's zone.
	localLayout = "02/Jan/2006:15:04:05 -0700"
	// utcLayout is RFC 3339's without its fraction.
	utcLayout = "2006-01-02T15:04:05"
)

// stamp keeps the text of the current second: it is made once a second and
// not once an entry.
type stamp struct {
	second int64
	made   bool
	local  [len(localLayout)]byte
	utc    [len(utcLayout)]byte
}

func (s *stamp) set(t time.Time) {
	if second := t.Unix(); !s.made || second != s.second {
		s.second, s.made = second, true
		var room [64]byte
		copy(s.local[:], t.Local().AppendFormat(room[:0], localLayout))
		copy(s.utc[:], t.UTC().AppendFormat(room[:0], utcLayout))
	}
}

// appendUTC is RFC 3339 with milliseconds.
func (s *stamp) appendUTC(dst []byte, t time.Time) []byte {
	s.set(t)
	dst = append(dst, s.utc[:]...)
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(dst, '.', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), 'Z')
}

// appendSeconds is a duration in seconds with microseconds.
func appendSeconds(dst []byte, d time.Duration) []byte {
	us := d.Microseconds()
	dst = appendInt(dst, us/1e6)
	dst = append(dst, '.', '0', '0', '0', '0', '0', '0')
	for i, rest := len(dst)-1, us%1e6; rest > 0; i, rest = i-1, rest/10 {
		dst[i] += byte(rest % 10)
	}
	return dst
}
