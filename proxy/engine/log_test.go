package engine

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/header"
)

func TestX3TheLogHasTheClientBehindATrustedProxy(t *testing.T) {
	x := newScene(t)
	trust, err := header.ParseTrust([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	x.engine.snap.Trust = trust
	path := t.TempDir() + "/access.log"
	stop := x.logTo(path, accesslog.Combined)
	for _, peer := range []string{"10.0.0.1", "192.0.2.9"} {
		x.connectsFrom(netip.MustParseAddr(peer))
		x.clientSends("GET /a HTTP/1.1\nHost: h\nX-Forwarded-For: 203.0.113.5\n\n")
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
	}
	x.closeAll()
	stop()
	lines := strings.Split(readFile(t, path), "\n")
	for i, want := range []string{"203.0.113.5 - - [", "192.0.2.9 - - ["} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want it to begin with %q", i+1, lines[i], want)
		}
	}
}
