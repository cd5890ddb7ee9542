package control

import "testing"

func TestAnInstanceInSeveralUpstreamsIsOne(t *testing.T) {
	in := func(state string, requests uint64) UpstreamStatus {
		return UpstreamStatus{Instances: []InstanceStatus{
			{ID: "app@1", State: state, InFlight: 1, Requests: requests, Failed: 2, LastError: "said while " + state},
			{ID: "app@2", State: "down", Requests: 100},
		}}
	}
	for _, c := range []struct {
		why    string
		states []string
		want   string
	}{
		{"all upstreams use it", []string{"up", "up"}, "up"},
		{"one of them has put it out", []string{"up", "down"}, "down"},
		{"it is being drained", []string{"down", "draining"}, "draining"},
		{"one upstream is gone", []string{"removed", "up"}, "up"},
		{"all upstreams are gone", []string{"removed", "removed"}, "removed"},
	} {
		s := &Status{Upstreams: []UpstreamStatus{in(c.states[0], 10), in(c.states[1], 20)}}
		got, known := s.Instance("app@1")
		if !known || got.State != c.want || got.LastError != "said while "+c.want {
			t.Errorf("%s: got %+v, %v, want state %q with its error", c.why, got, known, c.want)
		}
		if got.InFlight != 2 || got.Requests != 30 || got.Failed != 4 {
			t.Errorf("%s: got %+v, want the traffic of both", c.why, got)
		}
	}
	if got, known := (&Status{}).Instance("app@1"); known {
		t.Errorf("an instance that no upstream has: got %+v", got)
	}
	if got, known := (*Status)(nil).Instance("app@1"); known {
		t.Errorf("no proxy: got %+v", got)
	}
}
