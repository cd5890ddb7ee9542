package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestNobodyIsLostWhileNobodyListens: over several loops, whoever asks while
// the one instance is away is answered when it is back.
func TestNobodyIsLostWhileNobodyListens(t *testing.T) {
	const clients = 60
	away := gone(t, "a")
	c := baseConfig(away)
	c.Proxy.Loops = 3
	c.Upstreams[0].Hold = seconds(20)
	w := start(t, c)
	var all sync.WaitGroup
	for i := range clients {
		method, body := "GET", ""
		if i%2 == 0 {
			method, body = "POST", "body"
		}
		all.Go(func() {
			if r := w.ask(method, fmt.Sprintf("/%d", i), body); r.StatusCode != 200 || r.body != "a" {
				t.Errorf("%s: got %d %q, want 200", method, r.StatusCode, r.body)
			}
		})
	}
	w.until("all are held", func() bool { return w.proxy.Status().Upstreams[0].Held == clients })
	serveAt(t, away.Addr().String())
	all.Wait()
	w.wantInFlight(0)
	if st := w.proxy.Status().Upstreams[0]; st.Held != 0 || st.Waiting != 0 {
		t.Errorf("%d are held and %d wait, want none", st.Held, st.Waiting)
	}
}

// serveAt answers "a" at an address, until it is stopped.
func serveAt(t *testing.T, address string) (stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(rw, "a")
	})}
	go server.Serve(l)
	stop = func() {
		l.Close() // which Serve may not know of yet
		server.Close()
	}
	t.Cleanup(stop)
	return stop
}

// TestARestartThatIsReportedLosesNothing: the only instance is restarted again
// and again, as its unit does it, and no request of any method is lost.
func TestARestartThatIsReportedLosesNothing(t *testing.T) {
	in := gone(t, "a")
	address := in.Addr().String()
	stop := serveAt(t, address)
	c := baseConfig(in)
	c.Proxy.Loops = 2
	c.Upstreams[0].Hold = seconds(20)
	w := start(t, c)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			for range 40 {
				method, body := "GET", ""
				if i%2 == 0 {
					method, body = "POST", "body"
				}
				if r := w.ask(method, "/", body); r.StatusCode != 200 || r.body != "a" {
					t.Errorf("%s: got %d %q, want 200", method, r.StatusCode, r.body)
				}
			}
		})
	}
	for range 8 {
		w.report("a", "stopped", "")
		w.wantInFlight(0)
		stop()
		w.report("a", "starting", "")
		stop = serveAt(t, address)
		w.report("a", "up", "")
	}
	all.Wait()
	w.wantInFlight(0)
}

// TestADrainThatEndsServesWhoWaited: the last instance is drained and taken
// back, and nobody gets an error.
func TestADrainThatEndsServesWhoWaited(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Upstreams[0].Hold = seconds(20)
	w := start(t, c)
	w.drain("a", "test", 0)
	_, br := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	w.until("it is held", func() bool { return w.proxy.Status().Upstreams[0].Held == 1 })
	w.undrain("a", "test")
	wantStatus(t, br, 200)
}

func wantStatus(t *testing.T, br *bufio.Reader, want int) {
	t.Helper()
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != want {
		t.Errorf("got %v, %v; want %d", resp, err, want)
	}
}
