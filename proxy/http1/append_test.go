package http1

import (
	"net/http"
	"testing"

	"github.com/webstack/webstack/proxy/header"
)

func TestF10MessagesAreWrittenAnew(t *testing.T) {
	lim := DefaultLimits()
	var r Request
	in := "GET http://h/a HTTP/1.7\r\nhOST:h\r\nX-A:\t b \r\nTransfer-Encoding:  CHUNKED\t\r\n\r\n"
	if _, err := r.Parse([]byte(in), &lim); err != nil {
		t.Fatal(err)
	}
	out := AppendRequestLine(nil, r.Method, r.Target)
	out = AppendFields(out, []header.Field{{Name: "Host", Value: r.Host}, r.Fields[1]})
	out = append(append(out, ChunkedField...), EndOfHead...)
	if got, want := string(out), "GET /a HTTP/1.1\r\nHost: h\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n"; got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	out = AppendContentLength(AppendStatusLine(nil, 404), 1<<40)
	if got, want := string(out), "HTTP/1.1 404 Not Found\r\nContent-Length: 1099511627776\r\n"; got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	if got, want := string(AppendStatusLine(nil, 599)), "HTTP/1.1 599 \r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := string(AppendChunkHead(nil, 500)), "1f4\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Ours are RFC 9110's names; the library keeps three of RFC 7231's.
func TestReasonsAreTheRegistered(t *testing.T) {
	renamed := map[int]string{413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
	for status := range 600 {
		want := http.StatusText(status)
		if name, ok := renamed[status]; ok {
			want = name
		}
		if got := Reason(status); got != want && status != 418 && status != 510 {
			t.Errorf("%d: got %q, want %q", status, got, want)
		}
	}
	if Reason(-1)+Reason(1000) != "" {
		t.Error("a status out of range has a reason")
	}
}
