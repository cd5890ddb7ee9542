package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/webstack/webstack/proxy/config"
)

func TestEightInstancesGetOneHundredEach(t *testing.T) {
	for _, clients := range []int{1, 16} {
		t.Run(fmt.Sprint(clients, " clients"), func(t *testing.T) {
			var instances []*instance
			for i := range 8 {
				instances = append(instances, well(t, fmt.Sprintf("app@%d", 8020+i)))
			}
			w := start(t, baseConfig(instances...))
			var wg sync.WaitGroup
			for range clients {
				wg.Go(func() {
					for range 800 / clients {
						w.ask("GET", "/", "")
					}
				})
			}
			wg.Wait()
			for _, in := range instances {
				if n := in.requests.Load(); n != 100 {
					t.Errorf("%s got %d requests, want 100", in.id, n)
				}
			}
			w.wantInFlight(0)
		})
	}
}

// echo answers with the request as it came, head and all.
func echo(t *testing.T) *instance {
	t.Helper()
	return newInstance(t, "app@8020", func(c net.Conn, br *bufio.Reader) {
		var head strings.Builder
		for {
			line, err := br.ReadString('\n')
			if err != nil {
				return
			}
			head.WriteString(line)
			if line == "\r\n" {
				break
			}
		}
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nServer: TornadoServer/6.2\r\nLocation: http://tornados/x\r\nConnection: close\r\n\r\n%s",
			head.Len(), head.String())
	})
}

func TestTheRequestThatTheAppGets(t *testing.T) {
	tests := []struct {
		name    string
		request string
		want    []string
		not     []string
	}{
		{
			"the target exactly as received, Host with its port",
			"GET /a%2fb/../c//d;e?q=%20&x=; HTTP/1.1\r\nHost: example.com:8081\r\nConnection: close\r\n\r\n",
			[]string{"GET /a%2fb/../c//d;e?q=%20&x=; HTTP/1.1\r\nHost: example.com:8081\r\n", "X-Real-IP: 127.0.0.1\r\n"},
			[]string{"Connection:", "Content-Length", "Transfer-Encoding", "User-Agent", "Accept-Encoding"},
		},
		{
			"an absolute-form target is reduced to its path and its authority is the Host",
			"GET http://other.example/x HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n",
			[]string{"GET /x HTTP/1.1\r\nHost: other.example\r\n"},
			nil,
		},
		{
			"what the client says of itself is not believed",
			"GET / HTTP/1.1\r\nHost: h\r\nX-Real-IP: 1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nConnection: close, X-Real-IP\r\n\r\n",
			[]string{"X-Real-IP: 127.0.0.1\r\n", "X-Forwarded-For: 127.0.0.1\r\n", "X-Forwarded-Proto: http\r\n"},
			[]string{"1.2.3.4"},
		},
		{
			"an upgrade that the route does not allow is not passed on",
			"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
			[]string{"GET / HTTP/1.1\r\n"},
			[]string{"Upgrade", "h2c", "HTTP2-Settings"},
		},
		{
			"an empty body is still announced",
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
			[]string{"POST / HTTP/1.1\r\n", "\r\nContent-Length: 0\r\n"},
			nil,
		},
		{
			"HTTP/1.0 without a Host gets the upstream's name",
			"GET / HTTP/1.0\r\n\r\n",
			[]string{"GET / HTTP/1.1\r\nHost: app\r\n"},
			nil,
		},
	}
	w := start(t, baseConfig(echo(t)))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, br := w.raw(tt.request)
			resp, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatal(err)
			}
			data, _ := io.ReadAll(resp.Body)
			for _, s := range tt.want {
				if !strings.Contains(string(data), s) {
					t.Errorf("the app got %q, want %q in it", data, s)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(strings.ToLower(string(data)), strings.ToLower(s)) {
					t.Errorf("the app got %q, want no %q in it", data, s)
				}
			}
			if got, want := resp.Header.Get("Server"), "TornadoServer/6.2"; got != want {
				t.Errorf("Server: got %q, want %q", got, want)
			}
			if got, want := resp.Header.Get("Location"), "http://tornados/x"; got != want {
				t.Errorf("Location: got %q, want %q", got, want)
			}
			if len(resp.Header["Date"]) != 1 || resp.Header.Get("Content-Type") != "" {
				t.Errorf("got Date %q and Content-Type %q, want one and none", resp.Header["Date"], resp.Header.Get("Content-Type"))
			}
		})
	}
}

func TestARequestWithoutHostGetsAValidOne(t *testing.T) {
	for name, want := range map[string]string{
		"pool":                           "pool",
		"Pool_2":                         "Pool_2",
		`site.shop.routes."/x".upstream`: "upstream", // a list in a route
	} {
		c := edit(baseConfig(echo(t)), func(r *config.Route) { r.Upstream = name })
		c.Upstreams[0].Name = name
		_, br := start(t, c).raw("GET / HTTP/1.0\r\n\r\n")
		if got, err := io.ReadAll(br); err != nil || !strings.Contains(string(got), "\nHost: "+want+"\r\n") {
			t.Errorf("upstream %s: got %q, %v; want Host: %s", name, got, err, want)
		}
	}
}

func TestStripPrefix(t *testing.T) {
	w := start(t, edit(baseConfig(echo(t)), func(r *config.Route) { r.Path, r.StripPrefix = "/api", true }))
	for path, want := range map[string]string{
		"/api/a%20b?x": "GET /a%20b?x HTTP/1.1\r\n",
		"/api":         "GET / HTTP/1.1\r\n",
	} {
		r := w.ask("GET", path, "")
		if !strings.HasPrefix(r.body, want) || !strings.Contains(r.body, "X-Forwarded-Prefix: /api\r\n") {
			t.Errorf("GET %s: the app got %q, want %q and the prefix", path, r.body, want)
		}
	}
}

func TestHeaderRules(t *testing.T) {
	w := start(t, edit(baseConfig(echo(t)), func(r *config.Route) {
		r.RequestHeaders = []config.Field{{Name: "Host", Value: "fixed.internal"}}
		r.ResponseHeaders = []config.Field{{Name: "X-Frame-Options", Value: "DENY"}, {Name: "Server", Value: ""}}
	}))
	r := w.ask("GET", "/", "")
	if !strings.Contains(r.body, "Host: fixed.internal\r\n") {
		t.Errorf("the app got %q, want the route's Host", r.body)
	}
	if r.Header.Get("X-Frame-Options") != "DENY" || r.Header.Get("Server") != "" {
		t.Errorf("got %v, want X-Frame-Options and no Server", r.Header)
	}
}

func TestKeepAlive(t *testing.T) {
	var connections int
	var mu sync.Mutex
	in := newInstance(t, "app@8020", func(c net.Conn, br *bufio.Reader) {
		mu.Lock()
		connections++
		mu.Unlock()
		for {
			r, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			switch r.URL.Path {
			case "/extra":
				// Bytes that nobody asked for must not answer the next one.
				say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
			case "/close":
				say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
				return
			case "/chunked":
				say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: y\r\n\r\n")
			default:
				say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
		}
	})
	w := start(t, baseConfig(in))
	for _, step := range []struct {
		path string
		want int // connections so far
	}{
		{"/", 1},
		{"/", 1},
		{"/chunked", 1},
		{"/extra", 1},
		{"/", 2},
		{"/close", 2},
		{"/", 3},
	} {
		w.get(step.path, 200, "ok")
		mu.Lock()
		if connections != step.want {
			t.Errorf("after %s: %d connections, want %d", step.path, connections, step.want)
		}
		mu.Unlock()
	}
}

func TestHeadAndBodiless(t *testing.T) {
	in := answering(t, "a", func(c net.Conn, r *http.Request) bool {
		switch {
		case r.Method == "HEAD":
			return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
		case r.URL.Path == "/304":
			return say(c, "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n")
		}
		return say(c, "HTTP/1.1 204 No Content\r\n\r\n")
	})
	w := start(t, baseConfig(in))
	if r := w.ask("HEAD", "/", ""); r.StatusCode != 200 || r.ContentLength != 1000 {
		t.Errorf("HEAD: got %d with %d bytes announced, want 200 with 1000", r.StatusCode, r.ContentLength)
	}
	if r := w.get("/304", 304, ""); r.Header.Get("ETag") != `"x"` {
		t.Errorf("304: got ETag %q", r.Header.Get("ETag"))
	}
	w.get("/", 204, "")
}
