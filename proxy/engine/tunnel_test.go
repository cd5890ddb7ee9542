package engine

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

const switched = "HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: websocket\n\n"

// newTunnel is a scene with a tunnel.
func newTunnel(t *testing.T, changes ...func(*plan)) *scene {
	x := newScene(t, changes...)
	x.clientSends(upgrade + "websocket\n\n")
	x.instanceSends(switched)
	x.wantIdle("waiting for either side to speak")
	x.client.got, x.instance.got = nil, nil
	return x
}

func TestX18BytesBehindTheHeadsGoAlong(t *testing.T) {
	x := newScene(t)
	x.clientSends(upgrade + "websocket\n\nhello ")
	x.wantInstanceGets(upgrade + "websocket\n\n")
	x.clientSends("from the client")
	x.instanceSends(switched + "hello ")
	x.instanceSends("from the instance")
	x.wantInstanceGets("hello from the client")
	x.wantClientGets(switched + "hello from the instance")
	x.wantInFlight(1)
}

func TestX18HalfClosesGoBothWays(t *testing.T) {
	for _, first := range []string{"client", "instance"} {
		x := newTunnel(t)
		half := map[string]func(){"client": x.clientHalfCloses, "instance": x.instanceHalfCloses}
		half[first]()
		if !x.instance.endedOut && first == "client" || !x.client.endedOut && first == "instance" {
			t.Errorf("the end of the %s was not passed on", first)
		}
		x.wantIdle("waiting for either side to speak")
		if first == "client" {
			x.instanceSends("late")
			x.wantClientGets("late")
			x.instanceHalfCloses()
		} else {
			x.clientSends("late")
			x.wantInstanceGets("late")
			x.clientHalfCloses()
		}
		x.wantEnd(x.client)
		x.wantEnd(x.instance)
		x.wantNothingLeft()
	}
}

func TestX18AResetEndsATunnelAtOnce(t *testing.T) {
	x := newTunnel(t)
	x.clientResets()
	x.wantEnd(x.instance)
	x.wantInFlight(0)

	x = newTunnel(t)
	x.instanceResets()
	x.wantReset(x.client)
	x.wantInFlight(0)
}

func TestX18ATunnelThatIsSilentEnds(t *testing.T) {
	x := newTunnel(t)
	for range 5 { // one side that speaks is enough
		x.after(40 * time.Second)
		x.instanceSends("tick")
	}
	x.wantIdle("waiting for either side to speak")
	x.after(50 * time.Second)
	x.wantEnd(x.instance)
	x.wantInFlight(0)
	x.closeAll()
	x.wantNothingLeft()
}

func TestX18ATunnelThatIsReadSlowlyIsNotSilent(t *testing.T) {
	x := newTunnel(t, func(p *plan) { p.limits.Send = time.Hour })
	x.client.slow, x.client.room = true, 100
	x.instanceSendsRaw(strings.Repeat("x", 10_000))
	for range 5 {
		x.after(40 * time.Second)
		x.reads(x.client, 50)
	}
	x.wantIdle("waiting for the client to take its answer")
	if n := x.only().rest().len() + len(x.client.out) + len(x.client.got); n != 10_000 {
		t.Errorf("%d bytes are there, want 10000", n)
	}
}

func TestX18NothingIsReadThatCannotBePassedOn(t *testing.T) {
	x := newTunnel(t)
	x.instance.slow, x.instance.room = true, 1000
	x.client.slow, x.client.room = true, 1000
	for range 100 {
		x.clientSendsRaw(strings.Repeat("c", 64<<10))
		x.instanceSendsRaw(strings.Repeat("i", 64<<10))
	}
	c := x.only()
	if n := c.x.tun.up.len() + c.rest().len(); n > 2*readSize {
		t.Errorf("the tunnel holds %d bytes, want no more than a read each way", n)
	}
}

func TestX18ATunnelCountsAndEndsWithTheEngine(t *testing.T) {
	x := newTunnel(t)
	x.swap(func(p *plan) { p.instances = []string{"app@2"} })
	x.clientSends("still there")
	x.wantInstanceGets("still there")
	cut := x.stops(time.Second, time.Minute)
	x.wantOpen(x.client)
	x.after(time.Second)
	if *cut != 0 {
		t.Errorf("%d connections were cut, want the stop to be over with none", *cut)
	}
	x.wantEnd(x.instance)
}

func TestX18AnInstanceThatTakesNothingAnyMore(t *testing.T) {
	x := newTunnel(t)
	x.instance.trap = syscall.EPIPE
	x.clientSends("anybody?")
	x.wantInFlight(0)
	x.closeAll()
	x.wantNothingLeft()
}
