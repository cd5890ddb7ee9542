package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// thaws takes the one connection of a scene to another scene, as bytes and
// streams, and goes on there: with another worker, another snapshot of the
// same names, another clock. There may be something to prepare there.
func (x *scene) thaws(prepare ...func(*scene)) *scene {
	x.Helper()
	y := newScene(x, func(p *plan) {
		*p = *x.plan
		app := *x.plan.app
		p.app = &app
	})
	y.plan.settings.Lock = queueLock()
	y.move(1000 * time.Hour)
	for _, f := range prepare {
		f(y)
	}
	client, instance := x.client, x.instance
	f, ok := x.worker.freeze(x.only())
	if !ok {
		x.Fatal("it cannot be frozen")
	}
	x.settle()
	for _, p := range x.parties {
		if p != client && p != instance {
			p.leave()
		}
	}
	x.settle()
	f.state = []byte(string(f.state)) // nothing but bytes
	f.client.(*memory).goTo(y.script)
	y.client, y.instance = client, nil
	y.parties = append(y.parties, client)
	if f.instance != nil {
		f.instance.(*memory).goTo(y.script)
		y.instance = instance
		y.parties = append(y.parties, instance)
	}
	if err := y.worker.thaw(f); err != nil {
		x.Fatal(err)
	}
	y.settle()
	x.after(time.Hour)
	for _, problem := range leaks(x.worker) {
		x.Error(problem)
	}
	x.wantInFlight(x.busyElsewhere)
	return y
}

const answer = "HTTP/1.1 200 OK\nContent-Length: 10\n\n0123456789"

func TestAFrozenConnectionGoesOn(t *testing.T) {
	const get = "GET /a HTTP/1.1\nHost: h\n\n"
	const post = "POST /a HTTP/1.1\nHost: h\nContent-Length: 10\n\n"
	const chunked = "POST /a HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n"
	for _, c := range []struct {
		name   string
		change func(*plan)
		// before leads to where it is frozen, in step; after ends the exchange
		// where it was thawed.
		before func(x *scene)
		step   step
		after  func(x *scene)
		want   string
	}{
		{"new", nil, func(x *scene) { x.connects() }, stepHead, func(x *scene) {
			x.clientSends(get)
			x.instanceSends(answer)
		}, answer},
		{"idle", nil, func(x *scene) {
			x.connectsAndRests()
		}, stepHead, func(x *scene) {
			x.clientSends(get)
			x.instanceSends(answer)
		}, answer},
		{"in the middle of a head", nil, func(x *scene) { x.clientSends(get[:12]) }, stepHead, func(x *scene) {
			x.clientSends(get[12:])
			x.instanceSends(answer)
		}, answer},
		{"in the middle of a body", nil, func(x *scene) { x.clientSends(post + "01234") }, stepAsk, func(x *scene) {
			x.clientSends("56789")
			x.wantInstanceGets(post + "0123456789")
			x.instanceSends(answer)
		}, answer},
		{"in the middle of a chunk", nil, func(x *scene) { x.clientSends(chunked + "a\n01234") }, stepAsk, func(x *scene) {
			x.clientSends("56789\n0\n\n")
			x.wantInstanceGets(chunked + "5\n01234\n5\n56789\n0\n\n")
			x.instanceSends(answer)
		}, answer},
		{"in the middle of a body that is spooled", buffered, func(x *scene) { x.clientSends(post + "01234") }, stepSpool, func(x *scene) {
			x.clientSends("56789")
			x.wantInstanceGets(post + "0123456789")
			x.instanceSends(answer)
		}, answer},
		{"with a body that the instance does not take", nil, func(x *scene) {
			x.hangs["app@1"] = true
			x.clientSends(strings.Replace(post, "10\n", "100000\n", 1))
			x.instance.slow, x.instance.room = true, 50
			x.instanceAccepts()
			x.clientSendsRaw(strings.Repeat("x", 100_000))
		}, stepAsk, func(x *scene) {
			x.instance.slow, x.instance.room = false, memoryRoom
			x.reads(x.instance, 50)
			if n := strings.Count(string(x.instance.got), "x"); n != 100_000 {
				x.Errorf("the instance got %d bytes", n)
			}
			x.instanceSends(answer)
		}, answer},
		{"before the answer", nil, func(x *scene) { x.clientSends(get) }, stepAsk, func(x *scene) {
			x.instanceSends(answer)
		}, answer},
		{"in the middle of the answer's head", nil, func(x *scene) {
			x.clientSends(get)
			x.instanceSends(answer[:20])
		}, stepAsk, func(x *scene) { x.instanceSends(answer[20:]) }, answer},
		{"in the middle of the answer", nil, func(x *scene) {
			x.clientSends(get)
			x.instanceSends(answer[:len(answer)-5])
		}, stepRelay, func(x *scene) { x.instanceSends("56789") }, answer},
		{"in the middle of a chunk of the answer", nil, func(x *scene) {
			x.clientSends(get)
			x.instanceSends("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\na;b=c\n01234")
		}, stepRelay, func(x *scene) {
			x.instanceSends("56789\n0\n\n")
		}, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\n01234\n5\n56789\n0\n\n"},
		{"with an answer that the client does not take", nil, func(x *scene) {
			x.connects()
			x.client.slow, x.client.room = true, 5
			x.clientSends(get)
			x.instanceSends(answer)
		}, stepRelay, func(x *scene) {
			x.client.slow, x.client.room = false, memoryRoom
			x.reads(x.client, 5)
		}, answer},
		{"with an error that the client does not take", nil, func(x *scene) {
			x.connects()
			x.client.slow, x.client.room = true, 5
			x.clientSends("GET /\x01 HTTP/1.1\n")
		}, stepOwn, func(x *scene) {
			x.client.slow, x.client.room = false, memoryRoom
			x.reads(x.client, 5)
		}, "HTTP/1.1 400 Bad Request\nContent-Length: 16\nConnection: close\n\n400 Bad Request\n"},
		{"queued", oneAtATime, func(x *scene) {
			x.group().Take(x.wall, nil) // somebody else keeps the instance
			x.busyElsewhere = 1
			x.clientSends(get)
		}, stepQueue, func(x *scene) { x.instanceSends(answer) }, answer},
		{"in the middle of a connect", nil, func(x *scene) {
			x.hangs["app@1"] = true
			x.clientSends(post + "01234")
		}, stepConnect, func(x *scene) {
			x.clientSends("56789")
			x.wantInstanceGets(post + "0123456789")
			x.instanceSends(answer)
		}, answer},
		{"a tunnel", nil, func(x *scene) {
			x.clientSends(upgrade + "websocket\n\n")
			x.instanceSends(switched)
			x.instance.got = nil
		}, stepTunnel, func(x *scene) {
			x.clientSends("up")
			x.wantInstanceGets("up")
			x.instanceSends("down")
			x.clientHalfCloses()
			x.instanceHalfCloses()
			x.wantEnd(x.client)
		}, switched + "down"},
		{"a tunnel that is full", nil, func(x *scene) {
			x.clientSends(upgrade + "websocket\n\n")
			x.instanceSends(switched)
			x.instance.got = nil
			x.instance.slow, x.instance.room = true, 10
			x.clientSends(strings.Repeat("up", 50))
			x.client.slow, x.client.room = true, 10
			x.instanceSends(strings.Repeat("down", 50))
		}, stepTunnel, func(x *scene) {
			x.client.slow, x.client.room = false, memoryRoom
			x.instance.slow, x.instance.room = false, memoryRoom
			x.reads(x.instance, 10)
			x.reads(x.client, 10)
			x.wantInstanceGets(strings.Repeat("up", 50))
		}, switched + strings.Repeat("down", 50)},
		{"lingering", nil, func(x *scene) { x.clientSends("BAD\n") }, stepLinger, func(x *scene) {
			x.clientSends("more")
			x.clientHalfCloses()
			x.wantEnd(x.client)
		}, "HTTP/1.1 400 Bad Request\nContent-Length: 16\nConnection: close\n\n400 Bad Request\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newScene(t, func(p *plan) {
				if c.change != nil {
					c.change(p)
				}
			})
			c.before(x)
			if got := x.only().step; got != c.step {
				t.Fatalf("it is in step %s, want %s", got, c.step)
			}
			y := x.thaws()
			c.after(y)
			y.wantClientGets(c.want)
			y.closeAll()
			y.wantNothingLeft()
		})
	}
}

func TestAFrozenDeadlineGoesOn(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.after(30 * time.Second)
	y := x.thaws()
	y.after(9 * time.Second)
	y.wantIdle("waiting for the response head")
	y.after(time.Second)
	y.wantClientGetsStatus(504)
}

func TestWhatDoesNotFitIsNotThawed(t *testing.T) {
	x := newScene(t)
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 10\n\n01234")
	f, ok := x.worker.freeze(x.only())
	if !ok {
		t.Fatal("it cannot be frozen")
	}
	for n := range f.state {
		cut := frozen{state: f.state[:n]}
		wantNotThawed(t, fmt.Sprintf("cut at %d", n), cut)
	}
	for n := range f.state {
		changed := []byte(string(f.state))
		changed[n] ^= 1
		wantNotThawed(t, fmt.Sprintf("changed at %d", n), frozen{state: changed})
	}
	wantNotThawed(t, "with more behind it", frozen{state: append(f.state, 0)})
}

func wantNotThawed(t *testing.T, name string, f frozen) {
	t.Helper()
	if err := thawOnce(t, f); err == nil {
		t.Errorf("%s: it was thawed", name)
	}
}

// thawOnce thaws a state with streams of its own, and ends it.
func thawOnce(t *testing.T, f frozen) error {
	t.Helper()
	y := newScene(t)
	client, instance := y.script.newStream(), y.script.newStream()
	f.client, f.instance = client, instance
	y.parties = append(y.parties, &party{memory: client}, &party{memory: instance})
	err := y.worker.thaw(f)
	y.settle()
	y.closeAll()
	y.wantNothingLeft()
	return err
}
