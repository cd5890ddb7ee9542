package engine

import (
	"testing"

	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
	"github.com/webstack/webstack/proxy/static/open"
)

func TestF14TheClientFindsTheEndOfEveryAnswer(t *testing.T) {
	for _, c := range []struct{ name, request, answer, want string }{
		{
			"a length of nothing", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
		},
		{
			"HEAD keeps the length that a body would have", "HEAD / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nContent-Length: 7\n\n", "HTTP/1.1 200 OK\nContent-Length: 7\n\n",
		},
		{
			"HEAD of what would be chunked", "HEAD / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "HTTP/1.1 200 OK\n\n",
		},
		{
			"304 likewise", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n", "HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n",
		},
		{
			"204 has no length", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 204 No Content\nContent-Length: 0\n\n", "HTTP/1.1 204 No Content\n\n",
		},
	} {
		x := newScene(t)
		x.clientSends(c.request)
		x.instanceSends(c.answer)
		if got := plain(x.client.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		x.wantIdle("waiting for a request")
		x.wantOpen(x.instance)
	}
}

// withFiles adds a folder whose missing files the application answers for.
func withFiles(t *testing.T) func(*plan) {
	return func(p *plan) {
		p.more = append(p.more, &snapshot.Route{
			Kind: route.Below, Path: "/files/", AccessLog: true, Fallback: "/elsewhere",
			Files: &snapshot.Files{Root: open.NewRoot(t.TempDir(), nil)},
		})
	}
}

func TestF4ABodyIsNotSentOnWithoutItsFraming(t *testing.T) {
	const smuggled = "GET /admin HTTP/1.1\r\nHost: h\r\n\r\n"
	for _, c := range []struct{ name, first, later string }{
		{"all of it at once", smuggled, ""},
		{"in two pieces", smuggled[:10], smuggled[10:]},
		{"after the head", "", smuggled},
	} {
		x := newScene(t, withFiles(t))
		x.clientSendsRaw(crlf("GET /files/x HTTP/1.1\nHost: h\nContent-Length: 32\n\n") + c.first)
		want := "GET /elsewhere HTTP/1.1\nHost: h\n\n"
		if got := plain(x.instance.got); got != want {
			t.Errorf("%s: the instance got %q, want %q", c.name, got, want)
		}
		x.instance.got = nil
		if c.later != "" {
			x.clientSendsRaw(c.later)
		}
		x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
		x.wantInstanceGets("")
		if c.later == "" {
			x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
			x.wantIdle("waiting for a request")
		} else {
			x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok")
			x.wantIdle("waiting for the client to close")
		}
		x.closeAll()
		x.wantNothingLeft()
	}
}

func TestF4AnInternalRedirectLeavesTheBodyBehind(t *testing.T) {
	for name, buffer := range map[string]bool{"streamed": false, "spooled": true} {
		x := newScene(t, func(p *plan) {
			p.app.RequestBuffer = buffer
			second := appRoute("/second")
			second.RequestBuffer = true
			p.more = append(p.more, second)
		})
		x.clientSends("PUT /a HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello")
		x.instance.got = nil
		x.instanceSends("HTTP/1.1 200 OK\nX-Accel-Redirect: /second\nContent-Length: 0\n\n")
		if got, want := plain(x.instance.got), "GET /second HTTP/1.1\nHost: h\n\n"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
		x.wantClientGets("HTTP/1.1 204 No Content\n\n")
		x.wantIdle("waiting for a request")
	}
}

func TestF4AnEarlyInternalRedirectEndsWithTheConnection(t *testing.T) {
	x := newScene(t, func(p *plan) { p.more = append(p.more, appRoute("/second")) })
	x.clientSends("POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n5\nhello\n")
	x.instanceSends("HTTP/1.1 200 OK\nX-Accel-Redirect: /second\nContent-Length: 0\n\n")
	x.wantInstanceGets("GET /second HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\nConnection: close\n\n")
	x.wantIdle("waiting for the client to close")
}

func TestF9AnEmptyChunkedBodyIsSentAgainWithItsEnd(t *testing.T) {
	x := newScene(t, func(p *plan) { p.instances = []string{"app@1", "app@2"} })
	x.clientSends("PUT /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n0\n\n")
	x.wantInstanceGets("PUT /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n0\n\n")
	x.instanceResets()
	x.wantInstanceGets("PUT /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n0\n\n")
}

func TestF15OctetsBehindAnInternalRedirect(t *testing.T) {
	x := newScene(t, withHello)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\nX-Accel-Redirect: /hello\n\nHTTP/1.1 200 OK\n\n")
	x.wantClientGets(hello)
	x.wantEnd(x.instance)
}
