package http1

import (
	"slices"
	"testing"
)

// run takes a Cycle through events; ok is what the last On said.
func run(c Cycle, events ...Event) (end Cycle, ok bool) {
	for _, e := range events {
		ok = c.On(e)
	}
	return c, ok
}

func TestF12F13F15F16WhatIsLegal(t *testing.T) {
	asked, closing := Cycle{Upgrade: true}, Cycle{Close: true}
	for _, tt := range []struct {
		about    string
		from     Cycle
		events   []Event
		state    State
		client   bool // may carry its next request
		instance bool // may go back to the pool
	}{
		{"an exchange", Cycle{}, []Event{RequestHead, RequestEnd, AnswerHead, AnswerEnd}, Done, true, true},
		{"one that is the last", closing, []Event{RequestHead, RequestEnd, AnswerHead, AnswerEnd}, Done, false, false},
		{"interim answers first", Cycle{}, []Event{RequestHead, InterimHead, RequestEnd, InterimHead, InterimHead, AnswerHead, AnswerEnd}, Done, true, true},
		{"an interim answer behind the final head", Cycle{}, []Event{RequestHead, RequestEnd, AnswerHead, InterimHead}, Broken, false, false},
		{"answered early", Cycle{}, []Event{RequestHead, AnswerHead}, Early, false, false},
		{"answered early, and the request not read", Cycle{}, []Event{RequestHead, AnswerHead, AnswerEnd}, Unread, false, false},
		{"answered early, and the request read then", Cycle{}, []Event{RequestHead, AnswerHead, AnswerEnd, RequestEnd}, DoneEarly, true, false},
		{"answered early, and the request read meanwhile", Cycle{}, []Event{RequestHead, AnswerHead, RequestEnd, AnswerEnd}, DoneEarly, true, false},
		{"an answer to nothing", Cycle{}, []Event{AnswerHead}, Broken, false, false},
		{"an interim answer to nothing", Cycle{}, []Event{InterimHead}, Broken, false, false},
		{"two answers", Cycle{}, []Event{RequestHead, RequestEnd, AnswerHead, AnswerEnd, AnswerHead}, Broken, false, false},
		{"two final heads", Cycle{}, []Event{RequestHead, RequestEnd, AnswerHead, AnswerHead}, Broken, false, false},
		{"octets behind the answer", Cycle{}, []Event{RequestHead, RequestEnd, AnswerHead, AnswerEnd, Stray}, Broken, false, false},
		{"octets on an idle connection", Cycle{}, []Event{Stray}, Broken, false, false},
		{"the end in the answer", Cycle{}, []Event{RequestHead, RequestEnd, AnswerHead, Cut}, Broken, false, false},
		{"the end before it", Cycle{}, []Event{RequestHead, RequestEnd, Cut}, Broken, false, false},
		{"the end in the request", Cycle{}, []Event{RequestHead, Cut}, Broken, false, false},
		{"a request in a request", Cycle{}, []Event{RequestHead, RequestHead}, Broken, false, false},
		{"nothing mends it", Cycle{}, []Event{Stray, RequestHead, RequestEnd, AnswerHead, AnswerEnd}, Broken, false, false},
		{"a tunnel", asked, []Event{RequestHead, RequestEnd, SwitchHead}, Tunnel, false, false},
		{"a tunnel that was refused", asked, []Event{RequestHead, RequestEnd, AnswerHead, AnswerEnd}, Done, true, true},
		{"a switch that nobody asked for", Cycle{}, []Event{RequestHead, RequestEnd, SwitchHead}, Broken, false, false},
		{"a switch before the request is whole", asked, []Event{RequestHead, SwitchHead}, Broken, false, false},
		{"a switch behind an interim answer", asked, []Event{RequestHead, RequestEnd, InterimHead, SwitchHead}, Tunnel, false, false},
		{"HTTP behind a switch", asked, []Event{RequestHead, RequestEnd, SwitchHead, AnswerHead}, Broken, false, false},
	} {
		c, ok := run(tt.from, tt.events...)
		if c.State != tt.state || ok != (tt.state != Broken) {
			t.Errorf("%s: got state %v, legal %v, want state %v", tt.about, c.State, ok, tt.state)
		}
		if got := [2]bool{c.Reusable(Client), c.Reusable(Instance)}; got != [2]bool{tt.client, tt.instance} {
			t.Errorf("%s: reusable by client, instance: got %v, want %v, %v", tt.about, got, tt.client, tt.instance)
		}
	}
}

// One request is in flight at a time: another may begin only where the one
// before is whole both ways.
func TestF17ARequestWaitsForItsTurn(t *testing.T) {
	for s := Upload; s < states; s++ {
		c := Cycle{State: s}
		if c.On(RequestHead) {
			t.Errorf("in state %v another request may begin", s)
		}
	}
	buf := []byte(get("Content-Length: 3") + "abc" + get("X: 2") + "\r\n" + request("HEAD /3 HTTP/1.1"))
	lim := DefaultLimits()
	var got []string
	for len(buf) > 0 {
		n, sentence := parseRequest(&lim)(buf)
		if n == 0 {
			t.Fatalf("%q behind %q", sentence, got)
		}
		if got = append(got, sentence); len(got) == 1 {
			n += 3
		}
		buf = buf[n:]
	}
	want := []string{"GET / of h, 3 octets, kept alive", "GET / of h, no body, kept alive", "HEAD /3 of h, no body, kept alive"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestX22OddExchangesNeverReachThePool(t *testing.T) {
	for s := Idle; s < states; s++ {
		c := Cycle{State: s}
		if got, want := c.Reusable(Instance), s == Done; got != want {
			t.Errorf("state %v: got %v, want %v", s, got, want)
		}
		if got, want := c.Reusable(Client), s == Done || s == DoneEarly; got != want {
			t.Errorf("state %v for a client: got %v, want %v", s, got, want)
		}
		c.Close = true
		if c.Reusable(Client) || c.Reusable(Instance) {
			t.Errorf("state %v is used again although it closes", s)
		}
	}
}

// Every state but those that end is left by something, and nothing leads back.
func TestTheTableIsWhole(t *testing.T) {
	reached := map[State]bool{Idle: true}
	for s := Idle; s < states; s++ {
		for e := Event(0); e < events; e++ {
			if to := next[s][e]; to != Idle {
				if to < s {
					t.Errorf("%v leads back to %v", s, to)
				}
				reached[to] = true
			}
		}
	}
	for s := Idle; s < Broken; s++ {
		if !reached[s] {
			t.Errorf("nothing leads to %v", s)
		}
	}
}
