package proxy_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
)

func TestDrainAndUndrain(t *testing.T) {
	w := start(t, baseConfig(well(t, "a"), well(t, "b")))
	if err := w.proxy.Drain(control.DrainRequest{Instance: "nobody"}); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("got %v, want an error that names it", err)
	}
	if err := w.proxy.Drain(control.DrainRequest{Instance: "a", By: "us"}); err != nil {
		t.Fatal(err)
	}
	w.get("/", 200, "b")
	w.get("/", 200, "b")
	w.reload(baseConfigLike(w.config, 2))
	w.wantStates("a=draining b=up")
	w.get("/", 200, "b")
	if err := w.proxy.Undrain(control.DrainRequest{Instance: "a"}); err != nil {
		t.Fatal(err)
	}
	w.wantStates("a=up b=up")
	if r := w.get("/", 200, "a"); r.err != nil {
		t.Error(r.err)
	}
}

// baseConfigLike is a copy of a config with another generation.
func baseConfigLike(c *config.Config, generation int) *config.Config {
	next := *c
	next.Generation = generation
	next.Upstreams = append([]config.Upstream(nil), c.Upstreams...)
	return &next
}

func TestARejectedReloadChangesNothing(t *testing.T) {
	w := start(t, baseConfig(well(t, "a")))
	bad := baseConfigLike(w.config, 2)
	bad.Sites = []config.Site{{Name: "site", Listeners: []string{"web"}, Routes: []config.Route{{Match: config.MatchPrefix, Path: "/", Upstream: "nobody", Retry: "error"}}}}
	w.next = bad
	if g, err := w.proxy.Reload(); g != 1 || err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got generation %d, %v; want 1 and an error that names the upstream", g, err)
	}
	w.next, w.nextErr = nil, errors.New("cannot read it")
	if g, err := w.proxy.Reload(); g != 1 || err == nil {
		t.Errorf("got generation %d, %v; want 1 and an error", g, err)
	}
	w.get("/", 200, "a")
	if g := w.proxy.Status().Generation; g != 1 {
		t.Errorf("serving generation %d, want 1", g)
	}
}

// TestReloadUnderLoad changes the upstream again and again while requests
// run, and wants every one answered and accounted for.
func TestReloadUnderLoad(t *testing.T) {
	a, b, c := well(t, "a"), well(t, "b"), well(t, "c")
	w := start(t, baseConfig(a, b, c))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				if r := w.ask("GET", "/", ""); r.StatusCode != 200 || r.err != nil {
					t.Errorf("got %d, %v", r.StatusCode, r.err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for i := 2; ; i++ {
		next := baseConfig(a, b, c)
		if i%2 == 0 {
			next = baseConfig(a, c)
		}
		next.Generation = i
		next.Proxy.KeepaliveTimeout += config.Duration(i % 3) // another http.Server
		w.reload(next)
		before := w.proxy.Status().Sites[0].Requests
		w.until("some more were served", func() bool {
			now := w.proxy.Status().Sites[0].Requests
			return now > before+10 || now == 400
		})
		select {
		case <-done:
			w.wantInFlight(0)
			if got := w.proxy.Status().Sites[0].Requests; got != 400 {
				t.Errorf("the site has %d requests, want 400", got)
			}
			if sum := a.requests.Load() + b.requests.Load() + c.requests.Load(); sum != 400 {
				t.Errorf("the instances got %d requests, want 400", sum)
			}
			return
		default:
		}
	}
}

func TestReloadCutsNothing(t *testing.T) {
	read := make(chan struct{})
	stream := newInstance(t, "b", func(c net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n")
		<-read
		say(c, "1\r\n2\r\n0\r\n\r\n")
	})
	w := start(t, baseConfig(talker(t), stream))
	c, br := openTunnel(w, "")
	wantBytes(t, br, "hello ")
	resp, err := w.client.Get(w.url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	next := baseConfig(well(t, "other"))
	next.Generation = 2
	next.Proxy.SendTimeout = seconds(5)
	w.reload(next)
	w.wantStates("other=up a=removed b=removed")
	w.get("/", 200, "other")

	io.WriteString(c, "still here")
	wantBytes(t, br, "still here")
	close(read)
	if body, err := io.ReadAll(resp.Body); string(body) != "12" || err != nil {
		t.Errorf("got %q, %v; want 12", body, err)
	}
	c.(*net.TCPConn).CloseWrite()
	wantBytes(t, br, "bye")
	w.until("the removed are gone", func() bool { return w.states() == "other=up" })
}

// Whoever stops the instances of an app that left the config has to see what
// they still answer.
func TestAnUpstreamThatIsRemovedIsSeenUntilItHasFinished(t *testing.T) {
	finish := make(chan struct{})
	in := answering(t, "slow", func(c net.Conn, r *http.Request) bool {
		<-finish
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
	})
	w := start(t, baseConfig(in))
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		w.get("/", 200, "slow")
	}()
	w.wantInFlight(1)
	next := baseConfigLike(w.config, 2)
	next.Upstreams = nil
	next.Sites = []config.Site{{Name: "site", Listeners: []string{"web"}, Routes: []config.Route{{
		Match: config.MatchPrefix, Path: "/", Retry: "error", Respond: &config.Respond{Status: 200, Body: "fixed"},
	}}}}
	w.reload(next)
	w.get("/", 200, "fixed")
	w.wantStates("slow=removed")
	w.wantInFlight(1)
	close(finish)
	w.wait(answered, "the slow answer")
	w.until("nothing is left of the upstream", func() bool { return len(w.proxy.Status().Upstreams) == 0 })
}

func TestListenersThatHaveNoSite(t *testing.T) {
	bare, waker := listen(t), listen(t)
	c := baseConfig(well(t, "a"))
	c.Listeners = append(c.Listeners, config.Listener{Name: "later", Network: "tcp", Address: "127.0.0.1:8099"})
	c.Sites[0].Listeners = append(c.Sites[0].Listeners, "later")
	w := start(t, c,
		proxy.Listener{Name: "bare", Listener: passed(t, bare)},
		proxy.Listener{Name: proxy.WakeListener, Listener: passed(t, waker)})
	resp, err := w.client.Get("http://" + bare.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 503 || !strings.Contains(string(body), "No site") {
		t.Errorf("got %d %q, want 503 that says so", resp.StatusCode, body)
	}
	woken, err := net.Dial("tcp", waker.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer woken.Close()
	woken.SetDeadline(time.Now().Add(patience))
	if _, err := woken.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the wake listener: got %v, want it closed", err)
	}
	w.reload(baseConfigLike(c, 2))
	if n := strings.Count(w.log.String(), "listener=later"); n != 1 {
		t.Errorf("the missing listener is in the log %d times, want once:\n%s", n, w.log)
	}
	got := ""
	for _, l := range w.proxy.Status().Listeners {
		got += l.Name
		if l.Open {
			got += " open"
		}
		if l.Configured {
			got += " configured"
		}
		got += "; "
	}
	if want := "web open configured; later configured; bare open; "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// idle opens a keep-alive connection that has nothing to do.
func (w *world) idle() *bufio.Reader {
	w.t.Helper()
	_, br := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	return br
}

// beginStop begins the stop and waits until it has: from then on each answer
// is a connection's last.
func (w *world) beginStop() {
	w.t.Helper()
	conn, br := w.raw("")
	w.stop()
	for last := false; !last; {
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		last = resp.Close
	}
}

func TestStopAnswersWhomItLetIn(t *testing.T) {
	asked, release := make(chan struct{}, 8), make(chan struct{})
	a := answering(t, "a", func(c net.Conn, r *http.Request) bool {
		if r.URL.Path == "/slow" {
			asked <- struct{}{}
			<-release
		}
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
	})
	w := start(t, baseConfig(a))
	_, active := w.raw("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
	w.wait(asked, "the slow request")
	silent, late := w.raw("")
	w.until("it was let in", func() bool { return w.proxy.Status().Connections == 2 })
	w.beginStop()

	// What was accepted and is silent is answered when it speaks.
	io.WriteString(silent, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	close(release)
	for what, br := range map[string]*bufio.Reader{"active": active, "silent": late} {
		resp, err := http.ReadResponse(br, nil)
		if err != nil || resp.StatusCode != 200 || !resp.Close {
			t.Errorf("%s: got %v, %v; want 200 and Connection: close", what, resp, err)
		}
	}
	w.wait(w.stopped, "the proxy to stop")
	w.wantInFlight(0)

	// Newcomers wait in the backlog of the socket, for the next process.
	next := startOn(t, baseConfig(well(t, "next")), w.listener)
	next.get("/", 200, "next")
}

func TestStopEndsWhatHasNoEnd(t *testing.T) {
	events := newInstance(t, "b", func(c net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		say(c, "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\n\r\ndata: 1\n\n")
		io.Copy(io.Discard, c)
	})
	c := baseConfig(talker(t), events)
	c.Proxy.StopGrace = config.Duration(50 * time.Millisecond)
	w := start(t, c)
	_, tunnel := openTunnel(w, "")
	wantBytes(t, tunnel, "hello ")
	resp, err := w.client.Get(w.url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	wantBytes(t, resp.Body, "data: 1\n\n")
	_, silent := w.raw("")
	w.until("all are in", func() bool { return w.proxy.Status().Connections == 3 })
	w.stop()
	w.wait(w.stopped, "the proxy to stop")
	for what, r := range map[string]io.Reader{"the tunnel": tunnel, "the events": resp.Body, "the silent one": silent} {
		if n, err := r.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%s did not end", what)
		}
	}
	w.wantInFlight(0)
}

// TestStopWaitsForAHeadThatHasBegun: net/http does not call it active before
// it is whole, and the grace is for those who say nothing.
func TestStopWaitsForAHeadThatHasBegun(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Proxy.StopGrace = config.Duration(50 * time.Millisecond)
	w := start(t, c)
	slow, late := w.raw("GET / HT")
	kept, again := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if resp, err := http.ReadResponse(again, nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v, %v", resp, err)
	}
	io.CopyN(io.Discard, again, 1)
	io.WriteString(kept, "GET / HT")
	_, silent := w.raw("")
	w.until("all are in", func() bool { return w.proxy.Status().Connections == 3 })
	w.stop()
	if _, err := silent.ReadByte(); err == nil {
		t.Fatal("the silent one did not end")
	}
	for what, conn := range map[string]net.Conn{"the slow one": slow, "the kept one": kept} {
		if _, err := io.WriteString(conn, "TP/1.1\r\nHost: h\r\n\r\n"); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, br := range map[string]*bufio.Reader{"the slow one": late, "the kept one": again} {
		resp, err := http.ReadResponse(br, nil)
		if err != nil || resp.StatusCode != 200 || !resp.Close {
			t.Errorf("%s: got %v, %v; want 200 and Connection: close", what, resp, err)
		}
	}
	w.wait(w.stopped, "the proxy to stop")
}

// TestStopUnderLoad restarts the proxy ten times under clients that open a
// connection for each request, with the listening socket held as PID 1 holds
// it, and wants none lost.
func TestStopUnderLoad(t *testing.T) {
	a := well(t, "a")
	l := listen(t)
	var over atomic.Bool
	var requests atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
			for !over.Load() {
				resp, err := client.Get("http://" + l.Addr().String())
				if err != nil {
					t.Errorf("lost: %v", err)
					continue
				}
				if _, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
					t.Errorf("got %d, %v", resp.StatusCode, err)
				}
				resp.Body.Close()
				requests.Add(1)
			}
		})
	}
	for range 10 {
		w := startOn(t, baseConfig(a), l)
		before := requests.Load()
		w.until("some were served", func() bool { return requests.Load() > before+20 })
		w.stop()
		w.wait(w.stopped, "the proxy to stop")
	}
	over.Store(true)
	w := startOn(t, baseConfig(a), l) // for those in the backlog
	wg.Wait()
	w.stop()
	w.wait(w.stopped, "the proxy to stop")
	if got := a.requests.Load(); got != requests.Load() {
		t.Errorf("%d answers for %d requests", requests.Load(), got)
	}
	t.Logf("%d requests over 10 restarts", requests.Load())
}

func TestStopIsBounded(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(release) })
	a := answering(t, "a", func(net.Conn, *http.Request) bool { close(asked); <-release; return false })
	c := baseConfig(a)
	c.Proxy.StopGrace, c.Proxy.StopTimeout = 0, config.Duration(50*time.Millisecond)
	w := start(t, c)
	w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	w.wait(asked, "the request")
	w.stop()
	w.wait(w.stopped, "the proxy to stop")
	if !strings.Contains(w.log.String(), "connections=1") {
		t.Errorf("that one was cut is not in the log: %s", w.log)
	}
}

func TestAStoppingProxyTakesNoConfig(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	a := answering(t, "a", func(c net.Conn, _ *http.Request) bool {
		close(asked)
		<-release
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
	})
	w := start(t, baseConfig(a))
	_, br := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	w.wait(asked, "the request")
	w.stop()
	w.until("the stop has begun", func() bool { return w.told.Load() > 0 })
	next := baseConfigLike(w.config, 2)
	next.Proxy.KeepaliveTimeout = seconds(3)
	w.next = next
	if g, err := w.proxy.Reload(); g != 1 || err == nil || !strings.Contains(err.Error(), "stopping") {
		t.Errorf("got generation %d, %v; want 1 and that it is stopping", g, err)
	}
	close(release)
	if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("got %v, %v; want 200", resp, err)
	}
	w.wait(w.stopped, "the proxy to stop")
}

// A reload may have changed how long a stop may take, and systemd must know.
func TestStopTellsTheTimeThatItMayTake(t *testing.T) {
	w := start(t, baseConfig(well(t, "a")))
	next := baseConfigLike(w.config, 2)
	next.Proxy.StopTimeout = seconds(99)
	w.reload(next)
	w.stop()
	w.wait(w.stopped, "the proxy to stop")
	if got, want := time.Duration(w.told.Load()), 99*time.Second; got != want {
		t.Errorf("told %v, want %v", got, want)
	}
}

// starve leaves the process one descriptor.
func starve(t *testing.T) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	const few = 200
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: few, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	var taken []int
	for {
		fd, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			break
		}
		taken = append(taken, fd)
	}
	syscall.Close(taken[len(taken)-1])
	t.Cleanup(func() {
		for _, fd := range taken[:len(taken)-1] {
			syscall.Close(fd)
		}
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	})
}

func TestIdleConnectionsMakeRoomForDescriptors(t *testing.T) {
	ended := make(chan struct{})
	a := newInstance(t, "a", func(c net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err == nil {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
			br.ReadByte()
			close(ended)
		}
	})
	w := start(t, baseConfig(a))
	idle := w.idle()
	starve(t)
	w.raw("") // takes the last descriptor: none is left to accept it with
	if _, err := idle.ReadByte(); err != io.EOF {
		t.Errorf("the idle client: got %v, want it closed", err)
	}
	w.wait(ended, "the idle connection to the instance to be closed")
}

func TestMaxConnections(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Proxy.MaxConnections = 2
	w := start(t, c)
	_, idle := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if resp, err := http.ReadResponse(idle, nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v, %v", resp, err)
	}
	io.CopyN(io.Discard, idle, 1)
	w.raw("") // one that says nothing
	w.until("both are in", func() bool { return w.proxy.Status().Connections == 2 })
	_, third := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if resp, err := http.ReadResponse(third, nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("the third: got %v, %v; want 200", resp, err)
	}
	if _, err := idle.ReadByte(); err != io.EOF {
		t.Errorf("the idle one: got %v, want it closed", err)
	}
}

// TestMaxConnectionsIsNotExceeded: where nobody is idle, a newcomer waits in
// the backlog until somebody has gone.
func TestMaxConnectionsIsNotExceeded(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Proxy.MaxConnections = 2
	w := start(t, c)
	first, _ := w.raw("GET / HT")
	w.raw("GET / HT")
	w.until("both are in", func() bool { return w.proxy.Status().Connections == 2 })
	third, br := w.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	third.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := br.ReadByte(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the third: got %v, want it to wait", err)
	}
	first.Close()
	third.SetReadDeadline(time.Now().Add(patience))
	if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("the third, when one has gone: got %v, %v; want 200", resp, err)
	}
}
