package balance

import (
	"testing"
	"time"
)

func TestRiseAndFall(t *testing.T) {
	tests := []struct {
		name       string
		rise, fall int
		// checks are their results: + and -; want is what is said after each:
		// ?, + or -.
		checks, want string
	}{
		{"one is enough", 1, 1, "+-+", "+-+"},
		{"two failures in a row", 1, 2, "-+--+", "?++-+"},
		{"two successes in a row", 2, 1, "+-+-++", "?----+"},
		{"what is well stays so", 2, 3, "++-+--+", "?++++++"},
		{"what is bad stays so", 3, 2, "--+-++-", "?------"},
		{"nothing is known before as many have ended", 3, 3, "++--++", "??????"},
		{"0 is 1", 0, 0, "+-", "+-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p probe
			got := ""
			for i, c := range tt.checks {
				p.observe(start.Add(time.Duration(i)), c == '+', "why", tt.rise, tt.fall)
				got += string("?+-"[p.state])
			}
			if got != tt.want {
				t.Errorf("%s is seen as %s, want %s", tt.checks, got, tt.want)
			}
		})
	}
}

func TestAProbeKnowsSinceWhenAndWhy(t *testing.T) {
	g := NewGroup(Settings{Active: Active{Rise: 1, Fall: 2}}, members(2), nil)
	g.Probed(start, "a", false, "connection refused")
	g.Probed(start.Add(1), "a", false, "status 500")
	g.Probed(start.Add(2), "a", false, "status 503")
	in := member(t, g, "a")
	if v := g.view(start, in); v.State != Down || v.Probe != ProbeDown || v.Reason != "status 503" || !v.Since.Equal(start.Add(1)) {
		t.Errorf("got %+v, want it down since the second for the last reason", v)
	}
	g.Probed(start.Add(3), "a", true, "")
	if v := g.view(start, in); v.State != Up || v.Probe != ProbeUp || v.Reason != "" || !v.Since.Equal(start.Add(3)) {
		t.Errorf("got %+v, want it up since the fourth", v)
	}
}
