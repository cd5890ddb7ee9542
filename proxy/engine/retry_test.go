package engine

import (
	"syscall"
	"testing"
)

func twoInstances(p *plan) { p.instances = []string{"app@1", "app@2"} }

func TestX5APooledConnectionThatTookNothingIsNoTry(t *testing.T) {
	x := newScene(t, twoInstances)
	for range 2 {
		x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
	}
	for _, p := range x.parties {
		p.trap = syscall.ECONNRESET
	}
	x.client.trap, x.client.got, x.dials = 0, nil, 0
	x.clientSends("POST /b HTTP/1.1\nHost: h\nContent-Length: 0\n\n")
	x.wantInstanceGets("POST /b HTTP/1.1\nHost: h\nContent-Length: 0\n\n")
	if x.dials != 1 {
		t.Errorf("%d connections were made, want one", x.dials)
	}
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\n\n")
}

func TestX5ABodyThatIsLostIsNotMissedSilently(t *testing.T) {
	x := newScene(t, twoInstances, func(p *plan) { p.dial.Keepalive = 0 })
	x.hangs["app@1"] = true
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 10\n\nhello")
	x.instance.trap = syscall.EPIPE
	x.instanceAccepts()
	x.wantClientGetsStatus(502)
	if x.dials != 1 {
		t.Error("the rest of a body was sent to another instance")
	}
}
