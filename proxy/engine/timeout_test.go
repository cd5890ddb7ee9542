package engine

import (
	"strings"
	"testing"
	"time"
)

func TestX6TheHeadHasItsTimeInAll(t *testing.T) {
	x := newScene(t)
	head := "GET / HTTP/1.1\nHost: h\nX: "
	x.clientSends(head)
	for range 9 {
		x.after(time.Second)
		x.clientSends("x") // slowloris
	}
	x.wantIdle("waiting for the rest of a head")
	x.after(time.Second)
	x.wantClientGetsStatus(408)
	x.wantIdle("waiting for the client to close")
}

func TestX6AnIdleConnectionIsClosedWithoutAWord(t *testing.T) {
	x := newScene(t)
	x.connects()
	x.after(x.plan.limits.Keepalive)
	x.wantClientGets("")
	x.wantEnd(x.client)

	x.connects()
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.client.got = nil
	x.after(x.plan.limits.Keepalive - time.Second)
	x.wantOpen(x.client)
	x.after(time.Second)
	x.wantClientGets("")
	x.wantEnd(x.client)
	x.wantNothingLeft()
}

func TestX6ABodyThatDoesNotGoOn(t *testing.T) {
	for _, buffer := range []bool{false, true} {
		x := newScene(t, func(p *plan) { p.app.RequestBuffer = buffer })
		x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 90\n\n")
		for range 3 {
			x.after(15 * time.Second)
			x.clientSends("more")
		}
		x.wantIdle("waiting for the body")
		x.after(20 * time.Second)
		x.wantClientGetsStatus(408)
		x.wantInFlight(0)
		x.closeAll()
		x.wantNothingLeft()
	}
}

func TestX6ABodyHasALeastRate(t *testing.T) {
	x := newScene(t, func(p *plan) { p.limits.MinRate = 240 })
	x.clientSends("POST /a HTTP/1.1\nHost: h\nContent-Length: 100000\n\n")
	for range 60 {
		x.after(time.Second)
		x.clientSendsRaw(strings.Repeat("x", 300))
	}
	x.wantIdle("waiting for the body")
	for range 60 {
		x.after(time.Second)
		x.clientSendsRaw("x")
	}
	x.wantClientGetsStatus(408)
	x.wantInFlight(0)
}

func TestX6TimeoutsOfAnInstance(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(x *scene)
		after  time.Duration
		status int
	}{
		{
			"connect",
			func(x *scene) {
				x.hangs["app@1"] = true
				x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
				x.wantIdle("waiting for the connection")
			}, 5 * time.Second, 504,
		},
		{
			"first byte",
			func(x *scene) {
				x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
				x.wantIdle("waiting for the response head")
			}, 40 * time.Second, 504,
		},
		{
			"first byte, of a body that took its time",
			func(x *scene) {
				x.clientSends("POST / HTTP/1.1\nHost: h\nContent-Length: 2\n\n1")
				x.after(19 * time.Second)
				x.clientSends("2")
			}, 40 * time.Second, 504,
		},
		{
			"it takes no more of the request",
			func(x *scene) {
				x.hangs["app@1"] = true
				x.clientSends("POST / HTTP/1.1\nHost: h\nContent-Length: 100000\n\n" + strings.Repeat("x", 100_000))
				x.instance.slow, x.instance.room = true, 50
				x.instanceAccepts()
				x.wantIdle("waiting for the instance to take the request")
			}, 50 * time.Second, 504,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newScene(t)
			c.before(x)
			x.after(c.after - time.Millisecond)
			x.wantClientGets("")
			x.after(time.Millisecond)
			x.wantClientGetsStatus(c.status)
			x.wantInFlight(0)
			x.closeAll()
			x.wantNothingLeft()
		})
	}
}

func TestX6AnAnswerThatDoesNotGoOn(t *testing.T) {
	x := newScene(t)
	x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 10\n\n")
	for range 3 {
		x.after(45 * time.Second)
		x.instanceSends("x")
	}
	x.wantIdle("waiting for the rest of the answer")
	x.after(50 * time.Second)
	x.wantClientGets("HTTP/1.1 200 OK\nContent-Length: 10\n\nxxx")
	x.wantEnd(x.client)
	x.wantInFlight(0)
}

func TestX6ATimeInTheQueue(t *testing.T) {
	x := newScene(t, oneAtATime)
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	x.connects()
	x.clientSends("GET /b HTTP/1.1\nHost: h\n\n")
	x.after(15 * time.Second)
	x.wantField(x.client, "Retry-After: 1")
	x.wantClientGetsStatus(503)
	if n := x.group().Waiting(); n != 0 {
		t.Errorf("%d still wait", n)
	}
	x.wantInFlight(1)
}

func TestX7WhoDoesNotReadIsCutOff(t *testing.T) {
	x := newScene(t)
	x.connects()
	x.client.slow, x.client.room = true, 1000
	x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 100000\n\n" + strings.Repeat("x", 100_000))
	// The instance is free, whoever reads how slowly.
	x.wantInFlight(0)
	x.wantIdle("waiting for the client to take its answer")
	x.after(x.plan.limits.Send - time.Second)
	x.reads(x.client, 500)
	x.after(x.plan.limits.Send - time.Second)
	x.wantIdle("waiting for the client to take its answer")
	x.after(time.Second)
	x.wantReset(x.client)
	x.closeAll()
	x.wantNothingLeft()
}

func TestX7ALeastRateOfReading(t *testing.T) {
	x := newScene(t, func(p *plan) { p.limits.MinRate = 240 })
	x.connects()
	x.client.slow, x.client.room = true, 1000
	x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nContent-Length: 100000\n\n" + strings.Repeat("x", 100_000))
	for range 30 {
		x.after(time.Second)
		x.reads(x.client, 500)
	}
	x.wantOpen(x.client)
	for range 70 {
		x.after(time.Second)
		x.reads(x.client, 1)
	}
	x.wantReset(x.client)
}

func TestX7WhatIsKeptForAClientIsBounded(t *testing.T) {
	x := newScene(t)
	x.connects()
	x.client.slow, x.client.room = true, 1000
	x.clientSends("GET / HTTP/1.1\nHost: h\n\n")
	x.instanceSends("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
	for range 100 {
		x.instanceSends("10000\n" + strings.Repeat("x", 0x10000) + "\n")
	}
	if n := x.only().rest().len(); n > 2*readSize+tailroom {
		t.Errorf("%d bytes are kept", n)
	}
	if n := len(x.instance.in); n < 90*0x10000 {
		t.Errorf("%d bytes were left at the instance", n)
	}
}

func TestX6WhoMustNotSendYetIsNotTooSlow(t *testing.T) {
	x := newScene(t, oneAtATime, func(p *plan) { p.limits.Body, p.limits.MinRate = 5*time.Second, 240 })
	x.clientSends("GET /a HTTP/1.1\nHost: h\n\n")
	first := x.instance
	x.connects()
	x.clientSends("POST /b HTTP/1.1\nHost: h\nContent-Length: 2000\nExpect: 100-continue\n\n")
	x.after(10 * time.Second)
	x.instance = first
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGets("HTTP/1.1 100 Continue\n\n")
	x.clientSendsRaw(strings.Repeat("x", 2000))
	x.instanceSends("HTTP/1.1 204 No Content\n\n")
	x.wantClientGetsStatus(204)
}
