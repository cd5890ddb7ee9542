package engine

import (
	"strings"
	"testing"
)

func TestR12AnAbsoluteTargetNamesTheHost(t *testing.T) {
	for _, c := range []struct{ ask, want string }{
		{"GET http://shop.test/a?b HTTP/1.1\nHost: shop.test\n\n", "GET /a?b HTTP/1.1\nHost: shop.test\n\n"},
		{"GET http://shop.test HTTP/1.1\nHost: shop.test\n\n", "GET / HTTP/1.1\nHost: shop.test\n\n"},
		{"GET http://shop.test/a HTTP/1.0\n\n", "GET /a HTTP/1.1\nHost: shop.test\n\n"},
		{"GET http://shop.test/a HTTP/1.1\nHost: other.test\n\n", ""},
		{"GET http://user@shop.test/a HTTP/1.1\nHost: shop.test\n\n", ""},
	} {
		x := newScene(t)
		x.clientSends(c.ask)
		if c.want == "" {
			x.wantClientGetsStatus(400)
			x.wantEnd(x.client)
			continue
		}
		x.wantInstanceGets(c.want)
	}
}

func TestR14ConnectAndTraceReachNobody(t *testing.T) {
	for _, ask := range []string{
		"CONNECT h:443 HTTP/1.1\nHost: h:443\n\n", "TRACE / HTTP/1.1\nHost: h\nCookie: secret\n\n",
	} {
		x := newScene(t)
		x.clientSends(ask + "GET /a HTTP/1.1\nHost: h\n\n")
		x.wantField(x.client, "Allow: "+ownMethods)
		x.wantField(x.client, "Connection: close")
		if strings.Contains(string(x.client.got), "secret") {
			t.Errorf("TRACE echoes: %q", x.client.got)
		}
		x.wantClientGetsStatus(405)
		x.wantIdle("waiting for the client to close")
		if x.dials != 0 {
			t.Errorf("%q reached an instance", ask)
		}
	}
}

func TestR17HTTP10(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.0\nHost: h\n\n")
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
	x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok")
	x.wantEnd(x.client)

	x.connects()
	x.clientSends("GET /a HTTP/1.0\nHost: h\nConnection: keep-alive\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
	x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 2\nConnection: keep-alive\n\nok")
	x.wantIdle("waiting for a request")

	x.clientSends("POST /a HTTP/1.0\nHost: h\nTransfer-Encoding: chunked\n\n0\n\n")
	x.wantClientGetsStatus(400)
}

func TestX1X2FieldsOfTheConnectionEndHere(t *testing.T) {
	x := newScene(t)
	x.connectsFrom(peerAddress(6))
	x.clientSends("GET /a HTTP/1.1\nHost: h\nConnection: close, X-Secret, X-Real-IP, X-Forwarded-For\nX-Secret: s\nKeep-Alive: 5\nTE: gzip\nProxy-Authorization: p\nX-Real-IP: 10.0.0.1\nX-Forwarded-For: 10.0.0.1\n\n")
	x.wantField(x.instance, "X-Real-IP: 198.51.100.7")
	x.wantField(x.instance, "X-Forwarded-For: 198.51.100.7")
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nConnection: X-Hop\nX-Hop: h\nKeep-Alive: timeout=5\nProxy-Authenticate: p\nX-End: e\nContent-Length: 0\n\n")
	x.wantClientGets("HTTP/1.1 200 OK\nX-End: e\nContent-Length: 0\nConnection: close\n\n")
}

func TestX20ControlOctetsDoNotReachTheLog(t *testing.T) {
	x := newScene(t)
	path := t.TempDir() + "/access.log"
	stop := x.logTo(path, 0)
	x.clientSendsRaw("GET /a%0ab HTTP/1.1\r\nHost: h\r\nUser-Agent: a\"b\\\xff\tc\r\nAuthorization: Basic c2VjcmV0\r\nCookie: secret\r\n\r\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.clientSendsRaw("GET /\x1b[2J HTTP/1.1\r\n")
	stop()
	log := readFile(t, path)
	if lines := strings.Split(strings.TrimSuffix(log, "\n"), "\n"); len(lines) != 2 {
		t.Errorf("%d lines for two requests:\n%s", len(lines), log)
	}
	for _, bad := range []string{"\x1b", "\xff", "secret", "c2VjcmV0", "a\"b"} {
		if strings.Contains(log, bad) {
			t.Errorf("the log has %q:\n%s", bad, log)
		}
	}
}

func TestX22OnlyAPlainWholeExchangeLeavesAConnection(t *testing.T) {
	for _, c := range []struct{ name, ask, answer string }{
		{"an early answer", "POST / HTTP/1.1\nHost: h\nContent-Length: 9\n\nhalf", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
		{"a tunnel", upgrade + "websocket\n\n", "HTTP/1.1 101 S\nConnection: Upgrade\nUpgrade: websocket\n\n"},
		{"close", "GET / HTTP/1.1\nHost: h\n\n", "HTTP/1.1 204 No Content\nConnection: close\n\n"},
		{"HTTP/1.0", "GET / HTTP/1.1\nHost: h\n\n", "HTTP/1.0 204 No Content\n\n"},
		{"no answer", "GET / HTTP/1.1\nHost: h\n\n", "SSH-2.0\n\n"},
		{"bytes too many", "GET / HTTP/1.1\nHost: h\n\n", "HTTP/1.1 204 No Content\n\n!"},
		{"half an answer", "GET / HTTP/1.1\nHost: h\n\n", "HTTP/1.1 200 OK\nContent-Length: 9\n\nhalf"},
	} {
		x := newScene(t)
		x.clientSends(c.ask)
		x.instanceSends(c.answer)
		x.clientLeaves()
		x.after(2 * lingerAll)
		for _, p := range x.worker.pools {
			if len(p.idle) > 0 {
				t.Errorf("%s: the connection went into the pool", c.name)
			}
		}
		if over, _ := x.instance.over(); !over && c.name != "half an answer" && c.name != "a tunnel" {
			t.Errorf("%s: the connection is still open", c.name)
		}
		x.closeAll()
		x.wantNothingLeft()
	}
}

func TestX23ErrorAnswersTellNothing(t *testing.T) {
	x := newScene(t)
	x.refuses["app@1"] = 111
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	got := string(x.client.got)
	for _, bad := range []string{"app", "127.0.0.1", "802", "refused", "webstack/"} {
		if strings.Contains(got, bad) {
			t.Errorf("the answer tells of %q:\n%s", bad, got)
		}
	}
	x.wantField(x.client, "Server: webstack")
	x.wantClientGetsStatus(502)
}
