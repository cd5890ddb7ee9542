package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy"
	"github.com/webstack/webstack/proxy/config"
)

func TestFiles(t *testing.T) {
	root := t.TempDir()
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MB: several pieces
	for name, data := range map[string][]byte{
		"static/a.css":            []byte("body {}"),
		"static/big.bin":          big,
		"static/docs/index.html":  []byte("<p>docs"),
		"static/bare/x":           []byte("x"),
		"static/folder/index.htm": []byte("x"),
		"static/.env":             []byte("SECRET=1"),
		"secret":                  []byte("SECRET=2"),
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret", filepath.Join(root, "static/link")); err != nil {
		t.Fatal(err)
	}
	day := seconds(24 * 60 * 60)
	c := baseConfig(well(t, "app"))
	c.Sites[0].Routes = append(c.Sites[0].Routes, config.Route{
		Match: config.MatchBelow, Path: "/static/", Retry: "error",
		Files:           &config.Files{Root: filepath.Join(root, "static"), Index: "index.html", Expires: &day},
		ResponseHeaders: []config.Field{{Name: "X-Content-Type-Options", Value: "nosniff"}},
	})
	w := start(t, c)
	tests := []struct {
		method, path string
		fields       []string
		status       int
		body         string
	}{
		{"GET", "/static/a.css", nil, 200, "body {}"},
		{"GET", "/%73tatic//a.css", nil, 200, "body {}"},
		{"HEAD", "/static/a.css", nil, 200, ""},
		{"GET", "/static/big.bin", nil, 200, string(big)},
		{"GET", "/static/big.bin", []string{"Range", "bytes=16-31"}, 206, "0123456789abcdef"},
		{"GET", "/static/big.bin", []string{"Range", "bytes=-4"}, 206, "cdef"},
		{"GET", "/static/a.css", []string{"Range", "bytes=99-"}, 416, "416 Range Not Satisfiable\n"},
		{"GET", "/static/docs/", nil, 200, "<p>docs"},
		{"GET", "/static/docs", nil, 301, ""},
		{"GET", "/static/bare/", nil, 403, "403 Forbidden\n"},
		{"GET", "/static/nothing", nil, 404, "404 Not Found\n"},
		{"HEAD", "/static/nothing", nil, 404, ""},
		{"GET", "/static/.env", nil, 404, "404 Not Found\n"},
		{"GET", "/static/link", nil, 403, "403 Forbidden\n"},
		{"GET", "/static/../secret", nil, 200, "app"}, // normalised out of /static/
		{"POST", "/static/a.css", nil, 405, "405 Method Not Allowed\n"},
		{"GET", "/static", nil, 200, "app"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.method, tt.path, tt.fields), func(t *testing.T) {
			r := w.ask(tt.method, tt.path, "", tt.fields...)
			if r.StatusCode != tt.status || r.body != tt.body || r.err != nil {
				t.Fatalf("got %d %.60q, %v; want %d %.60q", r.StatusCode, r.body, r.err, tt.status, tt.body)
			}
			if tt.body == "app" {
				return
			}
			if got, want := r.Header.Get("Server"), "webstack"; got != want {
				t.Errorf("Server: got %q, want %q", got, want)
			}
			if good := tt.status < 400; good != (r.Header.Get("Cache-Control") == "max-age=86400") || good != (r.Header.Get("Expires") != "") {
				t.Errorf("got Cache-Control %q, Expires %q", r.Header.Get("Cache-Control"), r.Header.Get("Expires"))
			}
			if good := tt.status < 400; good != (r.Header.Get("X-Content-Type-Options") == "nosniff") {
				t.Errorf("got X-Content-Type-Options %q", r.Header.Get("X-Content-Type-Options"))
			}
		})
	}
	r := w.ask("GET", "/static/a.css", "")
	if got, want := r.Header.Get("Content-Type"), "text/css"; !strings.HasPrefix(got, want) {
		t.Errorf("Content-Type: got %q, want %q", got, want)
	}
	if again := w.ask("GET", "/static/a.css", "", "If-None-Match", r.Header.Get("ETag")); again.StatusCode != 304 || again.body != "" {
		t.Errorf("with its ETag: got %d, want 304", again.StatusCode)
	}
	many := w.ask("GET", "/static/big.bin", "", "Range", "bytes=0-3,20-23")
	if many.StatusCode != 206 || many.err != nil || int64(len(many.body)) != many.ContentLength ||
		!strings.Contains(many.body, "\r\n\r\n0123\r\n") || !strings.Contains(many.body, "\r\n\r\n4567\r\n") {
		t.Errorf("two ranges: got %d %q, %v", many.StatusCode, many.body, many.err)
	}
}

func TestRedirectAndRespond(t *testing.T) {
	c := baseConfig(well(t, "app"))
	c.Sites[0].Routes = append(
		c.Sites[0].Routes,
		config.Route{
			Match: config.MatchPrefix, Path: "/old", Retry: "error",
			Redirect: &config.Redirect{Location: "https://{host}{uri}", Status: 301},
		},
		config.Route{
			Match: config.MatchExact, Path: "/ping", Retry: "error",
			Respond: &config.Respond{Status: 200, Body: "pong\n"},
		},
		config.Route{Match: config.MatchExact, Path: "/none", Retry: "error", Respond: &config.Respond{Status: 204}},
	)
	w := start(t, c)
	if r := w.get("/old/x?y=1", 301, ""); r.Header.Get("Location") != "https://127.0.0.1/old/x?y=1" {
		t.Errorf("Location: got %q", r.Header.Get("Location"))
	}
	w.get("/ping", 200, "pong\n")
	w.get("/none", 204, "")
}

func TestNobodyHasIt(t *testing.T) {
	c := baseConfig(well(t, "app"))
	c.Sites[0].Hosts = []string{"example.com"}
	c.Sites[0].Routes[0].Path = "/app"
	w := start(t, c)
	for _, tt := range []struct {
		host, path string
		status     int
	}{
		{"example.com", "/app/x", 200},
		{"EXAMPLE.com:8081", "/app", 200},
		{"example.com", "/application", 404},
		{"other.example", "/app", 421},
	} {
		_, br := w.raw("GET " + tt.path + " HTTP/1.1\r\nHost: " + tt.host + "\r\n\r\n")
		if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != tt.status {
			t.Errorf("%s%s: got %v, %v; want %d", tt.host, tt.path, resp, err, tt.status)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	a := well(t, "app")
	w := start(t, baseConfig(a))
	for _, tt := range []struct {
		name, request string
		status        int
	}{
		{"TRACE", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405},
		{"CONNECT", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n", 405},
		{"HTTP/0.9", "GET /\r\n\r\n", 400},
		{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
		{"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
		{"two Hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400},
		{"a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"a byte that is not ASCII", "GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"an encoded NUL", "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"asterisk-form", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"space before a colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
		{"another coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
		{"a signed length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx", 400},
		{"two lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
		{"a head that is too long", "GET / HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", 431},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, br := w.raw(tt.request)
			resp, err := http.ReadResponse(br, nil)
			if err != nil || resp.StatusCode != tt.status {
				t.Fatalf("got %v, %v; want %d", resp, err, tt.status)
			}
			if tt.status == 405 && resp.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
	if n := a.requests.Load(); n != 0 {
		t.Errorf("the app got %d of them", n)
	}
	_, br := w.raw("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")
	if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("OPTIONS *: got %v, %v; want 200", resp, err)
	}
}

func TestAHeadThatDoesNotCome(t *testing.T) {
	c := baseConfig(well(t, "app"))
	c.Proxy.HeadTimeout = config.Duration(50 * time.Millisecond)
	w := start(t, c)
	_, br := w.raw("GET / HTTP/1.1\r\nHo")
	if data, err := io.ReadAll(br); err != nil {
		t.Errorf("got %q, %v; want the end", data, err)
	}
}

// TestAClientThatDoesNotRead: the gap between writes is bounded, and the
// instance is let go.
func TestAClientThatDoesNotRead(t *testing.T) {
	endless := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
		say(c, "HTTP/1.1 200 OK\r\n\r\n")
		for say(c, "%s", strings.Repeat("x", 64<<10)) {
		}
		return false
	})
	c := baseConfig(endless)
	c.Proxy.SendTimeout = config.Duration(50 * time.Millisecond)
	w := start(t, c)
	w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	w.until("it was begun", func() bool { return endless.requests.Load() == 1 })
	w.wantInFlight(0)
	w.wantStates("a=up")
}

func TestAnInstanceOnAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	app := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host+" "+r.RemoteAddr)
	})}
	go app.Serve(l)
	t.Cleanup(func() { app.Close() })
	c := baseConfig()
	c.Upstreams[0].Instances = []config.Instance{{ID: "app@1", Network: "unix", Address: path, Weight: 1}}
	w := start(t, c)
	if r := w.ask("GET", "/", ""); r.StatusCode != 200 || !strings.HasPrefix(r.body, "127.0.0.1:") {
		t.Errorf("got %d %q", r.StatusCode, r.body)
	}
}

func TestAListenerOnAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	c := baseConfig(echo(t))
	c.Listeners = append(c.Listeners, config.Listener{Name: "local", Network: "unix", Address: path})
	c.Sites[0].Listeners = append(c.Sites[0].Listeners, "local")
	start(t, c, proxy.Listener{Name: "local", Listener: l})
	client, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	client.SetDeadline(time.Now().Add(patience))
	io.WriteString(client, "GET / HTTP/1.1\r\nHost: h\r\nX-Real-IP: 1.2.3.4\r\nConnection: close\r\n\r\n")
	data, err := io.ReadAll(client)
	if err != nil || !strings.HasPrefix(string(data), "HTTP/1.1 200 ") || strings.Contains(string(data), "1.2.3.4") {
		t.Errorf("got %q, %v; want 200, and nothing that the client says of itself", data, err)
	}
}

func TestStatus(t *testing.T) {
	w := start(t, baseConfig(gone(t, "a"), well(t, "b")))
	w.get("/", 200, "b")
	st := w.proxy.Status()
	if st.Version != 1 || st.PID != os.Getpid() || st.Generation != 1 || st.MemoryBytes == 0 || st.Connections != 1 {
		t.Errorf("got %+v", st)
	}
	a := st.Upstreams[0].Instances[0]
	if a.State != "down" || a.Requests != 1 || a.Failed != 1 || a.InFlight != 0 || a.LastError != "connect: connection refused" {
		t.Errorf("got %+v", a)
	}
	if s := st.Sites[0]; s.Name != "site" || s.Requests != 1 || s.Errors != 0 {
		t.Errorf("got %+v", s)
	}
}
