package accesslog

import "time"

// Entry is one exchange. Strings may alias the exchange's buffers: they are
// read before Write or Append return. Empty strings and negative durations are
// what there was not.
type Entry struct {
	// Time is when the exchange ended.
	Time time.Time
	// Client is the address of who asked, by the trusted forwarded fields.
	Client string
	// Method, Target and Minor are the request line's, as received. Without a
	// Method there was no line that could be read, and Target is how what came
	// began.
	Method, Target string
	Minor          int
	Host           string
	Referer        string
	UserAgent      string
	RequestID      string
	// Site is the site's name, Upstream and Instance are who answered or was
	// tried last.
	Site, Upstream, Instance string
	// Status is the answer's, 499 when the client left before there was one.
	Status int
	// Tries is how many instances were tried.
	Tries int
	// Sent and Received are the octets of the two bodies.
	Sent, Received int64
	// Queue is the wait for an instance that was not full, Connect the time
	// until a connection was there, FirstByte until the answer began, Total
	// the whole exchange.
	Queue, Connect, FirstByte, Total time.Duration
}

// Format is how a line looks.
type Format uint8

const (
	// Combined is nginx's and Apache's combined format. It has no place for
	// instances and times.
	Combined Format = iota
	// JSON is one object for each line. Times are in seconds.
	JSON
	// Logfmt is key=value pairs with the same keys.
	Logfmt
)

// ParseFormat takes a format by its name.
func ParseFormat(name string) (Format, bool) {
	switch name {
	case "combined", "":
		return Combined, true
	case "json":
		return JSON, true
	case "logfmt":
		return Logfmt, true
	}
	return Combined, false
}

// Append appends the entry as one line, with its end.
func Append(dst []byte, f Format, e *Entry) []byte {
	var s stamp
	return appendLine(dst, f, e, &s)
}

func appendLine(dst []byte, f Format, e *Entry, s *stamp) []byte {
	switch f {
	case JSON:
		return appendJSON(dst, e, s)
	case Logfmt:
		return appendLogfmt(dst, e, s)
	}
	return appendCombined(dst, e, s)
}
