package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestEachEndIsJudgedByWhoWasKilledMeanwhile(t *testing.T) {
	begin := time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC)
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	failed := errors.New("EOF")
	tests := []struct {
		name string
		x    exchange
		// kills of instance "a" at those milliseconds after the begin; the
		// exchange ends after 1000.
		kills []int
		want  class
	}{
		{"it went well", exchange{}, nil, right},
		{"it went well while an instance was killed", exchange{}, []int{500}, right},
		{"the client left", exchange{left: true}, nil, left},
		{"a wrong octet, whoever was killed", exchange{err: &wrong{"x"}, instance: "a"}, []int{500}, unexplained},
		{"cut, its instance killed", exchange{err: failed, status: 200, instance: "a", repeatable: true}, []int{500}, explained},
		{"cut, another killed", exchange{err: failed, status: 200, instance: "b", repeatable: true}, []int{500}, unexplained},
		{"cut, its instance killed before", exchange{err: failed, status: 200, instance: "a"}, []int{-100}, unexplained},
		{"cut, its instance killed after", exchange{err: failed, status: 200, instance: "a"}, []int{1100}, unexplained},
		{"a GET gets 502 for one death", exchange{err: wrongStatus(502), status: 502, repeatable: true}, []int{500}, unexplained},
		{"a GET gets 502 for two deaths", exchange{err: wrongStatus(502), status: 502, repeatable: true}, []int{300, 600}, explained},
		{"a POST gets 502 for one death", exchange{err: wrongStatus(502), status: 502}, []int{500}, explained},
		{"a POST gets 502, its connection being stale", exchange{err: wrongStatus(502), status: 502}, []int{-500}, explained},
		{"a POST gets 502 for no reason", exchange{err: wrongStatus(502), status: 502}, []int{-5000}, unexplained},
		{"a POST gets 500", exchange{err: wrongStatus(500), status: 500}, []int{500}, unexplained},
		{"no answer to a GET", exchange{err: failed, repeatable: true}, []int{500}, unexplained},
		{"no answer to a POST", exchange{err: failed}, []int{500}, explained},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := &history{}
			for _, ms := range test.kills {
				h.add("a", at(ms))
			}
			test.x.begin, test.x.end = begin, at(1000)
			if got, why := judge(test.x, h); got != test.want {
				t.Errorf("got %s (%s), want %s", got, why, test.want)
			}
		})
	}
}

func TestTheLedgerTellsWhatIsUnexplained(t *testing.T) {
	l := newLedger(&history{})
	l.add(exchange{actor: "download"})
	l.add(exchange{actor: "download", what: "GET of 5 octets", err: wrongStatus(502), status: 502})
	if got := l.unexplained(); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	if got := l.String(); !strings.Contains(got, "unexplained: ") || !strings.Contains(got, "GET of 5 octets") {
		t.Errorf("got a ledger that does not say what is unexplained:\n%s", got)
	}
}
