package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/config"
)

// afterwards is what a hostile instance does when it has spoken.
type afterwards int

const (
	thenCloses afterwards = iota
	thenResets
	thenHangs
)

// TestHostileInstances: whatever an instance says, its client gets one
// complete answer, an error of ours, or sees that the answer is broken.
func TestHostileInstances(t *testing.T) {
	const well = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	many := func(s string) string { return strings.Repeat(s, 100) }
	for _, tt := range []struct {
		name, says string
		then       afterwards
		status     int
		broken     bool
	}{
		{"nothing", "", thenCloses, 502, false},
		{"nothing, by a reset", "", thenResets, 502, false},
		{"garbage", "hello", thenHangs, 502, false},
		{"garbage of 1 MB", strings.Repeat("x", 1<<20), thenHangs, 502, false},
		{"an old answer", "<html>hello</html>", thenCloses, 502, false},
		{"a request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", thenHangs, 502, false},
		{"the hello of TLS", "\x15\x03\x01\x00\x02\x02\x46", thenHangs, 502, false},
		{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", thenHangs, 502, false},
		{"a status of two digits", "HTTP/1.1 99 X\r\n\r\n", thenHangs, 502, false},
		{"a status of 999", "HTTP/1.1 999 X\r\n\r\n", thenHangs, 502, false},
		{"a status of 000", "HTTP/1.1 000 X\r\n\r\n", thenHangs, 502, false},
		{"half a status line", "HTTP/1.1 20", thenCloses, 502, false},
		{"half a head", "HTTP/1.1 200 OK\r\nX: y\r\n", thenCloses, 502, false},
		{"half a head and a reset", "HTTP/1.1 200 OK\r\nX: y\r\n", thenResets, 502, false},
		{"a head of 100 KB", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 100<<10) + "\r\n\r\n", thenHangs, 502, false},
		{"a head without an end", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 100<<10), thenHangs, 502, false},
		{"2,000 fields", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 2000) + "\r\n", thenHangs, 502, false},
		{"both framings", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", thenHangs, 502, false},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", thenHangs, 502, false},
		{"a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", thenHangs, 502, false},
		{"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", thenHangs, 502, false},
		{"another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok", thenHangs, 502, false},
		{"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", thenHangs, 502, false},
		{"a line that ends with LF", "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok", thenHangs, 502, false},
		{"a folded line", "HTTP/1.1 200 OK\r\nX: y\r\n z\r\nContent-Length: 2\r\n\r\nok", thenHangs, 502, false},
		{"a lone CR", "HTTP/1.1 200 OK\r\nX: y\rSet-Cookie: z\r\nContent-Length: 2\r\n\r\nok", thenHangs, 502, false},
		{"NUL", "HTTP/1.1 200 OK\r\nX: y\x00\r\nContent-Length: 2\r\n\r\nok", thenHangs, 502, false},
		{"a switch that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + well, thenHangs, 502, false},
		{"interim answers without an end", many("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), thenHangs, 502, false},
		{"an interim answer and nothing", "HTTP/1.1 103 Early Hints\r\n\r\n", thenCloses, 502, false},
		{"an interim answer with a body", "HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\nhello" + well, thenHangs, 502, false},
		{"an interim answer, then a good one", "HTTP/1.1 103 Early Hints\r\n\r\n" + well, thenCloses, 200, false},
		{"a good answer, then a reset", well, thenResets, 200, false},
		{"a good answer, then another", well + strings.Replace(well, "ok", "no", 1), thenHangs, 200, false},
		{"a good answer, then garbage", well + "\x00\x01\x02", thenHangs, 200, false},
		{"no body and then one", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", thenHangs, 204, false},
		{"a body that is cut", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", thenCloses, 200, true},
		{"a body that is cut by a reset", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", thenResets, 200, true},
		{"chunks that are cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", thenCloses, 200, true},
		{"chunks without the last", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", thenCloses, 200, true},
		{"a last chunk without its end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", thenCloses, 200, true},
		{"chunks with a wrong size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloooo\r\n0\r\n\r\n", thenHangs, 200, true},
		{"a chunk with a size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", thenHangs, 200, true},
		{"trailers without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: y\r\n", 10<<10), thenHangs, 200, true},
		{"a body up to a reset", "HTTP/1.1 200 OK\r\n\r\nhello", thenResets, 200, true},
		{"a body up to the end", "HTTP/1.1 200 OK\r\n\r\nhello", thenCloses, 200, false},
		{"a length that is never there", "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhello", thenCloses, 200, true},
	} {
		for _, early := range []bool{false, true} {
			name := tt.name
			if early {
				name += ", before it was asked"
			}
			t.Run(name, func(t *testing.T) {
				over := make(chan struct{})
				a := newInstance(t, "a", func(c net.Conn, br *bufio.Reader) {
					if !early {
						http.ReadRequest(br)
					}
					io.WriteString(c, tt.says)
					if early {
						http.ReadRequest(br)
					}
					switch tt.then {
					case thenHangs:
						<-over
					case thenResets:
						reset(c)
					}
				})
				w := start(t, edit(baseConfig(a), func(r *config.Route) { r.Retry = "never" }))
				t.Cleanup(func() { close(over) })
				w.seesOneAnswer(tt.status, tt.broken, early)
				w.wantInFlight(0)
			})
		}
	}
}

// seesOneAnswer asks, and wants that status and a whole or a broken body. A
// reset may have overtaken what came early: then it is a 502.
func (w *world) seesOneAnswer(status int, broken, early bool) {
	w.t.Helper()
	_, br := w.raw("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	var resp *http.Response
	for resp == nil || resp.StatusCode < 200 {
		var err error
		if resp, err = http.ReadResponse(br, nil); err != nil {
			w.t.Fatal(err)
		}
	}
	_, err := io.Copy(io.Discard, resp.Body)
	if early && resp.StatusCode == 502 {
		return
	}
	if resp.StatusCode != status || (err != nil) != broken {
		w.t.Errorf("got %d, %v; want %d, broken %v", resp.StatusCode, err, status, broken)
	}
	if rest, _ := io.ReadAll(br); len(rest) > 0 {
		w.t.Errorf("got %q behind the answer", rest)
	}
}
