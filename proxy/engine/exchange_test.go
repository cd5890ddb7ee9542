package engine

import "testing"

func TestAnExchange(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\n\n")
	x.wantIdle("waiting for the response head")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi")
	x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi")
	x.wantIdle("waiting for a request")
	x.closeAll()
	x.wantNothingLeft()
}
