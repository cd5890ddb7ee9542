package engine

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
	"github.com/webstack/webstack/proxy/balance"
)

const holdTime = 10 * time.Second

// holds has an upstream that holds requests.
func holds(p *plan) { p.settings.Hold, p.settings.Lock = holdTime, queueLock() }

// reports says what a unit is.
func (x *scene) reports(s balance.UnitState, ids ...string) {
	x.Helper()
	for _, id := range ids {
		if !x.group().Report(x.wall, id, s, "") {
			x.Fatalf("there is no %s", id)
		}
	}
	x.settle()
}

// wantHeld wants how many are held and how many wait because all are full.
func (x *scene) wantHeld(held, waiting int) {
	x.Helper()
	if g := x.group(); g.Held() != held || g.Waiting() != waiting {
		x.Errorf("%d are held and %d wait, want %d and %d", g.Held(), g.Waiting(), held, waiting)
	}
}

const (
	get  = "GET /a HTTP/1.1\nHost: h\n\n"
	post = "POST /a HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody"
	none = "HTTP/1.1 204 No Content\n\n"
)

func TestARequestWaitsUntilAnInstanceIsReady(t *testing.T) {
	for _, request := range []string{get, post} {
		x := newScene(t, twoInstances, holds)
		x.reports(balance.UnitStopped, "app@1", "app@2")
		x.clientSends(request)
		x.wantIdle("waiting for an instance to be ready")
		x.after(3 * time.Second)
		x.reports(balance.UnitStarting, "app@2")
		x.wantHeld(1, 0)
		x.reports(balance.UnitUp, "app@2")
		x.wantInstanceGets(request)
		x.instanceSends(none)
		x.wantClientGets(none)
		x.wantHeld(0, 0)
		if x.instance.name != "app@2" || x.dials != 1 {
			t.Errorf("%d connects, the last to %s; want one, to app@2", x.dials, x.instance.name)
		}
		x.closeAll()
		x.wantNothingLeft()
	}
}

func TestAHoldHasItsEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(x *scene)
		waits  string
		status int
	}{
		{"nobody to ask", func(x *scene) { x.reports(balance.UnitDown, "app@1") }, "waiting for an instance to be ready", 503},
		{"all drained", func(x *scene) { x.group().Drain(x.wall, "app@1", "test", time.Time{}) }, "waiting for an instance to be ready", 503},
		{"paused", func(x *scene) { x.group().Pause(x.wall, true) }, "waiting for an instance to be ready", 503},
		{"refused by all", func(x *scene) { x.refuses["app@1"] = syscall.ECONNREFUSED }, "waiting to ask again", 502},
		{"refused, and then stopped", func(x *scene) {
			x.refuses["app@1"] = syscall.ECONNREFUSED
			x.script.Post(func() { x.reports(balance.UnitStopped, "app@1") })
		}, "waiting for an instance to be ready", 503},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newScene(t, holds)
			c.before(x)
			x.clientSends(get)
			x.wantIdle(c.waits)
			x.after(holdTime - time.Millisecond)
			x.wantClientGets("")
			x.wantHeld(1, 0)
			x.after(time.Millisecond)
			if c.status == 503 {
				x.wantField(x.client, "Retry-After: 1")
			}
			x.wantClientGetsStatus(c.status)
			x.wantHeld(0, 0)
			x.closeAll()
			x.wantNothingLeft()
		})
	}
}

func TestWithoutAHoldNobodyWaits(t *testing.T) {
	x := newScene(t)
	x.reports(balance.UnitDown, "app@1")
	x.clientSends(get)
	x.wantClientGetsStatus(503)
	x.reports(balance.UnitUp, "app@1")
	x.refuses["app@1"] = syscall.ECONNREFUSED
	x.clientSends(get)
	x.wantClientGetsStatus(502)
	x.group().Pause(x.wall, true)
	x.clientSends(get)
	x.wantClientGetsStatus(503)
}

func TestWhoWasRefusedAsksAgain(t *testing.T) {
	x := newScene(t, func(p *plan) { p.instances = []string{"app@1", "app@2", "app@3", "app@4"} }, holds)
	for _, id := range x.plan.instances {
		x.refuses[id] = syscall.ECONNREFUSED
	}
	x.clientSends(post)
	x.wantIdle("waiting to ask again")
	if x.dials != 3 {
		t.Errorf("%d instances were asked at once, want 3", x.dials)
	}
	x.after(askAgain - time.Millisecond)
	x.wantInFlight(0)
	if x.dials != 3 {
		t.Errorf("%d were asked before their time", x.dials-3)
	}
	x.after(2*askAgain + time.Millisecond)
	if x.dials != 12 {
		t.Errorf("%d were asked in four rounds, want 12", x.dials)
	}
	clear(x.refuses)
	x.after(askAgain)
	x.wantInstanceGets(post)
	x.instanceSends(none)
	x.wantClientGets(none)
	x.closeAll()
	x.wantNothingLeft()
}

func TestARefusedRequestIsInNobodysWay(t *testing.T) {
	x := newScene(t, holds)
	x.refuses["app@1"] = syscall.ECONNREFUSED
	x.clientSends(get)
	first := x.client
	clear(x.refuses)
	x.connects()
	x.clientSends(get)
	x.instanceSends(none)
	x.wantClientGets(none)
	x.client = first
	x.after(askAgain)
	x.instanceSends(none)
	x.wantClientGets(none)
}

func TestOfThoseThatWereRefusedFewAsk(t *testing.T) {
	x := newScene(t, holds)
	x.refuses["app@1"] = syscall.ECONNREFUSED
	var clients []*party
	for range 50 {
		clients = append(clients, x.connects())
		x.clientSends(get)
		x.after(time.Millisecond)
	}
	x.wantHeld(50, 0)
	x.dials = 0
	x.after(10 * askAgain)
	if x.dials < 40 || x.dials > 200 {
		t.Errorf("fifty have asked %d times in ten rounds, want few", x.dials)
	}
	clear(x.refuses)
	x.after(2 * askAgain)
	x.wantHeld(0, 0)
	x.wantInFlight(50)
	for _, p := range append([]*party(nil), x.parties...) {
		if x.instance = p; p.name == "app@1" {
			x.instanceSends(none)
		}
	}
	for _, x.client = range clients {
		x.wantClientGets(none)
	}
	x.closeAll()
	x.wantNothingLeft()
}

func TestConnectsThatTimeOutAreAskedAgain(t *testing.T) {
	x := newScene(t, func(p *plan) { p.dial.ConnectTimeout = time.Second }, holds)
	x.hangs["app@1"] = true
	x.clientSends(get)
	x.after(time.Second)
	x.wantIdle("waiting to ask again")
	// The hold has begun by then; who is in a connect when it ends, ends it.
	x.after(holdTime + time.Second)
	x.wantClientGetsStatus(504)
	x.wantInFlight(0)
}

func TestNeverIsNever(t *testing.T) {
	x := newScene(t, func(p *plan) { p.app.NeverRetry = true }, holds)
	x.refuses["app@1"] = syscall.ECONNREFUSED
	x.clientSends(get)
	x.wantClientGetsStatus(502)
}

func TestAPauseIsOverForAll(t *testing.T) {
	x := newScene(t, twoInstances, holds)
	x.group().Pause(x.wall, true)
	var clients []*party
	for range 5 {
		clients = append(clients, x.connects())
		x.clientSends(get)
	}
	x.wantHeld(5, 0)
	x.group().Pause(x.wall, false)
	x.settle()
	x.wantHeld(0, 0)
	x.wantInFlight(5)
	for _, p := range x.parties {
		if strings.HasPrefix(p.name, "app@") {
			x.instance = p
			x.instanceSends(none)
		}
	}
	for _, x.client = range clients {
		x.wantClientGets(none)
	}
	x.closeAll()
	x.wantNothingLeft()
}

func TestAClientThatIsHeldMayLeave(t *testing.T) {
	for name, refused := range map[string]errno{"in the queue": 0, "standing by": syscall.ECONNREFUSED} {
		for _, goes := range []func(x *scene){(*scene).clientResets, (*scene).closeAll} {
			x := newScene(t, holds)
			if refused != 0 {
				x.refuses["app@1"] = refused
			} else {
				x.reports(balance.UnitStopped, "app@1")
			}
			x.clientSends(get)
			x.after(time.Second)
			x.wantHeld(1, 0)
			goes(x)
			if x.group().Held() != 0 {
				t.Errorf("%s: it is still held", name)
			}
			x.closeAll()
			x.wantNothingLeft()
		}
	}
}

func TestWhatAnInstanceHasSeenWaitsForAnother(t *testing.T) {
	x := newScene(t, twoInstances, holds)
	x.reports(balance.UnitStopped, "app@2")
	x.clientSends(get)
	x.instanceResets() // app@1, in the middle of it
	x.wantIdle("waiting for an instance to be ready")
	x.after(time.Second)
	if x.dials != 1 {
		t.Error("it was sent again to the one that died of it")
	}
	x.refuses["app@2"] = syscall.ECONNREFUSED
	x.reports(balance.UnitUp, "app@2")
	x.wantIdle("waiting to ask again")
	x.after(5 * askAgain)
	clear(x.refuses)
	x.after(askAgain)
	if x.instance.name != "app@2" {
		t.Errorf("it was sent again to %s", x.instance.name)
	}
	x.instanceResets() // a second death ends it
	x.wantClientGetsStatus(502)
	x.wantInFlight(0)
	x.closeAll()
	x.wantNothingLeft()
}

func TestAPOSTThatAnInstanceHasSeenIsNotHeld(t *testing.T) {
	x := newScene(t, twoInstances, holds)
	x.reports(balance.UnitStopped, "app@2")
	x.clientSends(post)
	x.instanceResets()
	x.wantClientGetsStatus(502)
}

func TestATimeInTheQueueIsNotOverWhenNobodyIsReady(t *testing.T) {
	x := newScene(t, oneAtATime, holds, func(p *plan) { p.queueTimeout = 2 * time.Second })
	x.clientSends(get)
	first := x.instance
	x.connects()
	x.clientSends(get)
	x.wantHeld(0, 1)
	x.reports(balance.UnitStopped, "app@1")
	x.after(3 * time.Second)
	x.wantHeld(1, 0)
	first.deliver([]byte(crlf(none)))
	x.reports(balance.UnitUp, "app@1")
	x.instanceSends(none)
	x.wantClientGets(none)

	// It may wait no longer than others that are held.
	x.reports(balance.UnitStopped, "app@1")
	x.clientSends(get)
	x.after(holdTime)
	x.wantClientGetsStatus(503)
	x.closeAll()
	x.wantNothingLeft()
}

func TestTheLogHasTheTimeThatARequestWasHeld(t *testing.T) {
	x := newScene(t, holds)
	path := t.TempDir() + "/access.log"
	stop := x.logTo(path, accesslog.JSON)
	x.reports(balance.UnitStopped, "app@1")
	x.clientSends(get)
	x.after(1500 * time.Millisecond)
	x.reports(balance.UnitUp, "app@1")
	x.instanceSends(none)
	x.refuses["app@1"] = syscall.ECONNREFUSED
	x.worker.pools[x.group().Find("app@1")].close()
	x.clientSends(get)
	x.after(holdTime)
	x.closeAll()
	stop()
	lines := strings.Split(readFile(t, path), "\n")
	for i, want := range []string{`"queue":1.500`, `"queue":10.000`} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d is %s, want %s in it", i+1, lines[i], want)
		}
	}
}

func TestAFrozenHoldGoesOn(t *testing.T) {
	for _, refused := range []bool{false, true} {
		x := newScene(t, holds)
		if refused {
			x.refuses["app@1"] = syscall.ECONNREFUSED
		} else {
			x.reports(balance.UnitStopped, "app@1")
		}
		x.clientSends(get)
		x.after(4 * time.Second)
		y := x.thaws(func(y *scene) {
			if !refused {
				y.reports(balance.UnitStopped, "app@1")
			} else {
				y.refuses["app@1"] = syscall.ECONNREFUSED
			}
		})
		y.after(6*time.Second - time.Millisecond)
		y.wantClientGets("")
		y.wantHeld(1, 0)
		y.after(time.Millisecond)
		if refused {
			y.wantClientGetsStatus(502)
		} else {
			y.wantClientGetsStatus(503)
		}
		y.closeAll()
		y.wantNothingLeft()
	}
}

// TestThePoisonTakesTwoOfThree has an application of three whose every process
// that sees one path dies, and comes back after a while: that request fails,
// and no other does.
func TestThePoisonTakesTwoOfThree(t *testing.T) {
	x := newScene(t, func(p *plan) { p.instances = []string{"app@1", "app@2", "app@3"} }, holds)
	serve := func() { // who is asked for anything else answers
		for busy := true; busy; {
			busy = false
			for _, p := range append([]*party(nil), x.parties...) {
				if !strings.HasPrefix(p.name, "app@") || len(p.got) == 0 {
					continue
				}
				poison := strings.Contains(string(p.got), "/poison")
				p.got, busy = nil, true
				x.instance = p
				if poison {
					x.refuses[p.name] = syscall.ECONNREFUSED
					x.instanceResets()
				} else {
					x.instanceSends(none)
				}
			}
		}
	}
	ask := func(request string) *party {
		p := x.connects()
		x.clientSends(request)
		return p
	}
	poison := strings.Replace(get, "/a", "/poison", 1)
	for round := range 5 {
		var others []*party
		for range 6 {
			others = append(others, ask(get))
		}
		bad := ask(poison)
		for range 6 {
			others = append(others, ask(get))
		}
		serve()
		if n := len(x.refuses); n != 2 {
			t.Errorf("round %d: it has killed %d processes, want 2", round, n)
		}
		clear(x.refuses) // systemd has started them again
		x.after(2 * askAgain)
		serve()
		x.client = bad
		x.wantClientGetsStatus(502)
		for _, x.client = range others {
			x.wantClientGets(none)
		}
	}
	x.closeAll()
	x.wantNothingLeft()
}
