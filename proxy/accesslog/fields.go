package accesslog

import "time"

// notation is how a field is written; the names and their order are the same
// in all.
type notation uint8

const (
	inJSON notation = iota
	inLogfmt
	inJournal
)

// appendJSON is one object.
func appendJSON(dst []byte, e *Entry, s *stamp) []byte {
	dst = append(dst, `{"time":"`...)
	dst = s.appendUTC(dst, e.Time)
	dst = append(dst, '"')
	dst = appendFields(dst, inJSON, e)
	return append(dst, "}\n"...)
}

// appendLogfmt is pairs with blanks between them.
func appendLogfmt(dst []byte, e *Entry, s *stamp) []byte {
	dst = append(dst, "time="...)
	dst = s.appendUTC(dst, e.Time)
	dst = appendFields(dst, inLogfmt, e)
	return append(dst, '\n')
}

// appendFields writes what there is, in one order for all notations.
func appendFields(dst []byte, in notation, e *Entry) []byte {
	dst = in.text(dst, "client", e.Client)
	dst = in.text(dst, "method", e.Method)
	dst = in.text(dst, "target", e.Target)
	if e.Method != "" {
		dst = in.key(dst, "protocol")
		dst = in.quoted(dst, [2]string{"HTTP/1.0", "HTTP/1.1"}[e.Minor&1])
	}
	dst = in.text(dst, "host", e.Host)
	dst = in.number(dst, "status", int64(e.Status))
	dst = in.number(dst, "sent", e.Sent)
	dst = in.number(dst, "received", e.Received)
	dst = in.text(dst, "referer", e.Referer)
	dst = in.text(dst, "user_agent", e.UserAgent)
	dst = in.text(dst, "request_id", e.RequestID)
	dst = in.text(dst, "site", e.Site)
	dst = in.text(dst, "upstream", e.Upstream)
	dst = in.text(dst, "instance", e.Instance)
	if e.Tries > 0 {
		dst = in.number(dst, "tries", int64(e.Tries))
	}
	dst = in.seconds(dst, "queue", e.Queue)
	dst = in.seconds(dst, "connect", e.Connect)
	dst = in.seconds(dst, "first_byte", e.FirstByte)
	return in.seconds(dst, "total", e.Total)
}

func (in notation) key(dst []byte, name string) []byte {
	switch in {
	case inJSON:
		dst = append(dst, `,"`...)
		dst = append(dst, name...)
		return append(dst, `":`...)
	case inLogfmt:
		dst = append(dst, ' ')
		dst = append(dst, name...)
		return append(dst, '=')
	}
	return appendJournalKey(dst, name)
}

func (in notation) end(dst []byte) []byte {
	if in == inJournal {
		return append(dst, '\n')
	}
	return dst
}

func (in notation) quoted(dst []byte, value string) []byte {
	switch {
	case in == inLogfmt && bare(value):
		return append(dst, value...)
	case in == inJournal:
		return append(appendQuotable(dst, value), '\n')
	}
	dst = append(dst, '"')
	dst = appendQuotable(dst, value)
	return append(dst, '"')
}

// text leaves out what is empty.
func (in notation) text(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return in.quoted(in.key(dst, name), value)
}

func (in notation) number(dst []byte, name string, n int64) []byte {
	return in.end(appendInt(in.key(dst, name), n))
}

// seconds leaves out what is negative.
func (in notation) seconds(dst []byte, name string, d time.Duration) []byte {
	if d < 0 {
		return dst
	}
	return in.end(appendSeconds(in.key(dst, name), d))
}
