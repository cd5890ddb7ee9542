package main

import (
	"slices"
	"testing"

	"github.com/webstack/webstack/integration/bench/process"
)

func TestARowIsHeldWhenItsIntervalReachesTheBar(t *testing.T) {
	tests := []struct {
		name         string
		mine, theirs []float64
		atMost       float64
		want         verdict
	}{
		{"all rounds below", []float64{7, 7.2, 7.4}, []float64{10, 10, 10}, 0.8, held},
		{"the median at the bar", []float64{7, 8, 9}, []float64{10, 10, 10}, 0.8, held},
		{"one round only", []float64{8, 8.1, 8.2}, []float64{10, 10, 10}, 0.8, heldByInterval},
		{"no round", []float64{8.1, 8.2, 8.3}, []float64{10, 10, 10}, 0.8, notHeld},
		// The second round is slow for both: round by round it is no worse.
		{"rounds are compared with their own", []float64{7, 14, 7}, []float64{10, 20, 10}, 0.71, held},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := judge(ratioOf("x", test.mine, test.theirs), test.atMost); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheBarSpeaksOfCasesAndContendersThatExist(t *testing.T) {
	for _, row := range bar {
		if _, err := selectCases(row.cases); err != nil {
			t.Error(err)
		}
		if _, err := selectContenders(row.against); err != nil {
			t.Error(err)
		}
		for _, name := range row.cases {
			c, _ := selectCases([]string{name})
			some, _ := selectContenders(row.against)
			for _, x := range some {
				if !c[0].ranBy(x) {
					t.Errorf("the bar compares %s with %s, which takes no part in it", name, x.name)
				}
			}
		}
	}
}

func TestOfSeveralTheBetterIsTheMeasure(t *testing.T) {
	r := sample()
	got, measured := r.better("100k", []string{nginx, haproxy})
	if !measured || got.Against != haproxy {
		t.Errorf("got %+v, %v, want the ratio against haproxy, which is cheaper", got, measured)
	}
	if _, measured := r.better("100k", []string{nginx, "somebody"}); measured {
		t.Error("got a ratio, though one of the two took no part")
	}
}

func TestWhatWasMeasuredIsJudgedAndNothingElse(t *testing.T) {
	r := sample()
	var got []string
	for _, row := range r.judgeAll() {
		got = append(got, row.Case+" "+row.Against+" "+string(row.Verdict))
	}
	want := []string{
		"small64 nginx held", "small64 haproxy held", "100k haproxy not held",
		"idle  held", "idle nginx held",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// sample is a small result with made-up figures.
func sample() *result {
	r := &result{
		Rounds: 3, Seconds: 1, Log: true, Date: "2006-01-02T15:04:05Z",
		Machine: machine{CPU: "a <fast> one", Cores: 2, Kernel: "6.1"},
		Contenders: []contenderResult{
			{Name: webstack, Title: "webstack", Version: "1", Log: "combined"},
			{Name: nginx, Title: "nginx, tuned", Version: "1.22.1", Log: "combined"},
			{Name: haproxy, Title: "HAProxy", Version: "2.6", Log: "httplog"},
			{Name: caddy, Title: "Caddy", Missing: "there is none\nat all"},
		},
		Costs: []costResult{
			{Case: "small64", Title: "small answer", Connections: 64, Of: []cost{
				{webstack, []float64{11, 12, 11}, []float64{9e4, 8e4, 9e4}},
				{nginx, []float64{15, 16, 15}, []float64{6e4, 6e4, 6e4}},
				{haproxy, []float64{15, 15, 15}, []float64{6e4, 6e4, 6e4}},
			}},
			{Case: "100k", Title: "100 KB answer", Connections: 64, Of: []cost{
				{webstack, []float64{31, 32, 31}, []float64{2e4, 2e4, 2e4}},
				{nginx, []float64{39, 38, 38}, []float64{2e4, 2e4, 2e4}},
				{haproxy, []float64{36, 36, 36}, []float64{2e4, 2e4, 2e4}},
			}},
		},
		Idle: []idleResult{
			{webstack, 1000, []process.Memory{{PSS: 4 << 20}}, []process.Memory{{PSS: 4<<20 + 300<<10}}},
			{nginx, 1000, []process.Memory{{PSS: 5 << 20}}, []process.Memory{{PSS: 5<<20 + 300<<10}}},
		},
	}
	for i := range r.Costs {
		r.Costs[i].compare()
	}
	r.Bar = r.judgeAll()
	return r
}
