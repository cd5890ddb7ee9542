package proxy_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
)

// What an instance may do with a request besides answering.
var (
	closes  = func(c net.Conn, _ *http.Request) bool { return false }
	resets  = func(c net.Conn, _ *http.Request) bool { reset(c); return false }
	cuts    = func(c net.Conn, _ *http.Request) bool { say(c, "HTTP/1.1 200 OK\r\nContent-"); return false }
	babbles = func(c net.Conn, _ *http.Request) bool { say(c, "220 mail.example ESMTP\r\n"); return false }
	both    = func(c net.Conn, _ *http.Request) bool {
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	}
	switches = func(c net.Conn, _ *http.Request) bool {
		return say(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	}
)

// TestTheRetryRule sends one request to a group whose first instance fails.
func TestTheRetryRule(t *testing.T) {
	const none = -1 // connections are refused
	tests := []struct {
		name    string
		first   func(net.Conn, *http.Request) bool // nil: refuses
		others  func(net.Conn, *http.Request) bool // nil: answers
		method  string
		body    string
		status  int
		first_  int64 // requests that the first got
		replays int64 // requests that the others got
		states  string
	}{
		{"refused, GET", nil, nil, "GET", "", 200, none, 1, "a=down b=up c=up d=up"},
		{"refused, POST with a body", nil, nil, "POST", "body", 200, none, 1, "a=down b=up c=up d=up"},
		{"died, GET", closes, nil, "GET", "", 200, 1, 1, "a=down b=up c=up d=up"},
		{"reset, GET", resets, nil, "GET", "", 200, 1, 1, "a=down b=up c=up d=up"},
		{"died, PUT without a body", closes, nil, "PUT", "", 200, 1, 1, "a=down b=up c=up d=up"},
		{"died, PUT with a body", closes, nil, "PUT", "body", 502, 1, 0, "a=down b=up c=up d=up"},
		{"died, DELETE", closes, nil, "DELETE", "", 200, 1, 1, "a=down b=up c=up d=up"},
		{"died, POST", closes, nil, "POST", "", 502, 1, 0, "a=down b=up c=up d=up"},
		{"reset, POST with a body", resets, nil, "POST", "body", 502, 1, 0, "a=down b=up c=up d=up"},
		{"cut head, GET", cuts, nil, "GET", "", 200, 1, 1, "a=down b=up c=up d=up"},
		{"cut head, POST", cuts, nil, "POST", "", 502, 1, 0, "a=down b=up c=up d=up"},
		{"garbage, GET", babbles, nil, "GET", "", 502, 1, 0, "a=down b=up c=up d=up"},
		{"two framings, GET", both, nil, "GET", "", 502, 1, 0, "a=down b=up c=up d=up"},
		{"101 without a request to upgrade", switches, nil, "GET", "", 502, 1, 0, "a=down b=up c=up d=up"},
		{"the poisonous request takes two with it and no more", closes, closes, "GET", "", 502, 1, 1, "a=down b=down c=up d=up"},
		{"cut heads everywhere", cuts, cuts, "GET", "", 502, 1, 1, "a=down b=down c=up d=up"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := []*instance{gone(t, "a")}
			if tt.first != nil {
				list[0] = answering(t, "a", tt.first)
			}
			for _, id := range []string{"b", "c", "d"} {
				if tt.others != nil {
					list = append(list, answering(t, id, tt.others))
				} else {
					list = append(list, well(t, id))
				}
			}
			w := start(t, baseConfig(list...))
			r := w.ask(tt.method, "/", tt.body)
			if r.StatusCode != tt.status {
				t.Errorf("got %d, want %d", r.StatusCode, tt.status)
			}
			if tt.status >= 500 {
				wantOwnError(t, r)
			}
			if n := list[0].requests.Load(); tt.first_ != none && n != tt.first_ {
				t.Errorf("the first got it %d times, want %d", n, tt.first_)
			}
			var replays int64
			for _, in := range list[1:] {
				replays += in.requests.Load()
			}
			if replays != tt.replays {
				t.Errorf("the others got it %d times, want %d", replays, tt.replays)
			}
			w.wantStates(tt.states)
			w.wantInFlight(0)
			w.until("the failed try is in the log", func() bool { return strings.Contains(w.log.String(), "instance=a phase=") })
		})
	}
}

// wantOwnError wants a small answer that tells nothing about what is behind.
func wantOwnError(t *testing.T, r reply) {
	t.Helper()
	if len(r.body) > 200 || strings.Contains(r.body, "127.0.0.1") || !strings.Contains(r.body, http.StatusText(r.StatusCode)) {
		t.Errorf("got the body %q, want a small one with the status and no address", r.body)
	}
	if got, want := r.Header.Get("Server"), "webstack"; got != want {
		t.Errorf("Server: got %q, want %q", got, want)
	}
}

// pooling answers one request on each connection and does that with the next.
func pooling(t *testing.T, id string, then func(net.Conn, *http.Request) bool) *instance {
	t.Helper()
	return newInstance(t, id, func(c net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(id), id)
		if r, err := http.ReadRequest(br); err == nil {
			then(c, r)
		}
	})
}

func TestAStaleConnection(t *testing.T) {
	tests := []struct {
		name, method string
		status       int
	}{
		{"GET gets a fresh one", "GET", 200},
		{"HEAD gets a fresh one", "HEAD", 200},
		{"POST is not sent twice", "POST", 502},
	}
	for _, tt := range tests {
		for _, then := range []func(net.Conn, *http.Request) bool{closes, resets} {
			t.Run(tt.name, func(t *testing.T) {
				w := start(t, baseConfig(pooling(t, "a", then)))
				w.get("/", 200, "a")
				if r := w.ask(tt.method, "/", ""); r.StatusCode != tt.status {
					t.Errorf("got %d, want %d", r.StatusCode, tt.status)
				}
			})
		}
	}
}

func TestAnIdempotencyKeyDoesNotMakeAPOSTIdempotent(t *testing.T) {
	w := start(t, baseConfig(pooling(t, "a", closes), pooling(t, "b", closes)))
	w.get("/", 200, "a")
	w.get("/", 200, "b")
	if r := w.ask("POST", "/", "", "Idempotency-Key", "1"); r.StatusCode != 502 {
		t.Errorf("got %d, want 502", r.StatusCode)
	}
}

// TestThePoisonOverPooledConnections: a death on a pooled connection looks
// like a stale one, and still counts.
func TestThePoisonOverPooledConnections(t *testing.T) {
	var deaths sync.Map
	dying := func(id string) *instance {
		return answering(t, id, func(c net.Conn, r *http.Request) bool {
			if r.URL.Path == "/poison" {
				deaths.Store(id, true)
				return false
			}
			return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%s", id)
		})
	}
	w := start(t, baseConfig(dying("a"), dying("b"), dying("c"), dying("d")))
	for _, id := range []string{"a", "b", "c", "d"} {
		w.get("/", 200, id)
	}
	if r := w.ask("GET", "/poison", ""); r.StatusCode != 502 {
		t.Errorf("got %d, want 502", r.StatusCode)
	}
	n := 0
	deaths.Range(func(any, any) bool { n++; return true })
	if n != 2 {
		t.Errorf("it took %d instances, want 2", n)
	}
	w.get("/", 200, "c")
}

func TestTries(t *testing.T) {
	refusing := func() []*instance {
		return []*instance{gone(t, "a"), gone(t, "b"), gone(t, "c"), well(t, "d")}
	}
	for _, tt := range []struct {
		name   string
		retry  string
		tries  int
		status int
		states string
	}{
		{"two others are tried", "error", 2, 502, "a=down b=down c=down d=up"},
		{"three others are tried", "error", 3, 200, "a=down b=down c=down d=up"},
		{"never", "never", 3, 502, "a=down b=up c=up d=up"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, edit(baseConfig(refusing()...), func(r *config.Route) { r.Retry, r.Tries = tt.retry, tt.tries }))
			if r := w.ask("GET", "/", ""); r.StatusCode != tt.status {
				t.Errorf("got %d, want %d", r.StatusCode, tt.status)
			}
			w.wantStates(tt.states)
		})
	}
}

func TestPanicModeTriesThemAnyway(t *testing.T) {
	a, b := answering(t, "a", closes), answering(t, "b", closes)
	w := start(t, baseConfig(a, b))
	w.ask("GET", "/", "")
	w.wantStates("a=down b=down")
	before := a.requests.Load() + b.requests.Load()
	w.ask("GET", "/", "")
	if after := a.requests.Load() + b.requests.Load(); after == before {
		t.Error("nobody was tried")
	}
}

func TestAllDrainedIs503(t *testing.T) {
	w := start(t, baseConfig(well(t, "a")))
	if err := w.proxy.Drain(control.DrainRequest{Instance: "a"}); err != nil {
		t.Fatal(err)
	}
	r := w.ask("GET", "/", "")
	if r.StatusCode != 503 || r.Header.Get("Retry-After") == "" {
		t.Errorf("got %d with Retry-After %q, want 503 with one", r.StatusCode, r.Header.Get("Retry-After"))
	}
	wantOwnError(t, r)
}

func TestTheFirstByteTimesOut(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	a := answering(t, "a", func(net.Conn, *http.Request) bool { <-release; return false })
	b := well(t, "b")
	w := start(t, edit(baseConfig(a, b), func(r *config.Route) {
		r.ResponseTimeout = config.Duration(50 * time.Millisecond)
	}))
	if r := w.ask("GET", "/", ""); r.StatusCode != 504 {
		t.Errorf("got %d, want 504", r.StatusCode)
	}
	if b.requests.Load() != 0 {
		t.Error("it was sent to another instance")
	}
	w.wantStates("a=down b=up")
}

func TestAStatusIsNoFailure(t *testing.T) {
	a := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
		return say(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy")
	})
	w := start(t, baseConfig(a, well(t, "b")))
	w.get("/", 503, "busy")
	w.wantStates("a=up b=up")
	if got := w.proxy.Status().Sites[0]; got.Requests != 1 || got.Errors != 1 {
		t.Errorf("the site has %d requests and %d errors, want 1 and 1", got.Requests, got.Errors)
	}
}

// TestABrokenAnswerIsSeenToBeBroken: what came passes, the end does not.
func TestABrokenAnswerIsSeenToBeBroken(t *testing.T) {
	for name, answer := range map[string]string{
		"shorter than announced": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
		"chunks without an end":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"broken chunks":          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nxyz\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			a := answering(t, "a", func(c net.Conn, _ *http.Request) bool { say(c, "%s", answer); return false })
			b := well(t, "b")
			w := start(t, baseConfig(a, b))
			r := w.ask("GET", "/", "")
			if r.StatusCode != 200 || r.body != "half" || r.err == nil {
				t.Errorf("got %d %q, %v; want 200, half of it and an error", r.StatusCode, r.body, r.err)
			}
			if b.requests.Load() != 0 {
				t.Error("it was sent again")
			}
			w.until("the log has it", func() bool { return strings.Contains(w.log.String(), "broken") })
			w.wantStates("a=up b=up")
			w.wantInFlight(0)
		})
	}
}

// TestABrokenAnswerToHTTP10 has no chunks to leave unfinished, and its end is
// the connection's: only an error is not taken for it.
func TestABrokenAnswerToHTTP10(t *testing.T) {
	for name, answer := range map[string]string{
		"chunks without an end": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"a reset":               "HTTP/1.1 200 OK\r\n\r\nhalf",
	} {
		t.Run(name, func(t *testing.T) {
			passed := make(chan struct{})
			a := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
				say(c, "%s", answer)
				<-passed
				reset(c)
				return false
			})
			w := start(t, baseConfig(a))
			_, br := w.raw("GET / HTTP/1.0\r\n\r\n")
			resp, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantBytes(t, resp.Body, "half")
			close(passed)
			if rest, err := io.ReadAll(resp.Body); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %q, %v; want a reset", rest, err)
			}
			w.wantInFlight(0)
		})
	}
}

// TestKillUnderLoad: one instance dies again and again under a load of GETs
// on pooled connections, and no client sees it.
func TestKillUnderLoad(t *testing.T) {
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	mortal := newInstance(t, "mortal", func(c net.Conn, br *bufio.Reader) {
		mu.Lock()
		open[c] = true
		mu.Unlock()
		for {
			if _, err := http.ReadRequest(br); err != nil {
				return
			}
			if !say(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nmortal") {
				return
			}
		}
	})
	c := baseConfig(mortal, well(t, "b"), well(t, "c"))
	c.Upstreams[0].FailTimeout = config.Duration(time.Millisecond)
	w := start(t, c)
	kill := func() {
		mu.Lock()
		defer mu.Unlock()
		for c := range open {
			reset(c)
			delete(open, c)
		}
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 60 {
				if i%5 == 0 {
					kill()
				}
				if r := w.ask("GET", "/", ""); r.StatusCode != 200 || r.err != nil {
					t.Errorf("got %d %q, %v", r.StatusCode, r.body, r.err)
				}
			}
		})
	}
	wg.Wait()
	w.wantInFlight(0)
}

func TestTheClientGoesAway(t *testing.T) {
	asked, left := make(chan struct{}), make(chan struct{})
	a := newInstance(t, "a", func(c net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		close(asked)
		io.Copy(io.Discard, c) // until the proxy closes it
		close(left)
	})
	w := start(t, baseConfig(a, well(t, "b")))
	c, _ := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	w.wait(asked, "the request")
	reset(c)
	w.wait(left, "the instance to be let go")
	w.wantInFlight(0)
	w.wantStates("a=up b=up")
	if s := w.log.String(); s != "" {
		t.Error(fmt.Sprint("logged: ", s))
	}
}
