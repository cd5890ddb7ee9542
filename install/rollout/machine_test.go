package rollout

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// story drives a machine by what it is told and keeps what it asks for.
type story struct {
	t *testing.T
	m *Machine
	// open are actions that have not ended.
	open []Action
	said []string
}

func begin(t *testing.T, instances int, set Settings) *story {
	t.Helper()
	s := &story{t: t, m: New(instances, set)}
	s.take(Event{Kind: Begun})
	return s
}

func (s *story) take(e Event) {
	for _, a := range s.m.Step(e) {
		s.open = append(s.open, a)
		s.said = append(s.said, fmt.Sprint(a.Verb, " ", a.Instance))
	}
}

// ends tells how the action "drain 0" ended.
func (s *story) ends(what string, how Kind) {
	s.t.Helper()
	i := slices.IndexFunc(s.open, func(a Action) bool { return fmt.Sprint(a.Verb, " ", a.Instance) == what })
	if i < 0 {
		s.t.Fatalf("%q does not go on: %v", what, s.open)
	}
	a := s.open[i]
	s.open = slices.Delete(s.open, i, i+1)
	s.take(Event{Kind: how, Action: a})
}

// rest lets everything succeed until the roll is over.
func (s *story) rest() {
	s.t.Helper()
	for len(s.open) > 0 {
		a := s.open[0]
		s.open = s.open[1:]
		s.take(Event{Kind: Succeeded, Action: a})
	}
}

// wants checks what was asked for since the last time.
func (s *story) wants(why, what string, end Outcome) {
	s.t.Helper()
	if got := strings.Join(s.said, ", "); got != what {
		s.t.Errorf("%s:\n got %s\nwant %s", why, got, what)
	}
	s.said = nil
	if got := s.m.Outcome(); len(s.open) == 0 && got != end {
		s.t.Errorf("%s: it ended as %d, want %d", why, got, end)
	}
}

// turn is what an instance's whole turn asks for.
func turnOf(i int) string {
	return fmt.Sprintf("drain %d, change %d, await %d, return %d", i, i, i, i)
}

func TestOneAfterAnother(t *testing.T) {
	s := begin(t, 3, Settings{})
	s.rest()
	s.wants("nothing fails", turnOf(0)+", "+turnOf(1)+", "+turnOf(2), Completed)
}

func TestSeveralAtATime(t *testing.T) {
	s := begin(t, 3, Settings{MaxUnavailable: 2})
	s.wants("two may be out", "drain 0, drain 1", Unfinished)
	s.ends("drain 1", Succeeded)
	s.ends("change 1", Succeeded)
	s.ends("await 1", Succeeded)
	s.wants("one is ahead", "change 1, await 1, return 1", Unfinished)
	s.ends("return 1", Succeeded)
	s.wants("its place is taken when it is back", "drain 2", Unfinished)
	s.rest()
	if s.m.Outcome() != Completed {
		t.Errorf("got outcome %d, want it completed", s.m.Outcome())
	}
}

func TestTheFirstFailureStops(t *testing.T) {
	for _, at := range []string{"drain 1", "change 1", "await 1", "return 1"} {
		s := begin(t, 3, Settings{})
		for _, a := range strings.Split(turnOf(0), ", ") {
			s.ends(a, Succeeded)
		}
		for _, a := range strings.Split(turnOf(1), ", ") {
			if a == at {
				break
			}
			s.ends(a, Succeeded)
		}
		s.said = nil
		s.ends(at, Failed)
		want := "return 1"
		if at == want {
			want = ""
		}
		s.rest()
		s.wants(at+" fails: the instance goes back, and no other is begun", want, Halted)
	}
}

func TestWhoIsBeingDrainedWhenAnotherFailsGoesBackUnchanged(t *testing.T) {
	s := begin(t, 4, Settings{MaxUnavailable: 3})
	s.ends("drain 0", Succeeded)
	s.ends("drain 1", Succeeded)
	s.said = nil
	s.ends("change 0", Failed)
	s.ends("drain 2", Succeeded)
	s.ends("change 1", Succeeded)
	s.rest()
	s.wants("0 fails while 1 is changed and 2 drained", "return 0, return 2, await 1, return 1", Halted)
}

func TestAnInterruptionFinishesWhatIsInHand(t *testing.T) {
	s := begin(t, 3, Settings{})
	s.take(Event{Kind: Interrupted})
	s.rest()
	s.wants("interrupted while 0 is drained", turnOf(0), Unfinished)
}

func TestAnOrdererWhoInsistsGetsEverythingBack(t *testing.T) {
	s := begin(t, 3, Settings{})
	s.ends("drain 0", Succeeded)
	s.said = nil
	s.ends("change 0", Abandoned)
	s.rest()
	s.wants("given up while 0 is changed", "return 0", Unfinished)
}

func TestAnInstanceThatIsLostStopsTheRoll(t *testing.T) {
	s := begin(t, 3, Settings{})
	for _, a := range strings.Split(turnOf(0), ", ") {
		s.ends(a, Succeeded)
	}
	s.said = nil
	s.take(Event{Kind: Lost, Action: Action{Instance: 0}})
	s.rest()
	s.wants("0 is lost while 1 is drained: 1 goes back unchanged", "return 1", Halted)
}

func TestCanariesAreWatchedBeforeTheRest(t *testing.T) {
	s := begin(t, 3, Settings{Canaries: 1, MaxUnavailable: 2})
	for _, a := range strings.Split(turnOf(0), ", ") {
		s.ends(a, Succeeded)
	}
	s.wants("one canary, though two may be out", turnOf(0)+", watch 0", Unfinished)
	s.ends("watch 0", Succeeded)
	s.wants("then the others", "drain 1, drain 2", Unfinished)
	s.rest()
	if s.m.Outcome() != Completed {
		t.Errorf("got outcome %d, want it completed", s.m.Outcome())
	}
}

func TestWhoIsNotWellGoesBackFirst(t *testing.T) {
	s := begin(t, 4, Settings{MaxUnavailable: 3})
	for _, a := range []string{"drain 0", "drain 1", "drain 2", "change 0", "await 0", "return 0", "change 1"} {
		s.ends(a, Succeeded)
	}
	s.ends("await 1", Failed)
	s.rest()
	if got := s.m.BackOrder(); !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("0 and 2 are well, 1 failed, 3 went back unchanged: got %v, want 1, 2, 0", got)
	}
}

func TestAnInterruptedWatchIsNoVerdict(t *testing.T) {
	s := begin(t, 1, Settings{Canaries: 1})
	for _, a := range strings.Split(turnOf(0), ", ") {
		s.ends(a, Succeeded)
	}
	s.said = nil
	s.ends("watch 0", Abandoned)
	s.wants("the only instance is its canary", "", Unfinished)
}
