package engine

import (
	"strings"
	"syscall"
	"testing"

	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
	"github.com/webstack/webstack/proxy/static/open"

	"github.com/webstack/webstack/proxy/loop"
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

func TestF4ABodyThatNobodyWants(t *testing.T) {
	x := newScene(t, withHello)
	x.clientSends("GET /hello HTTP/1.1\nHost: h\nContent-Length: 5\n\n12345GET /hello HTTP/1.1\nHost: h\n\n")
	x.wantClientGets(hello + hello)
	x.wantIdle("waiting for a request")

	// One that has not come is not waited for, and not taken for a request.
	x.clientSends("DELETE /hello HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n5\n")
	x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 5\nConnection: close\n\nhello")
	x.wantIdle("waiting for the client to close")
	x.clientSends("GET /hello HTTP/1.1\nHost: h\n\n")
	x.wantClientGets("")
	x.closeAll()
	x.wantNothingLeft()
}

func TestF9WhatFollowsABodyIsTheNextRequest(t *testing.T) {
	x := newScene(t)
	x.clientSends("POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n2\nhi\n0\n")
	x.wantInstanceGets("POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n2\nhi\n")
	x.wantIdle("waiting for the body") // its last line has not come
	x.clientSends("\nGET /b HTTP/1.1\nHost: h\n\n")
	x.wantInstanceGets("0\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantInstanceGets("GET /b HTTP/1.1\nHost: h\n\n")
}

func TestF9ABodyThatIsCutReachesNobodyWhole(t *testing.T) {
	x := newScene(t)
	x.clientSends("POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n2\nhi\n0\n")
	x.clientHalfCloses()
	x.wantInstanceGets("POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n2\nhi\n")
	x.wantEnd(x.instance)
	x.wantClientGetsStatus(400)
	x.closeAll()
	x.wantNothingLeft()
}

const upgrade = "GET /a HTTP/1.1\nHost: h\nConnection: Upgrade\nUpgrade: "

func TestF11OnlyATokenOfTheRouteGoesOn(t *testing.T) {
	for token, forwarded := range map[string]bool{"websocket": true, "WebSocket": true, "h2c": false, "other": false} {
		x := newScene(t)
		x.clientSends(upgrade + token + "\nHTTP2-Settings: AAMAAABk\n\n")
		want := "GET /a HTTP/1.1\nHost: h\n\n"
		if forwarded {
			want = "GET /a HTTP/1.1\nHost: h\nConnection: Upgrade\nUpgrade: websocket\n\n"
		}
		if got := strings.Replace(plain(x.instance.got), "HTTP2-Settings: AAMAAABk\n", "", 1); got != want {
			t.Errorf("%s: the instance got %q, want %q", token, got, want)
		}
	}
}

func TestF11ATunnelNeedsTheMatchingSwitch(t *testing.T) {
	for _, c := range []struct{ name, ask, answer string }{
		{"not asked for", "GET /a HTTP/1.1\nHost: h\n\n", "HTTP/1.1 101 S\nConnection: Upgrade\nUpgrade: websocket\n\n"},
		{"another token", upgrade + "websocket\n\n", "HTTP/1.1 101 S\nConnection: Upgrade\nUpgrade: h2c\n\n"},
		{"no token", upgrade + "websocket\n\n", "HTTP/1.1 101 S\n\n"},
	} {
		x := newScene(t)
		x.clientSends(c.ask)
		x.instanceSends(c.answer)
		if got := plain(x.client.got); got != "HTTP/1.1 502 Bad Gateway\nContent-Length: 16\n\n502 Bad Gateway\n" {
			t.Errorf("%s: the client got %q", c.name, got)
		}
		x.wantEnd(x.instance)
		x.wantIdle("waiting for a request")
	}
}

func TestF11ARefusedUpgradeStaysHTTP(t *testing.T) {
	x := newScene(t)
	x.clientSends(upgrade + "websocket\n\nGET /b HTTP/1.1\nHost: h\n\n")
	x.instance.got = nil
	x.instanceSends("HTTP/1.1 403 Forbidden\nContent-Length: 2\n\nno")
	x.wantClientGets("HTTP/1.1 403 Forbidden\nContent-Length: 2\n\nno")
	x.wantInstanceGets("GET /b HTTP/1.1\nHost: h\n\n")
}

const expecting = "PUT /a HTTP/1.1\nHost: h\nContent-Length: 5\nExpect: 100-continue\n\n"

func TestF12TheClientIsInvitedWhenAnInstanceIsThere(t *testing.T) {
	x := newScene(t)
	x.hangs["app@1"] = true
	x.clientSends(expecting)
	x.wantClientGets("")
	x.wantIdle("waiting for the connection")
	x.instanceAccepts()
	x.wantClientGets("HTTP/1.1 100 Continue\n\n")
	x.clientSends("hello")
	x.wantInstanceGets("PUT /a HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello")
	x.instanceSends("HTTP/1.1 100 Continue\n\nHTTP/1.1 204 No Content\n\n") // it is not said twice
	x.wantClientGets("HTTP/1.1 204 No Content\n\n")
	x.wantOpen(x.instance)
}

func TestF12AFinalAnswerBeforeTheBody(t *testing.T) {
	x := newScene(t)
	x.clientSends(expecting)
	x.client.got = nil
	x.instanceSends("HTTP/1.1 401 Unauthorized\nContent-Length: 2\n\nno")
	x.wantClientGets("HTTP/1.1 401 Unauthorized\nContent-Length: 2\nConnection: close\n\nno")
	x.wantEnd(x.instance) // it would take the body for a request
	x.clientSends("helloGET /admin HTTP/1.1\nHost: h\n\n")
	x.wantClientGets("")
	if x.dials != 1 {
		t.Error("what came behind an early answer reached an instance")
	}
	x.closeAll()
	x.wantNothingLeft()
}

func TestF13InterimAnswers(t *testing.T) {
	for _, c := range []struct{ name, ask, want string }{
		{"are forwarded", "GET /a HTTP/1.1\nHost: h\n\n", "HTTP/1.1 103 Early Hints\nLink: </a.css>\n\nHTTP/1.1 204 No Content\n\n"},
		{"but not to HTTP/1.0", "GET /a HTTP/1.0\nHost: h\n\n", "HTTP/1.1 204 No Content\nConnection: close\n\n"},
	} {
		x := newScene(t)
		x.clientSends(c.ask)
		x.instanceSends("HTTP/1.1 103 Early Hints\nLink: </a.css>\n\nHTTP/1.1 100 Continue\n\n")
		x.wantIdle("waiting for the response head")
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
		if got := plain(x.client.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestF13InterimAnswersAreBounded(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.0\nHost: h\n\n")
	for range maxInterim {
		x.instanceSends("HTTP/1.1 103 Early Hints\n\n")
	}
	x.wantClientGets("")
	x.instanceSends("HTTP/1.1 103 Early Hints\n\n")
	x.wantClientGetsStatus(502)
}

func TestF15OctetsBehindAnAnswerEndTheConnection(t *testing.T) {
	for name, stray := range map[string][]string{
		"with it":   {"HTTP/1.1 200 OK\nContent-Length: 2\n\nokHTTP/1.1 200 OK\n\n"},
		"after it":  {"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "HTTP/1.1 200 OK\n\n"},
		"a newline": {"HTTP/1.1 200 OK\nContent-Length: 2\n\nok\n"},
	} {
		x := newScene(t)
		x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
		for _, part := range stray {
			x.instanceSends(part)
		}
		x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
		if over, _ := x.instance.over(); !over {
			t.Errorf("%s: the connection is kept", name)
		}
		x.clientSends("GET /b HTTP/1.1\nHost: h\n\n")
		x.wantInstanceGets("GET /b HTTP/1.1\nHost: h\n\n")
		if x.dials != 2 {
			t.Errorf("%s: %d connections were made, want 2", name, x.dials)
		}
	}
}

func TestF16ATruncatedAnswerIsSeenToBe(t *testing.T) {
	for _, c := range []struct {
		name, ask, answer, want string
		reset                   bool
	}{
		{
			"its length is not reached", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nContent-Length: 9\n\nhell", "HTTP/1.1 200 OK\nContent-Length: 9\n\nhell", false,
		},
		{
			"its last chunk is missing", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nhell\n", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nhell\n", false,
		},
		{
			"a chunk is broken", "GET / HTTP/1.1\nHost: h\n\n",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nhello\n", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nhell\n", false,
		},
		{
			"to HTTP/1.0 nothing but a reset tells it", "GET / HTTP/1.0\nHost: h\n\n",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nhell\n", "HTTP/1.1 200 OK\nConnection: close\n\nhell", true,
		},
	} {
		x := newScene(t)
		x.clientSends(c.ask)
		x.instanceSends(c.answer)
		x.instanceCloses()
		if got := plain(x.client.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if over, reset := x.client.over(); !over || reset != c.reset {
			t.Errorf("%s: end %t, reset %t", c.name, over, reset)
		}
		if !strings.Contains(x.log.String(), `phase="broken answer"`) {
			t.Errorf("%s: the log says nothing of it: %s", c.name, &x.log)
		}
		x.closeAll()
		x.wantNothingLeft()
	}
}

// The kernel sets what a reset means bit by bit: who asks at that moment is
// told that the connection is gone, and not yet that there is an end to read.
func TestF16AResetThatIsToldInPartsIsNoEnd(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\n\nhello")
	b := x.only().x.backend
	x.instance.fault, x.instance.broken = syscall.ECONNRESET, true
	x.script.Post(func() { b.Ready(loop.Gone) })
	x.settle()
	x.wantClientGets("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n")
	if over, _ := x.client.over(); !over {
		t.Error("a broken answer is left open")
	}
}
