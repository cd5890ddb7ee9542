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

func TestAnUploadBehindAnEarlyAnswerIsNoSilence(t *testing.T) {
	x := newScene(t)
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 100\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhi\n")
	for range 10 {
		x.after(x.plan.app.IdleTimeout / 5)
		x.clientSendsRaw("0123456789")
	}
	x.instanceSends("0\n\n")
	x.wantClientGets("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nConnection: close\n\n2\nhi\n0\n\n")
}
