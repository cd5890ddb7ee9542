package engine

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/header"
)

func TestX8AnEarlyErrorIsSeen(t *testing.T) {
	x := newScene(t, func(p *plan) { p.app.MaxBody = 1000 })
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 1000000\n\n")
	x.clientSendsRaw(strings.Repeat("x", 500_000))
	x.wantField(x.client, "Connection: close")
	x.wantClientGetsStatus(413)
	// The client still sends. To close now would be a reset for it.
	x.wantIdle("waiting for the client to close")
	if !x.client.endedOut || x.client.closed {
		t.Errorf("half closed %t, closed %t; want the first only", x.client.endedOut, x.client.closed)
	}
	x.clientSendsRaw(strings.Repeat("x", 400_000))
	x.clientHalfCloses()
	x.wantEnd(x.client)
	if x.dials > 0 {
		t.Error("an instance was asked")
	}
}

func TestX8TheLastReadIsBounded(t *testing.T) {
	x := newScene(t)
	x.clientSends("BAD\n")
	x.wantClientGetsStatus(400)
	x.after(lingerGap)
	x.wantEnd(x.client)

	x.connects()
	x.clientSends("BAD\n")
	for range 10 {
		x.after(lingerGap - time.Second)
		x.clientSends("more")
	}
	if over, _ := x.client.over(); !over || !x.client.closed {
		t.Error("who goes on sending is read for ever")
	}
	x.closeAll()
	x.wantNothingLeft()
}

func TestX9AHalfCloseIsServed(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\nGET /b HTTP/1.1\nHost: h\n\n")
	x.clientHalfCloses()
	x.wantInstanceGets("GET /a HTTP/1.1\nHost: h\n\n")
	x.after(30 * time.Second)
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantInstanceGets("GET /b HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\n\nHTTP/1.1 204 No Content\n\n")
	x.wantEnd(x.client)
	x.wantInFlight(0)
}

func TestX9AResetEndsTheRequestAtTheInstance(t *testing.T) {
	for _, c := range []struct{ name, ask, waits string }{
		{"while the answer is awaited", "GET /a HTTP/1.1\nHost: h\n\n", "waiting for the response head"},
		{"while the body comes", "POST /a HTTP/1.1\nHost: h\nContent-Length: 9\n\nhal", "waiting for the body"},
	} {
		x := newScene(t)
		x.clientSends(c.ask)
		x.wantIdle(c.waits)
		x.wantInFlight(1)
		x.clientResets()
		if over, _ := x.instance.over(); !over {
			t.Errorf("%s: the instance goes on", c.name)
		}
		x.wantNothingLeft()
	}
}

func TestX9AResetWhileItWaitsInTheQueue(t *testing.T) {
	x := newScene(t, oneAtATime)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	first := x.client
	x.connects()
	x.clientSends("GET /b HTTP/1.1\nHost: h\n\n")
	if n := x.group().Waiting(); n != 1 {
		t.Fatalf("%d wait, want one", n)
	}
	x.clientResets()
	if n := x.group().Waiting(); n != 0 {
		t.Errorf("%d wait, want none", n)
	}
	x.client = first
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\n\n")
	x.closeAll()
	x.wantNothingLeft()
}

// oneAtATime has instances that serve one request at a time, and a queue.
func oneAtATime(p *plan) {
	p.settings.MaxInFlight, p.settings.Queue, p.settings.Lock = 1, 2, queueLock()
}

func TestAConnectionThatEndsAsItsTimeIsOverIsCountedOnce(t *testing.T) {
	x := newScene(t)
	path := t.TempDir() + "/access.log"
	stop := x.logTo(path, 0)
	x.connects()
	x.client.slow, x.client.room = true, 10
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
	x.wantIdle("waiting for the client to take its answer")
	x.move(x.plan.limits.Send)
	x.clientResets()
	x.closeAll()
	stop()
	if log := readFile(t, path); strings.Count(log, "\n") != 1 {
		t.Errorf("got %q, want one line", log)
	}
	x.wantNothingLeft()
}

func TestAConnectionToARemovedInstanceIsNotKept(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.swap(func(p *plan) { p.instances = []string{"app@2"} })
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\n\n")
	x.wantEnd(x.instance)
}

func TestAStopDoesNotWaitForAPeerThatNeverSaysWhoAsks(t *testing.T) {
	x := newScene(t)
	peers, err := header.ParseTrust([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	x.listener.sites.ProxyProtocol = peers
	x.connectsFrom(netip.MustParseAddr("10.0.0.1"))
	x.wantIdle("waiting for the PROXY header")
	cut := x.stops(time.Second, 30*time.Second)
	x.after(time.Second)
	if *cut != 0 {
		t.Errorf("after its grace the stop says %d, want 0", *cut)
	}
	x.wantEnd(x.client)
}

func TestAStopGivesWhoHasJustSpokenALastWord(t *testing.T) {
	x := newScene(t)
	answered := func() {
		x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
		x.wantClientGets("HTTP/1.1 204 No Content\n\n")
	}
	answered()
	long := x.client
	x.after(lately)
	x.connects()
	answered()
	silent := x.client
	x.connects()
	answered()
	speaks := x.client

	cut := x.stops(time.Second, 30*time.Second)
	x.wantEnd(long)
	x.wantNoEnd(silent)
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 0\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 204 No Content\nConnection: close\n\n")
	x.wantEnd(speaks)
	x.wantNoEnd(silent)
	x.after(lastWord)
	x.wantEnd(silent)
	if *cut != 0 {
		t.Errorf("with nobody left the stop says %d, want 0", *cut)
	}
}

func (x *scene) wantNoEnd(p *party) {
	x.Helper()
	if over, _ := p.over(); over || p.closed {
		x.Errorf("the connection has ended, want it open")
	}
}

// Wake comes on any thread, also when the connection has gone meanwhile and
// its struct is used for another: the race detector looks.
func TestAWakeMayComeTooLate(t *testing.T) {
	x := newScene(t, oneAtATime)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.connects()
	x.clientSends("GET /b HTTP/1.1\nHost: h\n\n")
	waits := x.worker.busy.last
	x.wantStep(waits, stepQueue)
	waker := waits.x.ticket.Waker
	woken := make(chan struct{})
	go func() {
		waker.Wake()
		close(woken)
	}()
	x.clientResets()
	<-woken
	x.closeAll()
	x.wantNothingLeft()
}

func (x *scene) wantStep(c *client, want step) {
	x.Helper()
	if c.step != want {
		x.Fatalf("it is in step %s, want %s", c.step, want)
	}
}
