package accesslog

import "strconv"

// appendCombined is nginx's `$remote_addr - $remote_user [$time_local]
// "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`. The
// user would come out of Authorization, so it is always "-".
func appendCombined(dst []byte, e *Entry, s *stamp) []byte {
	dst = appendOr(dst, e.Client)
	dst = append(dst, " - - ["...)
	s.set(e.Time)
	dst = append(dst, s.local[:]...)
	dst = append(dst, `] "`...)
	if e.Method == "" {
		dst = appendOr(dst, e.Target)
	} else {
		dst = appendHex(dst, e.Method)
		dst = append(dst, ' ')
		dst = appendHex(dst, e.Target)
		dst = append(dst, " HTTP/1."...)
		dst = appendInt(dst, int64(e.Minor))
	}
	dst = append(dst, `" `...)
	dst = appendStatus(dst, e.Status)
	dst = append(dst, ' ')
	dst = appendInt(dst, e.Sent)
	dst = append(dst, ` "`...)
	dst = appendOr(dst, e.Referer)
	dst = append(dst, `" "`...)
	dst = appendOr(dst, e.UserAgent)
	return append(dst, "\"\n"...)
}

// appendOr is a value, or "-" where there is none.
func appendOr(dst []byte, value string) []byte {
	if value == "" {
		return append(dst, '-')
	}
	return appendHex(dst, value)
}

// appendStatus is three digits with zeros, as nginx writes it.
func appendStatus(dst []byte, status int) []byte {
	return append(dst, '0'+byte(status/100%10), '0'+byte(status/10%10), '0'+byte(status%10))
}

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }
