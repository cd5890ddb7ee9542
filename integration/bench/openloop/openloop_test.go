package openloop

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

const ask = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func address(t *testing.T, s *httptest.Server) netip.AddrPort {
	t.Helper()
	a, err := netip.ParseAddrPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEachRequestThatIsDueIsMade(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	defer s.Close()
	got, err := Run(Options{Address: address(t, s), Request: []byte(ask), Connections: 4, PerSecond: 1000, For: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if got.Requests != 100 {
		t.Errorf("got %d requests, want 100", got.Requests)
	}
	if got.P50 <= 0 || got.P50 > got.P99 || got.P99 > got.P999 || got.P999 > got.Max {
		t.Errorf("got percentiles out of order: %+v", got)
	}
}

// A server that stalls once on its only connection is charged with all the
// requests that were due meanwhile.
func TestAStallIsChargedToAllThatWaited(t *testing.T) {
	const stall = 100 * time.Millisecond
	first := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if first {
			first = false
			time.Sleep(stall)
		}
		_, _ = io.WriteString(w, "hello")
	}))
	defer s.Close()
	got, err := Run(Options{Address: address(t, s), Request: []byte(ask), Connections: 1, PerSecond: 1000, For: stall})
	if err != nil {
		t.Fatal(err)
	}
	if got.P50 < stall/4 {
		t.Errorf("got a median of %s, though all waited for a stall of %s", got.P50, stall)
	}
}

func TestAWrongAnswerEndsTheRun(t *testing.T) {
	tests := []struct {
		name, answer, want string
	}{
		{"a 503", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "not a 200"},
		{"no length", "HTTP/1.1 200 OK\r\n\r\n", "no Content-Length"},
		{"more than one answer", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", "1 more"},
		{"the end", "", "ended"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.ReadFull(c, make([]byte, len(ask)))
				_, _ = io.WriteString(c, test.answer)
				_ = c.(*net.TCPConn).CloseWrite()
			}()
			_, err = Run(Options{
				Address: netip.MustParseAddrPort(l.Addr().String()), Request: []byte(ask),
				Connections: 1, PerSecond: 1000, For: time.Millisecond,
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
