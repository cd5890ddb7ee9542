package engine

import (
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
