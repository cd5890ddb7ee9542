package balance

import "testing"

// TestRule walks requests through failures, one after the other.
func TestRule(t *testing.T) {
	type failure struct {
		phase Phase
		want  Action
	}
	tests := []struct {
		name   string
		method string
		never  bool
		tries  int
		begun  bool // the body was begun
		steps  []failure
	}{
		{"a refused GET goes to two more, then 502", "GET", false, 2, false, []failure{
			{Unreached, Elsewhere}, {Unreached, Elsewhere}, {Unreached, BadGateway},
		}},
		{"a refused POST goes elsewhere too: nothing was sent", "POST", false, 2, false, []failure{
			{Unreached, Elsewhere}, {Unreached, Elsewhere}, {Unreached, BadGateway},
		}},
		{"connects that time out end as 504", "POST", false, 1, false, []failure{
			{ConnectTimeout, Elsewhere}, {ConnectTimeout, GatewayTimeout},
		}},
		{"a stale connection costs a GET one fresh one", "GET", false, 2, false, []failure{
			{Stale, Fresh}, {Stale, BadGateway},
		}},
		{"a stale connection with no other instance allowed", "GET", false, 0, false, []failure{
			{Stale, Fresh}, {Unreached, BadGateway},
		}},
		{"a POST on a stale connection is not sent twice", "POST", false, 2, false, []failure{
			{Stale, BadGateway},
		}},
		{"a PUT whose body was begun is not sent twice", "PUT", false, 2, true, []failure{
			{Stale, BadGateway},
		}},
		{"a PUT without a body is replayed", "PUT", false, 2, false, []failure{{Died, Replay}}},
		{"the second death ends a GET", "GET", false, 2, false, []failure{
			{Died, Replay}, {Died, BadGateway},
		}},
		{"a death that looked like a stale connection counts", "GET", false, 2, false, []failure{
			{Stale, Fresh}, {Died, BadGateway},
		}},
		{"a refused connect after a death still goes elsewhere", "GET", false, 2, false, []failure{
			{Died, Replay}, {Unreached, Elsewhere}, {Died, BadGateway},
		}},
		{"a replay is one of the tries", "GET", false, 1, false, []failure{
			{Unreached, Elsewhere}, {Died, BadGateway},
		}},
		{"a POST whose instance died is 502", "POST", false, 2, false, []failure{{Died, BadGateway}}},
		{"PATCH is not idempotent", "PATCH", false, 2, false, []failure{{Died, BadGateway}}},
		{"an unknown method is not idempotent", "BREW", false, 2, false, []failure{{Died, BadGateway}}},
		{"a cut head is replayed once", "GET", false, 2, false, []failure{
			{CutHead, Replay}, {CutHead, BadGateway},
		}},
		{"garbage is 502 at once", "GET", false, 2, false, []failure{{Garbage, BadGateway}}},
		{"no first byte is 504 at once", "GET", false, 2, false, []failure{{AnswerTimeout, GatewayTimeout}}},
		{"a broken answer is broken off", "GET", false, 2, false, []failure{{Broken, BreakOff}}},
		{"never means never", "GET", true, 2, false, []failure{{Unreached, BadGateway}, {Stale, BadGateway}, {Died, BadGateway}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Attempts{Method: tt.method, Never: tt.never, Tries: tt.tries}
			for i, step := range tt.steps {
				if got := a.Next(step.phase, !tt.begun); got != step.want {
					t.Fatalf("step %d (%v): got %v, want %v", i+1, step.phase, got, step.want)
				}
			}
		})
	}
}

// TestRuleNeverResendsTwice tries every order of three failures for every
// kind of request: what was sent is sent again at most once, and only where
// the method and the body allow it.
func TestRuleNeverResendsTwice(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH", "LOCK"} {
		for _, replayable := range []bool{true, false} {
			for n := range phases * phases * phases {
				a := Attempts{Method: method, Tries: 2}
				resent := 0
				for _, p := range []Phase{n % phases, n / phases % phases, n / phases / phases} {
					action := a.Next(p, replayable)
					if action == Replay || action == Fresh {
						resent++
					} else if action != Elsewhere {
						break
					}
				}
				limit := 1
				if !Idempotent(method) || !replayable {
					limit = 0
				}
				if resent > limit {
					t.Fatalf("%s, replayable %v, order %d: sent again %d times, want at most %d",
						method, replayable, n, resent, limit)
				}
			}
		}
	}
}

func TestANewRoundGivesTriesBackAndNoReplay(t *testing.T) {
	a := Attempts{Method: "GET", Tries: 1}
	for i, step := range []struct {
		phase Phase
		want  Action
	}{{Unreached, Elsewhere}, {ConnectTimeout, GatewayTimeout}, {Died, BadGateway}} {
		if got := a.Next(step.phase, true); got != step.want {
			t.Errorf("step %d: got %v, want %v", i+1, got, step.want)
		}
	}
	a = Attempts{Method: "GET", Tries: 1}
	a.Next(Died, true)
	a.NewRound()
	if got := a.Next(Unreached, true); got != Elsewhere {
		t.Errorf("refused in a new round: got %v, want %v", got, Elsewhere)
	}
	a.NewRound()
	if got := a.Next(Died, true); got != BadGateway {
		t.Errorf("a second death in a new round: got %v, want %v", got, BadGateway)
	}
}
