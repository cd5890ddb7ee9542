package engine

import (
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/header"
)

func TestX11UnfinishedHeadsAreGivenBackHoweverTheyEnd(t *testing.T) {
	for how, end := range map[string]func(*scene){
		"the client leaves":      (*scene).clientLeaves,
		"the client resets":      (*scene).clientResets,
		"the client half-closes": (*scene).clientHalfCloses,
		"its time is over":       func(x *scene) { x.after(10 * time.Second) },
		"it turns to garbage":    func(x *scene) { x.clientSends("\x00") },
		"it comes to its end":    func(x *scene) { x.clientSends("st: h\n\n") },
		"it becomes too large":   func(x *scene) { x.clientSends("st: h\nX: " + strings.Repeat("x", 40<<10)) },
	} {
		x := newScene(t)
		x.clientSends("GET / HTTP/1.1\nHo")
		if x.worker.headBytes == 0 {
			t.Error("an unfinished head is not counted")
		}
		end(x)
		if n := x.worker.headBytes; n != 0 {
			t.Errorf("%s: %d bytes of heads are still counted", how, n)
		}
		x.closeAll()
		x.wantNothingLeft()
	}
}

func TestX10AFailedAcceptBacksOff(t *testing.T) {
	var b backoff
	var waits []time.Duration
	for range 9 {
		waits = append(waits, b.next())
	}
	if waits[0] != minBackoff || waits[1] != 2*minBackoff || waits[8] != maxBackoff {
		t.Errorf("waits: %v", waits)
	}
}

func TestX10IdleConnectionsMakeRoomForDescriptors(t *testing.T) {
	x := newScene(t)
	for range 4 {
		x.connectsAndRests()
	}
	x.connects()
	x.clientSends("GET /busy HTTP/1.1\nHost: h\n\n")
	x.script.Post(x.worker.shed)
	x.settle()
	if w := x.worker; w.idle.n != 2 || w.busy.n != 1 {
		t.Errorf("%d idle and %d busy connections are left, want 2 and 1", w.idle.n, w.busy.n)
	}
	x.wantEnd(x.parties[0]) // the longest idle
	x.wantIdleInPools(0)
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\n\n")
	x.closeAll()
	x.wantNothingLeft()
}

func TestX10AConnectThatFindsNoDescriptorShedsAndGoesOn(t *testing.T) {
	x := newScene(t, func(p *plan) { p.dial.Keepalive = 0 })
	idle := x.connectsAndRests()
	dial := x.worker.dial
	x.worker.dial = func(p *pool, b *backend) errno {
		if over, _ := idle.over(); !over {
			return syscall.EMFILE
		}
		return dial(p, b)
	}
	x.connects()
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.wantEnd(idle)
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\nConnection: close\n\n")
}

func TestX10TheNewcomerTakesThePlaceOfWhoIsIdle(t *testing.T) {
	x := newScene(t, func(p *plan) { p.limits.MaxConnections = 2 })
	first := x.connectsAndRests()
	x.connectsAndRests()
	x.script.Post(func() { x.worker.replaceIdle() })
	x.settle()
	x.wantEnd(first)
	x.wantOpen(x.client)
}

// connectsAndRests makes a client that has had an answer, and is idle now.
func (x *scene) connectsAndRests() *party {
	x.Helper()
	x.connects()
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.client.got, x.instance.got = nil, nil
	return x.client
}

func (x *scene) wantIdleInPools(want int) {
	x.Helper()
	got := 0
	for _, p := range x.worker.pools {
		got += len(p.idle)
	}
	if got != want {
		x.Errorf("%d connections to instances are idle, want %d", got, want)
	}
}

func TestX11OneClientHasABoundedNumberOfConnections(t *testing.T) {
	x := newScene(t, func(p *plan) { p.limits.MaxPerClient = 2 })
	one, two := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff") // of one customer
	first := x.connectsFrom(one)
	x.connectsFrom(two)
	x.wantOpen(x.client)
	x.connectsFrom(two)
	x.wantClientGetsStatus(503)
	x.wantEnd(x.client)
	x.connectsFrom(netip.MustParseAddr("2001:db8:0:1::1"))
	x.wantOpen(x.client)
	first.leave()
	x.settle()
	x.connectsFrom(one)
	x.wantOpen(x.client)
	x.closeAll()
	x.wantNothingLeft()
	if n := len(x.engine.perClient.conns); n != 0 {
		t.Errorf("%d clients are still counted", n)
	}
}

func TestX11UnfinishedHeadsAreBounded(t *testing.T) {
	x := newScene(t)
	x.worker.headBytes = maxHeadBytes
	x.clientSends("GET / HTTP/1.1\nHo")
	x.wantClientGetsStatus(503)
	x.worker.headBytes -= maxHeadBytes
	x.closeAll()
	x.wantNothingLeft()
}

func TestX12AnUploadTakesConstantMemory(t *testing.T) {
	x := newScene(t, func(p *plan) { p.app.MaxBody = 0 })
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 1000000000\n\n")
	x.instance.slow, x.instance.room = true, 1000
	for range 200 {
		x.clientSendsRaw(strings.Repeat("x", 64<<10))
	}
	c := x.only()
	if n := c.x.up.rest.len() + c.ahead.len(); n > 2*readSize {
		t.Errorf("%d bytes of the body are kept", n)
	}
	if n := len(x.client.in); n < 190*64<<10 {
		t.Errorf("%d bytes were left to the kernel", n)
	}
}

func TestX12SpoolsHaveAQuotaAndLeaveNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	x := newScene(t, buffered)
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 300000\n\n")
	x.clientSendsRaw(strings.Repeat("x", 200_000))
	if x.worker.spooled != 200_000 {
		t.Errorf("%d bytes are counted as spooled", x.worker.spooled)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("the spool has a name: %v, %v", left, err)
	}
	x.worker.spooled += spoolQuota
	x.clientSendsRaw("x")
	x.wantClientGetsStatus(507)
	x.worker.spooled -= spoolQuota
	x.closeAll()
	x.wantNothingLeft()
}

// behindProxy has the listener ask 192.0.2.0/24 for a PROXY header.
func behindProxy(x *scene) {
	trust, err := header.ParseTrust([]string{"192.0.2.0/24"})
	if err != nil {
		x.Fatal(err)
	}
	x.listener.sites.ProxyProtocol = trust
}

func TestX13AListedPeerSaysWhoIsBehindIt(t *testing.T) {
	x := newScene(t)
	behindProxy(x)
	x.connects()
	x.wantIdle("waiting for the PROXY header")
	x.clientSends("PROXY TCP4 203.0.113.9 192.0.2.1 5")
	x.wantIdle("waiting for the PROXY header")
	x.clientSends("000 80\nGET /a HTTP/1.1\nHost: h\n\n")
	x.wantField(x.instance, "X-Forwarded-For: 203.0.113.9")
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\n\n")
}

func TestX13NobodyElseIsAskedForIt(t *testing.T) {
	x := newScene(t)
	behindProxy(x)
	x.connectsFrom(netip.MustParseAddr("198.51.100.1"))
	x.clientSends("PROXY TCP4 203.0.113.9 192.0.2.1 5000 80\nGET /a HTTP/1.1\nHost: h\n\n")
	x.wantClientGetsStatus(400)
	if x.dials > 0 {
		t.Error("an instance was asked")
	}
}

func TestX13AListedPeerMustSayIt(t *testing.T) {
	for name, says := range map[string]func(*scene){
		"something else": func(x *scene) { x.clientSends("GET /a HTTP/1.1\nHost: h\n\n") },
		"nothing":        func(x *scene) { x.after(x.plan.limits.Head) },
		"half of it": func(x *scene) {
			x.clientSends("PROXY TCP4 203.0.")
			x.clientHalfCloses()
		},
	} {
		x := newScene(t)
		behindProxy(x)
		x.connects()
		says(x)
		x.wantClientGets("")
		if over, _ := x.client.over(); !over || x.dials > 0 {
			t.Errorf("%s: it goes on", name)
		}
		x.closeAll()
		x.wantNothingLeft()
	}
}
