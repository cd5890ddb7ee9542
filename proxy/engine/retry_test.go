package engine

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/balance"
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

// failure is a way in which a try comes to nothing.
type failure struct {
	name string
	// ready prepares the instance's connection; fails ends the try that waits.
	ready, fails func(x *scene)
}

func TestX5TheRetryRule(t *testing.T) {
	refused := failure{"connect refused", func(x *scene) { x.refuses["app@1"] = syscall.ECONNREFUSED }, nil}
	connectTime := failure{"connect times out", func(x *scene) { x.hangs["app@1"] = true }, func(x *scene) {
		x.after(x.plan.dial.ConnectTimeout)
	}}
	died := failure{"it dies", nil, (*scene).instanceResets}
	closed := failure{"it closes", nil, (*scene).instanceCloses}
	stale := failure{"a pooled connection dies", leavesIdle, (*scene).instanceResets}
	cutHead := failure{"a cut head", nil, func(x *scene) {
		x.instanceSends("HTTP/1.1 200 OK\nContent-")
		x.instanceCloses()
	}}
	garbage := failure{"garbage", nil, func(x *scene) { x.instanceSends("lorem ipsum\n") }}
	slow := failure{"no first byte", nil, func(x *scene) { x.after(x.plan.app.ResponseTimeout) }}
	broken := failure{"a cut body", nil, func(x *scene) {
		x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 9\n\nhalf")
		x.instanceCloses()
	}}
	const (
		get      = "GET /b HTTP/1.1\nHost: h\n\n"
		put      = "PUT /b HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody"
		post     = "POST /b HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody"
		postBare = "POST /b HTTP/1.1\nHost: h\nContent-Length: 0\n\n"
		again    = 0 // it is sent to the other instance
	)
	for _, c := range []struct {
		failure
		ask    string
		buffer bool
		want   int // the status, or again
	}{
		{refused, get, false, again},
		{refused, post, false, again},
		{connectTime, get, false, again},
		{connectTime, post, false, again},
		{died, get, false, again},
		{closed, get, false, again},
		{died, put, false, 502}, // its body is gone
		{died, put, true, again},
		{died, post, true, 502},
		{died, postBare, false, 502},
		{stale, get, false, again},
		{stale, put, true, again},
		{stale, post, true, 502},
		{stale, postBare, false, 502},
		{cutHead, get, false, again},
		{cutHead, post, true, 502},
		{garbage, get, false, 502},
		{slow, get, false, 504},
		{slow, post, false, 504},
		{broken, get, false, 200},
	} {
		t.Run(c.name+", "+strings.Fields(c.ask)[0], func(t *testing.T) {
			x := newScene(t, twoInstances, func(p *plan) { p.app.RequestBuffer = c.buffer })
			if c.ready != nil {
				c.ready(x)
			}
			x.clientSends(c.ask)
			first := x.instance
			if c.fails != nil {
				if first.name != "app@1" {
					t.Fatalf("it went to %s first", first.name)
				}
				c.fails(x)
			}
			if c.want != again {
				if !strings.HasPrefix(string(x.client.got), fmt.Sprintf("HTTP/1.1 %d ", c.want)) {
					t.Errorf("the client got %q, want %d", x.client.got, c.want)
				}
				if x.instance != first {
					t.Error("it was sent twice")
				}
				return
			}
			if x.instance.name != "app@2" {
				t.Fatalf("it is with %s, want app@2", x.instance.name)
			}
			x.wantInstanceGets(c.ask)
			x.instanceSends("HTTP/1.1 204 No Content\n\n")
			x.wantClientGets("HTTP/1.1 204 No Content\n\n")
			x.wantInFlight(0)
		})
	}
}

// leavesIdle leaves an idle connection to app@1 in the pool, whose turn is next.
func leavesIdle(x *scene) {
	for range 2 {
		x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
		x.instanceSends("HTTP/1.1 204 No Content\n\n")
	}
	for _, p := range x.parties {
		if p.name == "app@1" {
			x.instance = p
		}
		p.got = nil
	}
}

func TestX5APoisonousRequestFailsAlone(t *testing.T) {
	x := newScene(t, func(p *plan) { p.instances = []string{"app@1", "app@2", "app@3", "app@4"} })
	x.clientSends("GET /poison HTTP/1.1\nHost: h\n\n")
	x.instanceResets()
	x.instanceResets()
	x.wantClientGetsStatus(502)
	if x.dials != 2 {
		t.Errorf("it reached %d instances, want 2", x.dials)
	}
}

func TestX5TriesAreBounded(t *testing.T) {
	x := newScene(t, func(p *plan) { p.instances = []string{"app@1", "app@2", "app@3", "app@4", "app@5"} })
	for _, id := range x.plan.instances {
		x.refuses[id] = syscall.ECONNREFUSED
	}
	x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
	x.wantClientGetsStatus(502)
	if x.dials != 3 {
		t.Errorf("%d instances were tried, want 3", x.dials)
	}
}

func TestX5OurOwnWantOfDescriptorsIsNobodysFailure(t *testing.T) {
	x := newScene(t, twoInstances)
	x.refuses["app@1"] = syscall.EMFILE
	x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
	x.after(time.Second) // there may be one before the connect timeout is over
	x.wantIdle("waiting for the connection")
	x.after(10 * time.Second)
	x.wantClientGetsStatus(503)
	delete(x.refuses, "app@1")
	x.group().Each(x.wall, func(in *balance.Instance, v balance.View) {
		if v.State != balance.Up {
			t.Errorf("%s is %s", in.ID, v.State)
		}
	})
}

func TestX5AStaleConnectionToALoneInstanceWaitsItsTurn(t *testing.T) {
	for _, waiting := range []int{0, 1} {
		x := newScene(t, oneAtATime)
		first := leaves(x)
		x.client = nil
		asks := x.connects()
		x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
		for range waiting {
			x.connects()
			x.clientSends("GET /b HTTP/1.1\nHost: h\n\n")
		}
		x.instance = first
		x.instanceResets()
		for range waiting + 1 {
			x.instanceSends("HTTP/1.1 204 No Content\n\n")
		}
		x.client = asks
		x.wantClientGetsStatus(204)
		x.closeAll()
		x.wantNothingLeft()
	}
}

// leaves has one exchange leave its connection in the pool.
func leaves(x *scene) *party {
	x.Helper()
	x.clientSends("GET /first HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	return x.instance
}
