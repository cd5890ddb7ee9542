package engine

import (
	"errors"
	"net/netip"
	"testing"
)

func TestTheLastAddressOfANameIsUsedWhileItCannotBeLookedUp(t *testing.T) {
	x := newScene(t, func(p *plan) { p.dial.Keepalive = 0 })
	x.hangs["app@1"] = true
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	c := x.only()
	p := x.worker.pool(c.x.instance)
	x.worker.bury()
	// As it stands when the answer of the resolver comes.
	c.x.backend.close()
	c.x.backend = nil
	p.lookedUp, p.waiting = 1, []*client{c}
	x.hangs["app@1"] = false
	x.script.Post(func() { p.resolved(netip.AddrPort{}, errors.New("no such host")) })
	x.settle()
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\nConnection: close\n\n")
}
