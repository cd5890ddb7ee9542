package lossless

import (
	"testing"
	"time"
)

// at is a moment of the tests' day.
func at(seconds float64) time.Time {
	return time.Unix(1_700_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

func TestAMissIsLostUnlessAnEventExplainsIt(t *testing.T) {
	terms := Terms{Unit: "app", Drain: 2 * time.Second, Grace: time.Second, Hang: 3 * time.Second}
	get := func(how string, begun bool, from, until float64) Miss {
		return Miss{Kind: GetNew, How: how, Begun: begun, From: at(from), Until: at(until)}
	}
	stream := func(from, until float64) Miss {
		return Miss{Kind: Stream, How: "eof", Instance: "8023", Begun: true, From: at(from), Until: at(until)}
	}
	post := func(how string, from, until float64) Miss {
		return Miss{Kind: PostKept, How: how, From: at(from), Until: at(until)}
	}
	instance, other := "app@8023.service", "app@8024.service"
	tests := []struct {
		name string
		miss Miss
		what What
		unit string // to which What happened at 10 s
		want Verdict
	}{
		{"nothing happened", get("refused", false, 30, 30), Killed, instance, Lost},
		{"a refused GET as the proxy stops", get("refused", false, 9, 10), Stopping, ProxyUnit, Lost},
		{"a GET that its instance's drain cut", get("reset", true, 9, 12.5), Stopping, instance, Lost},

		{"a stream that its instance's drain ended too early", stream(5, 11.5), Stopping, instance, Lost},
		{"a stream that lasted until the drain's deadline", stream(5, 12), Stopping, instance, Ended},
		{"a stream that lasted from when the proxy drained it", stream(5, 12), Drained, instance, Ended},
		{"a stream of another instance", stream(5, 12), Stopping, other, Lost},
		{"a stream that was opened after", stream(10.5, 12.5), Stopping, instance, Lost},
		{"a stream that lasted for the proxy's grace", stream(5, 11), Stopping, ProxyUnit, Ended},
		{"a stream that the proxy cut too early", stream(5, 10.5), Stopping, ProxyUnit, Lost},
		{"a stream that was never open", Miss{Kind: Stream, How: "status 502", From: at(5), Until: at(13)}, Stopping, instance, Lost},

		{"a stream of a killed instance", stream(5, 10.01), Killed, instance, Held},
		{"a stream of another than the killed", stream(5, 10.01), Killed, other, Lost},
		{"a GET whose answer had not begun", get("status 502", true, 9.9, 10.1), Killed, instance, Lost},
		{"a GET whose answer had begun", get("eof", true, 9.9, 10.1), Killed, instance, Held},
		{"a GET that ended without a byte", get("eof", false, 9.9, 10.1), Killed, instance, Lost},
		{"a POST with a clean 502", post("status 502", 9.9, 10.1), Killed, instance, Held},
		{"a POST that was cut", post("reset", 9.9, 10.1), Killed, instance, Lost},
		{"a POST long after", post("status 502", 9.9, 12), Killed, instance, Lost},

		{"what a killed proxy had", get("reset", false, 9.9, 10.01), Killed, ProxyUnit, Held},
		{"what came after it was killed", get("reset", false, 10.5, 10.6), Killed, ProxyUnit, Lost},
		{"a timeout as the proxy is killed", get("timeout", false, 9, 10.1), Killed, ProxyUnit, Lost},

		{"what waits for a hung instance", get("status 504", true, 11, 16), Hung, instance, Held},
		{"what was sent there later", get("status 504", true, 13.5, 18), Hung, instance, Lost},
	}
	for _, test := range tests {
		h := History{{At: at(10), Unit: test.unit, What: test.what}}
		if got := terms.Judge(test.miss, h); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestNotesTellWhatRanTwiceAndNever(t *testing.T) {
	got := NewAudit("a\nb\nc\nb\nunanswered\n", map[string]bool{"a": true, "b": true, "never": true})
	if want := (Audit{Ran: 4, Twice: 1, Never: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAJournalBecomesAHistory(t *testing.T) {
	got, err := ParseJournal([]byte(`{"MESSAGE_ID":"de5b426a63be47a7b6ac3eaac82e2f6f","UNIT":"app@8023.service","__REALTIME_TIMESTAMP":"1700000000000009","_SOURCE_REALTIME_TIMESTAMP":"1700000000000001"}
{"MESSAGE_ID":"98e322203f7a4ed290d09fe03c09fe15","UNIT":"app@8023.service","COMMAND":"ExecStart","__REALTIME_TIMESTAMP":"1700000000000002"}
{"MESSAGE_ID":"98e322203f7a4ed290d09fe03c09fe15","UNIT":"app@8023.service","COMMAND":"ExecStop","__REALTIME_TIMESTAMP":"1700000000000003"}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := History{
		{time.UnixMicro(1700000000000001), "app@8023.service", Stopping},
		{time.UnixMicro(1700000000000002), "app@8023.service", Killed},
	}
	if len(got) != len(want) {
		t.Fatalf("got %d events %v, want %d", len(got), got, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("event %d: got %v, want %v", i, got[i], want[i])
		}
	}
	for _, bad := range []string{"{", `{"MESSAGE_ID":"other"}`, `{"MESSAGE_ID":"de5b426a63be47a7b6ac3eaac82e2f6f"}`} {
		if _, err := ParseJournal([]byte(bad)); err == nil {
			t.Errorf("%s: got no error", bad)
		}
	}
}
