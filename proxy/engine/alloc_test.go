package engine

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
	"github.com/webstack/webstack/proxy/static/open"
)

// logTo switches the access log on.
func (x *scene) logTo(path string, f accesslog.Format) (stop func()) {
	x.Helper()
	log := x.engine.access
	if err := log.Configure(path, f); err != nil {
		x.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		log.Run(ctx)
	}()
	return func() {
		x.worker.access.Finish()
		cancel()
		<-done
	}
}

// TestNothingIsAllocatedForARequest drives requests through a worker, with the
// access log on, until all that is kept for the next one is there; from then
// on a request must find everything that it needs.
func TestNothingIsAllocatedForARequest(t *testing.T) {
	files := filesOf(t, map[string]string{"small.txt": "hello", "large.txt": strings.Repeat("0123456789", 20_000)})
	big := strings.Repeat("x", 200_000)
	for _, c := range []struct {
		name string
		// ask is what the client sends, reply what the instance answers, ""
		// where it is not asked.
		ask, reply string
	}{
		{
			"a proxied GET",
			"GET /a?b=c HTTP/1.1\nHost: example.test\nUser-Agent: curl/8\nAccept: */*\nCookie: a=b\n\n",
			"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 5\nDate: Sun, 29 Mar 2026 02:00:00 GMT\n\nhello",
		},
		{
			"a POST with a body",
			"POST /a HTTP/1.1\nHost: example.test\nContent-Length: 10000\n\n" + big[:10_000],
			"HTTP/1.1 204 No Content\n\n",
		},
		{
			"a chunked body, and a chunked answer",
			"POST /a HTTP/1.1\nHost: example.test\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
		},
		{
			"a large answer",
			"GET /a HTTP/1.1\nHost: example.test\n\n",
			"HTTP/1.1 200 OK\nContent-Length: 200000\n\n" + big,
		},
		{"a small file", "GET /files/small.txt HTTP/1.1\nHost: example.test\n\n", ""},
		{"a large file", "GET /files/large.txt HTTP/1.1\nHost: example.test\n\n", ""},
		{"a fixed answer", "GET /hello HTTP/1.1\nHost: example.test\n\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newScene(t, withHello, files, holds)
			x.worker.log = slog.New(slog.DiscardHandler)
			defer x.logTo("/dev/null", accesslog.Combined)()
			x.connects()
			ask, reply := []byte(crlf(c.ask)), []byte(crlf(c.reply))
			exchange := func() {
				x.exchangeOnce(ask, reply)
			}
			for range 100 {
				exchange()
			}
			if n := testing.AllocsPerRun(500, exchange); n >= 1 {
				t.Errorf("%v allocations for each request, want none", n)
			}
		})
	}
}

// exchangeOnce is one exchange on connections that stay, driven without an
// allocation of the test's own.
func (x *scene) exchangeOnce(ask, reply []byte) {
	x.client.in = append(x.client.in[:0], ask...)
	x.client.edge = true
	got := 0
	for turns := 0; turns < 4 || got == 0; turns++ {
		x.script.turn()
		if in := x.instance; in != nil && len(in.out) > 0 && len(reply) > 0 {
			in.out = in.out[:0]
			if x.worker.busy.n > 0 && x.worker.busy.first.x.up.finished() {
				in.in = append(in.in[:0], reply...)
			}
			in.edge = true
		}
		got += len(x.client.out)
		x.client.out = x.client.out[:0]
		if x.client.full {
			x.client.full, x.client.edge = false, true
		}
		if turns > 1000 {
			x.Fatal("no answer comes")
		}
	}
}

// filesOf adds a folder with the files.
func filesOf(t *testing.T, files map[string]string) func(*plan) {
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(p *plan) {
		p.more = append(p.more, &snapshot.Route{
			Kind: route.Below, Path: "/files/", AccessLog: true,
			Files: &snapshot.Files{Root: open.NewRoot(dir, nil)},
		})
	}
}
