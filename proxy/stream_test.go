package proxy_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/config"
)

// TestEventsComeAtOnce: the instance writes the next event only when the
// client has read the one before.
func TestEventsComeAtOnce(t *testing.T) {
	read := make(chan struct{})
	a := newInstance(t, "a", func(c net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
		<-read
		say(c, "data: 1\n\n")
		<-read
		say(c, "data: 2\n\n")
	})
	w := start(t, baseConfig(a))
	resp, err := w.client.Get(w.url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	br := bufio.NewReader(resp.Body)
	for _, want := range []string{"data: 1\n", "data: 2\n"} {
		read <- struct{}{}
		if got, err := br.ReadString('\n'); got != want || err != nil {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
		br.ReadString('\n')
	}
	if _, err := br.ReadByte(); err != io.EOF {
		t.Errorf("got %v, want a proper end", err)
	}
}

// TestAnUploadComesAtOnce: the client sends more only when the instance has
// had what was before.
func TestAnUploadComesAtOnce(t *testing.T) {
	for _, length := range []int64{-1, 6} {
		got := make(chan string)
		a := answering(t, "a", func(c net.Conn, r *http.Request) bool {
			part := make([]byte, 3)
			for range 2 {
				io.ReadFull(r.Body, part)
				got <- string(part)
			}
			if _, err := r.Body.Read(part); err != io.EOF {
				t.Errorf("after the body: %v", err)
			}
			return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		})
		w := start(t, baseConfig(a))
		pr, pw := io.Pipe()
		go func() {
			for _, part := range []string{"abc", "def"} {
				io.WriteString(pw, part)
				if s := <-got; s != part {
					t.Errorf("the instance got %q, want %q", s, part)
				}
			}
			pw.Close()
		}()
		req, _ := http.NewRequest("POST", w.url, pr)
		req.ContentLength = length
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Errorf("got %d, want 200", resp.StatusCode)
		}
		w.wantInFlight(0)
	}
}

func TestAnAnswerBeforeTheBodyHasCome(t *testing.T) {
	a := newInstance(t, "a", func(c net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		say(c, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")
		io.Copy(io.Discard, c)
	})
	w := start(t, baseConfig(a))
	_, br := w.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\npart")
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); resp.StatusCode != 401 || string(body) != "no" || err != nil || !resp.Close {
		t.Errorf("got %d %q, %v, close %v; want 401 no, and close", resp.StatusCode, body, err, resp.Close)
	}
	w.wantInFlight(0)
}

func TestMaxBody(t *testing.T) {
	a := well(t, "a")
	w := start(t, edit(baseConfig(a), func(r *config.Route) { r.MaxBodyBytes = 10 }))
	if r := w.ask("POST", "/", "0123456789"); r.StatusCode != 200 {
		t.Errorf("as long as allowed: got %d, want 200", r.StatusCode)
	}
	if r := w.ask("POST", "/", "0123456789a"); r.StatusCode != 413 {
		t.Errorf("announced longer: got %d, want 413", r.StatusCode)
	}
	if n := a.requests.Load(); n != 1 {
		t.Errorf("the instance got %d requests, want 1", n)
	}
	req, _ := http.NewRequest("POST", w.url, struct{ io.Reader }{strings.NewReader("0123456789a")})
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("chunked and longer: got %d, want 413", resp.StatusCode)
	}
	w.wantInFlight(0)
	w.wantStates("a=up")
}

func TestExpect(t *testing.T) {
	w := start(t, edit(baseConfig(well(t, "a")), func(r *config.Route) { r.MaxBodyBytes = 10 }))
	c, br := w.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
	line, _ := br.ReadString('\n')
	if !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("got %q, want 100", line)
	}
	br.ReadString('\n')
	io.WriteString(c, "body")
	if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("got %v, %v; want 200", resp, err)
	}
	_, br = w.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
	if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 413 {
		t.Errorf("too large: got %v, %v; want 413 and no 100", resp, err)
	}
	_, br = w.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: more\r\n\r\n")
	if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 417 {
		t.Errorf("another expectation: got %v, %v; want 417", resp, err)
	}
}

func TestABodyThatStops(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Proxy.BodyTimeout = config.Duration(50 * time.Millisecond)
	w := start(t, c)
	_, br := w.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart")
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != 408 {
		t.Errorf("got %v, %v; want 408", resp, err)
	}
	w.wantInFlight(0)
	w.wantStates("a=up")
}

func TestInterimAnswers(t *testing.T) {
	a := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
		return say(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	})
	w := start(t, baseConfig(a))
	var got []string
	req, _ := http.NewRequest("GET", w.url, nil)
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			got = append(got, http.StatusText(code)+" "+h.Get("Link"))
			return nil
		},
	}))
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if len(got) != 1 || got[0] != "Early Hints </a.css>" || resp.StatusCode != 200 || resp.Header.Get("Link") != "" {
		t.Errorf("got %q, then %d with Link %q; want 103 with its Link and 200 without", got, resp.StatusCode, resp.Header.Get("Link"))
	}
	_, br := w.raw("GET / HTTP/1.0\r\n\r\n")
	if line, _ := br.ReadString('\n'); !strings.Contains(line, " 200 ") {
		t.Errorf("HTTP/1.0 got %q, want 200 at once", line)
	}
}

// talker switches to a tunnel, greets at once, and echoes until the client's
// end; then it says so.
func talker(t *testing.T) *instance {
	t.Helper()
	return newInstance(t, "a", func(c net.Conn, br *bufio.Reader) {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		if r.Header.Get("Upgrade") != "websocket" {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain")
			return
		}
		say(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello ")
		io.Copy(c, br)
		say(c, "bye")
	})
}

const upgrade = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n"

// openTunnel asks for a tunnel, with early bytes behind the request.
func openTunnel(w *world, early string) (net.Conn, *bufio.Reader) {
	w.t.Helper()
	c, br := w.raw(upgrade + early)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode != 101 || resp.Header.Get("Upgrade") != "websocket" || resp.Header.Get("Sec-WebSocket-Accept") != "x" {
		w.t.Fatalf("got %d %v, want 101", resp.StatusCode, resp.Header)
	}
	return c, br
}

func wantBytes(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(r, got)
	if string(got[:n]) != want {
		t.Fatalf("got %q, %v; want %q", got[:n], err, want)
	}
}

func TestATunnel(t *testing.T) {
	w := start(t, baseConfig(talker(t)))
	c, br := openTunnel(w, "early ")
	wantBytes(t, br, "hello early ")
	w.wantInFlight(1)
	io.WriteString(c, "more")
	wantBytes(t, br, "more")
	c.(*net.TCPConn).CloseWrite()
	wantBytes(t, br, "bye") // the other direction was open still
	if _, err := br.ReadByte(); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
	w.wantInFlight(0)
}

func TestARefusedUpgradeStaysHTTP(t *testing.T) {
	a := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
		return say(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
	})
	w := start(t, baseConfig(a))
	_, br := w.raw(upgrade + "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	for range 2 {
		resp, err := http.ReadResponse(br, nil)
		if err != nil || resp.StatusCode != 403 {
			t.Fatalf("got %v, %v; want 403", resp, err)
		}
		io.Copy(io.Discard, resp.Body)
	}
}

func TestASwitchToAnotherProtocolIsRefused(t *testing.T) {
	a := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
		return say(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
	})
	w := start(t, baseConfig(a))
	_, br := w.raw(upgrade)
	if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 502 {
		t.Errorf("got %v, %v; want 502", resp, err)
	}
}

func TestUpgradeOff(t *testing.T) {
	w := start(t, edit(baseConfig(talker(t)), func(r *config.Route) { r.Upgrade = nil }))
	_, br := w.raw(upgrade)
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("got %v, %v; want the plain answer", resp, err)
	}
}

func TestAnIdleTunnelEnds(t *testing.T) {
	w := start(t, edit(baseConfig(talker(t)), func(r *config.Route) {
		r.IdleTimeout = config.Duration(50 * time.Millisecond)
	}))
	_, br := openTunnel(w, "")
	wantBytes(t, br, "hello ")
	if _, err := br.ReadByte(); err == nil || errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want the end", err)
	}
	w.wantInFlight(0)
}

func TestASilentAnswerIsBrokenOff(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	a := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		<-release
		return false
	})
	w := start(t, edit(baseConfig(a), func(r *config.Route) { r.IdleTimeout = config.Duration(50 * time.Millisecond) }))
	if r := w.ask("GET", "/", ""); r.body != "half" || r.err == nil {
		t.Errorf("got %q, %v; want half of it and an error", r.body, r.err)
	}
	w.wantInFlight(0)
}

// TestABodyThatNobodyReads: what is left of it must not be in the way of the
// connection's next request.
func TestABodyThatNobodyReads(t *testing.T) {
	early := func(c net.Conn, _ *http.Request) bool {
		return say(c, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
	}
	for name, tt := range map[string]struct {
		reply  func(net.Conn, *http.Request) bool
		status int
	}{
		"the instance resets":   {resets, 502},
		"the instance closes":   {closes, 502},
		"it is answered before": {early, 403},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, baseConfig(answering(t, "a", tt.reply)))
			_, br := w.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
			resp, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !resp.Close {
				t.Errorf("got %d, close %v; want %d and Connection: close", resp.StatusCode, resp.Close, tt.status)
			}
		})
	}
}
