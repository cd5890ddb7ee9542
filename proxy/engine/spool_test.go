package engine

import (
	"fmt"
	"strings"
	"testing"
)

func buffered(p *plan) { p.app.RequestBuffer = true }

func TestX12WhatFollowsASpooledBodyIsTheNextRequest(t *testing.T) {
	x := newScene(t, buffered, withHello)
	body := strings.Repeat("GET /admin HTTP/1.1\r\nHost: h\r\n\r\n", 8)
	x.clientSendsRaw(crlf("POST /a HTTP/1.1\nHost: h\nContent-Length: 256\n\n") + body[:200])
	x.clientSendsRaw(body[200:256] + crlf("GET /hello HTTP/1.1\nHost: h\n\n"))
	x.wantInstanceGets("POST /a HTTP/1.1\nHost: h\nContent-Length: 256\n\n" + plain([]byte(body[:256])))
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\n\n" + hello)
	x.closeAll()
	x.wantNothingLeft()
}

func TestX12ASpooledBodyHasALength(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 20_000) // in a file, and in more than one piece
	for name, body := range map[string]string{"nothing": "", "a little": "hello", "a lot": large} {
		x := newScene(t, buffered)
		x.clientSends("POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n")
		for rest := body; rest != ""; {
			n := min(len(rest), 50_000)
			x.clientSendsRaw(crlf(fmt.Sprintf("%x\n", n)) + rest[:n] + "\r\n")
			rest = rest[n:]
		}
		x.wantIdle("waiting for the body")
		if x.instance != nil {
			t.Errorf("%s: an instance was asked before the body was whole", name)
		}
		x.clientSends("0\n\n")
		want := fmt.Sprintf("POST /a HTTP/1.1\nHost: h\nContent-Length: %d\n\n%s", len(body), body)
		if got := plain(x.instance.got); got != want {
			t.Errorf("%s: the instance got %.100q of %d bytes, want %.100q of %d", name, got, len(got), want, len(want))
		}
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
		x.wantOpen(x.instance)
		x.closeAll()
		x.wantNothingLeft()
	}
}

func TestX12ASpooledBodyIsSentAgain(t *testing.T) {
	x := newScene(t, buffered, func(p *plan) { p.instances = []string{"app@1", "app@2"} })
	x.clientSends("PUT /a HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello")
	first := x.instance
	first.got = nil
	x.instanceResets()
	if x.instance == first {
		t.Fatal("it was not sent again")
	}
	x.wantInstanceGets("PUT /a HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello")
}

func TestASpoolThatCannotBeReadIsNoFaultOfTheClients(t *testing.T) {
	x := newScene(t, buffered)
	x.hangs["app@1"] = true
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 100000\n\n")
	x.clientSendsRaw(strings.Repeat("x", 100_000))
	x.only().x.up.spool.file.Close()
	x.instanceAccepts()
	x.wantClientGetsStatus(500)
	x.closeAll()
	x.wantNothingLeft()
}
