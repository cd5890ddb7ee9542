package rollout

import "testing"

func TestWhoIsWorse(t *testing.T) {
	for _, c := range []struct {
		why                      string
		canaries, others, before Traffic
		worse                    bool
	}{
		{"nobody asks", Traffic{}, Traffic{}, Traffic{}, false},
		{"no errors", Traffic{1000, 0}, Traffic{7000, 0}, Traffic{}, false},
		{"two errors are an accident", Traffic{2, 2}, Traffic{100, 0}, Traffic{}, false},
		{"every request of few fails", Traffic{3, 3}, Traffic{100, 0}, Traffic{}, true},
		{"every request of many fails", Traffic{1000, 1000}, Traffic{7000, 3}, Traffic{}, true},
		{"a share within the tolerance", Traffic{1000, 50}, Traffic{7000, 0}, Traffic{}, false},
		{"a share past it", Traffic{1000, 60}, Traffic{7000, 0}, Traffic{}, true},
		{"the others fail as much", Traffic{1000, 400}, Traffic{7000, 2800}, Traffic{}, false},
		{"the others fail half as much", Traffic{1000, 400}, Traffic{7000, 1000}, Traffic{}, true},
		{"no others, and the app was well before", Traffic{100, 50}, Traffic{}, Traffic{10000, 10}, true},
		{"no others, and the app was as ill before", Traffic{100, 50}, Traffic{}, Traffic{10000, 4000}, false},
		{"the others are hardly asked", Traffic{100, 50}, Traffic{5, 5}, Traffic{10000, 10}, true},
	} {
		if got := Worse(c.canaries, c.others, c.before); got != c.worse {
			t.Errorf("%s: got %v, want %v", c.why, got, c.worse)
		}
	}
}

func TestACountThatWentBackWasBegunAnew(t *testing.T) {
	for _, c := range []struct {
		why          string
		now, earlier Traffic
		want         Traffic
	}{
		{"it went on", Traffic{10, 3}, Traffic{4, 1}, Traffic{6, 2}},
		{"a new proxy counts from nothing", Traffic{5, 1}, Traffic{400, 1}, Traffic{5, 1}},
	} {
		if got := c.now.Since(c.earlier); got != c.want {
			t.Errorf("%s: got %v, want %v", c.why, got, c.want)
		}
	}
	if got := (Traffic{1, 2}).Add(Traffic{3, 4}); got != (Traffic{4, 6}) {
		t.Errorf("got sum %v", got)
	}
}
