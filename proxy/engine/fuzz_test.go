package engine

import (
	"bytes"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
)

// What a byte of a fuzzed schedule means: its low bits what happens, the
// others how much of it.
const (
	fuzzClientSends = iota
	fuzzInstanceSends
	fuzzTurn
	fuzzClientReads
	fuzzInstanceReads
	fuzzTimePasses
	fuzzSomethingEnds
	fuzzRoom

	fuzzKinds
)

// FuzzExchange gives a worker what a client and an instance say, in pieces and
// at moments that the schedule chooses. Whatever it is, an instance gets
// nothing but whole requests, one for each that was meant for it, the client
// answers, and all is given back in the end.
func FuzzExchange(f *testing.F) {
	f.Fuzz(func(t *testing.T, client, instance, schedule []byte) {
		if len(schedule) > 1000 || len(client)+len(instance) > 100_000 {
			t.Skip("large, and no different")
		}
		x := newScene(t, withHello, twoInstances, func(p *plan) {
			p.app.RequestBuffer = len(schedule) > 0 && schedule[0]&1 == 1
		})
		x.worker.log = slog.New(slog.DiscardHandler)
		x.connects()
		x.client.slow = true
		for _, b := range schedule {
			x.fuzzStep(&client, &instance, int(b%fuzzKinds), int(b/fuzzKinds))
		}
		x.closeAll()
		x.wantNothingLeft()
		x.wantWholeRequests()
		x.wantAnswers()
	})
}

func (x *scene) fuzzStep(client, instance *[]byte, kind, n int) {
	x.Helper()
	// Of the other parties the last connection is spoken of.
	in := x.instance
	size := 1 << (n % 16)
	switch {
	case kind == fuzzClientSends:
		piece := (*client)[:min(size, len(*client))]
		*client = (*client)[len(piece):]
		x.client.deliver(piece)
	case kind == fuzzInstanceSends && in != nil:
		piece := (*instance)[:min(size, len(*instance))]
		*instance = (*instance)[len(piece):]
		in.deliver(piece)
	case kind == fuzzTurn:
		x.settle()
	case kind == fuzzClientReads:
		x.client.got = append(x.client.got, x.client.take(size)...)
	case kind == fuzzInstanceReads && in != nil:
		in.slow = n%2 == 0
	case kind == fuzzTimePasses:
		x.after(time.Duration(n) * time.Second)
	case kind == fuzzSomethingEnds:
		x.fuzzEnd(n)
	case kind == fuzzRoom && n%2 == 0:
		x.client.room = size
	case kind == fuzzRoom && in != nil:
		in.room = size
	}
}

func (x *scene) fuzzEnd(n int) {
	switch in := x.instance; {
	case n == 0:
		x.client.finish()
	case n == 1:
		x.client.leave()
	case n == 2:
		x.client.breakDown(syscall.ECONNRESET)
	case in == nil:
	case n == 3:
		in.finish()
	case n == 4:
		in.leave()
	case n == 5:
		in.breakDown(syscall.ECONNRESET)
	case n == 6:
		x.refuses[in.name] = syscall.ECONNREFUSED
	case n == 7:
		delete(x.refuses, in.name)
	}
}

// wantWholeRequests wants that what came to instances is requests, and no more
// of them than were meant for them: another one would have been smuggled.
func (x *scene) wantWholeRequests() {
	x.Helper()
	heads := 0
	for _, p := range x.parties {
		if p == x.client {
			continue
		}
		heads += requestsIn(x, p.got)
	}
	meant := 0
	x.group().Each(x.wall, func(in *balance.Instance, _ balance.View) { meant += int(in.Requests()) })
	if heads > meant {
		x.Errorf("instances got %d requests, and %d were meant for them", heads, meant)
	}
}

// requestsIn counts the requests that came on one connection. After one that
// asks for a tunnel there may be anything.
func requestsIn(x *scene, in []byte) (n int) {
	x.Helper()
	limits := http1.Limits{RequestLine: 64 << 10, Head: 128 << 10, Fields: 2000}
	for len(in) > 0 {
		var r http1.Request
		used, err := r.Parse(in, &limits)
		switch {
		case err != nil:
			x.Errorf("an instance got no request but %.200q (%s)", in, err.Reason)
			return n
		case used == 0:
			return n
		}
		n++
		in = in[used:]
		for _, f := range r.Fields {
			if f.Name == "Upgrade" {
				return n
			}
		}
		switch r.Body.Kind {
		case http1.Sized:
			in = in[min(int64(len(in)), r.Body.Length):]
		case http1.Chunked:
			var chunks http1.ChunkReader
			_, used, _, err := chunks.Next(bytes.Clone(in))
			if err != nil {
				x.Errorf("an instance got a broken chunk: %s", err.Reason)
				return n
			}
			in = in[used:]
		}
	}
	return n
}

// wantAnswers wants that what came to the client begins with an answer.
func (x *scene) wantAnswers() {
	x.Helper()
	if len(x.client.got) == 0 {
		return
	}
	var r http1.Response
	limits := http1.Limits{RequestLine: 128 << 10, Head: 256 << 10, Fields: 2000}
	if _, err := r.Parse(x.client.got, false, &limits); err != nil {
		x.Errorf("the client got no answer but %.200q (%s)", x.client.got, err.Reason)
	}
}
