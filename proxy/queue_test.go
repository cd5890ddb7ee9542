package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// TestTheQueueWithClientsThatLeave: over several loops, an instance that takes
// one at a time gets one at a time, and who leaves takes nobody's place along.
func TestTheQueueWithClientsThatLeave(t *testing.T) {
	var now, most atomic.Int64
	a := answering(t, "a", func(c net.Conn, r *http.Request) bool {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
	})
	c := baseConfig(a)
	c.Proxy.Loops = 3
	c.Upstreams[0].MaxInFlight, c.Upstreams[0].Queue, c.Upstreams[0].QueueTimeout = 1, 1000, seconds(20)
	w := start(t, c)
	var all sync.WaitGroup
	for n := range 12 {
		all.Go(func() {
			for range 60 {
				conn, err := net.Dial("tcp", w.listener.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
				if n%3 == 0 {
					reset(conn)
					continue
				}
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil || resp.StatusCode != 200 {
					t.Errorf("got %v, %v; want 200", resp, err)
				}
				conn.Close()
			}
		})
	}
	all.Wait()
	w.wantInFlight(0)
	// Of one that has left the answer may be under way still.
	if n := most.Load(); n > 2 {
		t.Errorf("the instance had %d requests at a time", n)
	}
}
