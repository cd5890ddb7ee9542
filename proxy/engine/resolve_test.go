package engine

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/webstack/webstack/proxy/loop"
)

func TestANameThatCannotBeLookedUpAgainKeepsItsAddress(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\nConnection: close\n\n")
	for _, p := range x.worker.pools {
		p.resolved(netip.MustParseAddrPort("192.0.2.1:80"), nil)
		x.after(2 * lookupAge)
		if !p.stale(x.now) {
			t.Error("an old address is not stale")
		}
		p.resolved(netip.AddrPort{}, errors.New("no resolver"))
		if p.stale(x.now) || !p.known || p.address.family == 0 {
			t.Error("the address is not used any more")
		}
		if !p.stale(x.now + loop.Instant(2*lookupAge)) {
			t.Error("it is not looked up again")
		}
	}
}
