package engine

import (
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
)

// withHello adds a route that is answered at once.
func withHello(p *plan) {
	p.more = append(p.more, &snapshot.Route{
		Kind: route.Exact, Path: "/hello", AccessLog: true, Respond: &snapshot.Respond{Status: 200, Body: "hello"},
	})
}

const hello = "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"

func TestF17RequestsThatCameTogetherAreAnsweredInOrder(t *testing.T) {
	x := newScene(t, withHello)
	x.clientSends("GET /hello HTTP/1.1\nHost: h\n\nGET /a HTTP/1.1\nHost: h\n\nGET /hello HTTP/1.1\nHost: h\n\n")
	x.wantClientGets(hello)
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\n\n")
	x.wantIdle("waiting for the response head")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\n\n" + hello)
	x.wantIdle("waiting for a request")
	x.closeAll()
	x.wantNothingLeft()
}

func TestF17OneRequestAtATimeReachesAnInstance(t *testing.T) {
	x := newScene(t)
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 3\n\noneGET /b HTTP/1.1\nHost: h\n\n")
	x.wantInstanceGets("POST /a HTTP/1.1\nHost: h\nContent-Length: 3\n\none")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 1\n\n1")
	x.wantInstanceGets("GET /b HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 1\n\n2")
	x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 1\n\n1HTTP/1.1 200 OK\nContent-Length: 1\n\n2")
	if x.dials != 1 {
		t.Errorf("%d connections to the instance, want one", x.dials)
	}
}

func TestF17ARequestThatComesDuringTheAnswerBeforeIt(t *testing.T) {
	for _, then := range []string{"HTTP/1.1\nHost: h\n\n", "HTTP/1.1\nHost: h", "HTT"} {
		x := newScene(t)
		x.clientSends("GET /a HTTP/1.1\nHost: h\n\nGET /b ")
		x.clientSends(then)
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
		x.wantClientGets("HTTP/1.1 204 No Content\n\n")
		rest := "HTTP/1.1\nHost: h\n\n"[len(then):]
		if rest != "" {
			x.wantIdle("waiting for the rest of a head")
			x.clientSends(rest)
		}

		x.wantIdle("waiting for the response head")
	}
}

func TestX11WhatComesBehindABodyIsBounded(t *testing.T) {
	for _, request := range []string{
		"POST /a HTTP/1.1\nHost: h\nContent-Length: 3\n\n|abc",
		"POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n|3\nabc\n0\n\n",
		"POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n3\na|bc\n0\n\n",
	} {
		x := newScene(t)
		head, body, _ := strings.Cut(request, "|")
		x.clientSends(head)
		x.clientSendsRaw(crlf(body) + string(make([]byte, 100<<10)))
		if n := x.only().ahead.len(); n > readAhead {
			t.Errorf("%q: %d bytes were read ahead, want no more than %d", request, n, readAhead)
		}
	}
}

func TestF17TheReadAheadIsBounded(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	for range 100 {
		x.clientSendsRaw(string(make([]byte, 64<<10)))
	}
	if n := x.only().ahead.len(); n > readAhead {
		t.Errorf("%d bytes were read ahead, want no more than %d", n, readAhead)
	}
	if n := len(x.client.in); n < 90*64<<10 {
		t.Errorf("%d bytes were left to the kernel", n)
	}
}
