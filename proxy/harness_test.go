package proxy_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy"
	"github.com/webstack/webstack/proxy/config"
)

// loops is how many event loops each proxy of these tests has: whatever it is,
// they must behave alike.
var loops = flag.Int("loops", 0, "event loops of each proxy; 0 for one per processor")

// patience bounds every wait of these tests; nothing is expected to take it.
const patience = 20 * time.Second

// script is what an instance does with one connection.
type script func(c net.Conn, br *bufio.Reader)

// instance is a scripted application on a port of its own.
type instance struct {
	net.Listener
	id       string
	requests atomic.Int64
}

// newInstance runs an instance whose every connection follows the script.
func newInstance(t *testing.T, id string, s script) *instance {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{Listener: l, id: id}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				s(c, bufio.NewReader(c))
			}()
		}
	}()
	return in
}

// answering runs an instance that counts its requests and answers each with
// what reply writes; where that is false the connection is closed.
func answering(t *testing.T, id string, reply func(c net.Conn, r *http.Request) bool) *instance {
	t.Helper()
	var in *instance
	ready := make(chan struct{})
	in = newInstance(t, id, func(c net.Conn, br *bufio.Reader) {
		<-ready
		for {
			r, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			in.requests.Add(1)
			if !reply(c, r) {
				return
			}
			io.Copy(io.Discard, r.Body)
		}
	})
	close(ready)
	return in
}

// well answers with its own id.
func well(t *testing.T, id string) *instance {
	t.Helper()
	return answering(t, id, func(c net.Conn, r *http.Request) bool {
		io.Copy(io.Discard, r.Body)
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(id), id)
	})
}

// gone is an instance that refuses connections.
func gone(t *testing.T, id string) *instance {
	t.Helper()
	in := newInstance(t, id, nil)
	in.Close()
	return in
}

func say(c net.Conn, format string, args ...any) bool {
	_, err := fmt.Fprintf(c, format, args...)
	return err == nil
}

// reset closes a connection so that the other end gets an error.
func reset(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// world is a proxy with its config, its log and a client.
type world struct {
	t      *testing.T
	config *config.Config
	// next is what the next reload reads.
	mu      sync.Mutex
	next    *config.Config
	nextErr error

	proxy    *proxy.Proxy
	listener net.Listener // as systemd holds it
	url      string
	client   *http.Client
	log      *journal
	stop     context.CancelFunc
	stopped  chan struct{}
	// told is the time that the service manager was told the stop may take.
	told atomic.Int64
}

// journal keeps what was logged.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func seconds(n int) config.Duration { return config.Duration(time.Duration(n) * time.Second) }

// baseConfig is one site on one listener, whose "/" goes to the instances.
func baseConfig(instances ...*instance) *config.Config {
	up := config.Upstream{
		Name: "app", App: "app", Balance: "round-robin",
		MaxFails: 1, FailTimeout: seconds(10),
		ConnectTimeout: seconds(5), Keepalive: 32, KeepaliveTimeout: seconds(60), KeepaliveRequests: 1000,
	}
	for _, in := range instances {
		up.Instances = append(up.Instances, config.Instance{ID: in.id, Network: "tcp", Address: in.Addr().String(), Weight: 1})
	}
	return &config.Config{
		Version:    config.Version,
		Generation: 1,
		Proxy: config.Proxy{
			HeadTimeout: seconds(10), BodyTimeout: seconds(60), SendTimeout: seconds(60),
			KeepaliveTimeout: seconds(75), StopGrace: seconds(1), StopTimeout: seconds(30),
			Loops: *loops,
		},
		Listeners: []config.Listener{{Name: "web", Network: "tcp", Address: "127.0.0.1:8081"}},
		Upstreams: []config.Upstream{up},
		Sites: []config.Site{{
			Name: "site", Listeners: []string{"web"},
			Routes: []config.Route{appRoute("/")},
		}},
	}
}

func appRoute(path string) config.Route {
	return config.Route{
		Match: config.MatchPrefix, Path: path, Upstream: "app",
		MaxBodyBytes: 1 << 20, Retry: "error", Tries: 2,
		ResponseTimeout: seconds(60), IdleTimeout: seconds(60), Upgrade: []string{"websocket"},
	}
}

// edit changes the first route of a config.
func edit(c *config.Config, change func(*config.Route)) *config.Config {
	change(&c.Sites[0].Routes[0])
	return c
}

// listen makes a listening socket as systemd would: it stays open here.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// passed is the copy of a listening socket that a process inherits.
func passed(t *testing.T, l net.Listener) net.Listener {
	t.Helper()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dup, err := net.FileListener(f)
	if err != nil {
		t.Fatal(err)
	}
	return dup
}

// start runs a proxy of the config on a listener "web", and others.
func start(t *testing.T, c *config.Config, others ...proxy.Listener) *world {
	t.Helper()
	return startOn(t, c, listen(t), others...)
}

func startOn(t *testing.T, c *config.Config, l net.Listener, others ...proxy.Listener) *world {
	t.Helper()
	return startWith(t, c, l, func(o *proxy.Options) { o.Listeners = append(o.Listeners, others...) })
}

// startWith runs a proxy with options that the test changes.
func startWith(t *testing.T, c *config.Config, l net.Listener, change func(*proxy.Options)) *world {
	t.Helper()
	w := &world{t: t, config: c, next: c, listener: l, log: &journal{}, stopped: make(chan struct{})}
	ready := make(chan struct{})
	options := proxy.Options{
		Listeners: []proxy.Listener{{Name: "web", Listener: passed(t, l)}},
		Load: func() (*config.Config, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.next, w.nextErr
		},
		Notify: proxy.Notify{
			Ready:    sync.OnceFunc(func() { close(ready) }),
			Stopping: func(timeout time.Duration) { w.told.Store(int64(timeout)) },
		},
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	}
	change(&options)
	p, err := proxy.New(c, options)
	if err != nil {
		t.Fatal(err)
	}
	w.proxy = p
	w.url = "http://" + l.Addr().String()
	transport := &http.Transport{DisableCompression: true}
	w.client = &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	go func() {
		p.Run(ctx)
		close(w.stopped)
	}()
	<-ready
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		w.stop()
		w.wait(w.stopped, "the proxy to stop")
		if t.Failed() {
			t.Logf("log:\n%s", w.log)
		}
	})
	return w
}

// wait waits for something that will happen.
func (w *world) wait(c <-chan struct{}, what string) {
	w.t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		w.t.Fatalf("waited too long for %s", what)
	}
}

// until asks again and again until a condition holds that nothing announces.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("waited too long until %s", what)
		}
	}
}

// reload serves by another config.
func (w *world) reload(c *config.Config) {
	w.t.Helper()
	w.mu.Lock()
	w.next = c
	w.mu.Unlock()
	if _, err := w.proxy.Reload(); err != nil {
		w.t.Fatalf("the reload was rejected: %v", err)
	}
}

// reply is an answer, read to its end.
type reply struct {
	*http.Response
	body string
	err  error // of the body
}

// ask sends a request and reads the answer.
func (w *world) ask(method, path, body string, fields ...string) reply {
	w.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, w.url+path, r)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return reply{resp, string(data), err}
}

// get asks for a path and wants a status and a body.
func (w *world) get(path string, status int, body string) reply {
	w.t.Helper()
	r := w.ask("GET", path, "")
	if r.StatusCode != status || r.body != body || r.err != nil {
		w.t.Errorf("GET %s: got %d %q, %v; want %d %q", path, r.StatusCode, r.body, r.err, status, body)
	}
	return r
}

// raw opens a connection and writes text to it.
func (w *world) raw(text string) (net.Conn, *bufio.Reader) {
	w.t.Helper()
	c, err := net.Dial("tcp", w.listener.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, text); err != nil {
		w.t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// wantInFlight wants what runs on the first upstream's instances.
func (w *world) wantInFlight(want int) {
	w.t.Helper()
	got := -1
	defer func() {
		if w.t.Failed() {
			w.t.Logf("%d in flight", got)
		}
	}()
	w.until(fmt.Sprintf("%d are in flight", want), func() bool {
		got = 0
		for _, in := range w.proxy.Status().Upstreams[0].Instances {
			got += in.InFlight
		}
		return got == want
	})
}

// states are the instances' states in the status.
func (w *world) states() string {
	var list []string
	for _, in := range w.proxy.Status().Upstreams[0].Instances {
		list = append(list, in.ID+"="+in.State)
	}
	return strings.Join(list, " ")
}

func (w *world) wantStates(want string) {
	w.t.Helper()
	if got := w.states(); got != want {
		w.t.Errorf("got %s, want %s", got, want)
	}
}
