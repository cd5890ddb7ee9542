package lossless

import (
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

func TestAWatchSeesWhoLeavesTheRotation(t *testing.T) {
	w := &Watch{upstream: "site", up: map[string]time.Time{}}
	for second, states := range [][2]string{{"up", "up"}, {"up", "draining"}, {"down", "stopped"}, {"up", "up"}} {
		w.take(&control.Status{MemoryBytes: int64(second), Upstreams: []control.UpstreamStatus{
			{Name: "other"},
			{Name: "site", Held: second, Instances: []control.InstanceStatus{
				{ID: "app@8020", State: states[0]}, {ID: "app@8021", State: states[1]},
			}},
		}}, at(float64(second)))
	}
	got := w.seen
	if got.Asked != 4 || got.Fewest != 0 || got.Instances != 2 || got.Held != 3 {
		t.Errorf("got %+v, want 4 answers, 0 of 2 in rotation at the least and 3 held", got)
	}
	if got.growth() != 2 {
		t.Errorf("the second half takes %d octets more, want 2", got.growth())
	}
	// One is drained, and last seen up at the beginning; one is down.
	want := Event{At: at(0), Unit: "app@8021.service", What: Drained}
	if len(got.Drained) != 1 || got.Drained[0] != want {
		t.Errorf("got %v, want %v alone", got.Drained, want)
	}
}
