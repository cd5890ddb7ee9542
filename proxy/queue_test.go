package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestTheQueueWithClientsThatLeave: over several loops, an instance that takes
// one at a time gets one at a time, and who leaves takes nobody's place along.
func TestTheQueueWithClientsThatLeave(t *testing.T) {
	var now, most atomic.Int64
	a := answering(t, "a", func(c net.Conn, r *http.Request) bool {
		// Of one that has left, the instance learns later than the proxy: it
		// may have the next one beside it.
		if r.URL.Path == "/stays" {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			for range 100 {
				runtime.Gosched() // whoever may not be here shows up
			}
			now.Add(-1)
		}
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
				if n%3 == 0 {
					io.WriteString(conn, "GET /leaves HTTP/1.1\r\nHost: h\r\n\r\n")
					reset(conn)
					continue
				}
				io.WriteString(conn, "GET /stays HTTP/1.1\r\nHost: h\r\n\r\n")
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
	if n := most.Load(); n != 1 {
		t.Errorf("the instance had %d requests at a time", n)
	}
}
