package install

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A spec that breaks its app stops at the first instance, however often it is
// applied: a second apply must not take the broken instance for a running one,
// go on to the next, and call it applied in the end.
func TestABrokenAppStopsEveryApplyAtItsFirstInstance(t *testing.T) {
	for _, how := range []string{crashes, mute} {
		good, broken := desire("1", []string{"8020", "8021"}, "8081"), desire(how, []string{"8020", "8021"}, "8081")
		s := change{"", good, broken, true}.begin(t)
		for i := 1; i <= 3; i++ {
			s.calls = nil
			if _, err := s.apply(broken); err == nil {
				t.Errorf("apply %d of an app that %s: got no error", i, how)
			}
			if slices.ContainsFunc(s.calls, func(call string) bool { return strings.HasSuffix(call, "start app@8021.service") }) {
				t.Errorf("apply %d of an app that %s: got %q, want app@8021 untouched", i, how, s.calls)
			}
		}
		if n, err := CurrentGeneration(s.host.Paths); n != 1 || err != nil {
			t.Errorf("after an app that %s: got generation %d, %v, want 1 current still", how, n, err)
		}
		if _, err := s.apply(good); err != nil {
			t.Errorf("the old spec again, after an app that %s: %v", how, err)
		}
		s.wantApplied(good)
	}
}

func TestANewInstanceThatCrashesIsNeverApplied(t *testing.T) {
	broken := desire(crashes, []string{"8020"}, "8081")
	s := newSim(t)
	for i := 1; i <= 2; i++ {
		if _, err := s.apply(broken); err == nil {
			t.Errorf("apply %d: got no error", i)
		}
	}
	if n, _ := CurrentGeneration(s.host.Paths); n != 0 {
		t.Errorf("got generation %d, want none applied", n)
	}
}

// Once applied, an instance that crashes is something to do for diff and apply.
func TestAnInstanceThatCrashesLaterIsStartedAgain(t *testing.T) {
	d := desire("1", []string{"8020", "8021"}, "8081")
	s := change{"", nil, d, false}.begin(t)
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	u := s.units["app@8020.service"]
	u.Active, u.Sub, u.MainPID, u.Result, u.ExitStatus = "activating", "auto-restart", 0, "exit-code", 3
	_, p := s.plan(d)
	if len(p.Steps) != 1 || p.Steps[0].Kind != StartInstance || p.Steps[0].Reason != "it does not stay up: exit 3" {
		t.Errorf("got %+v, want app@8020 started because it does not stay up", p.Steps)
	}
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	s.wantApplied(d)
}

// A stored config that is not what was stored any more is no generation to
// start a proxy on.
func TestADamagedConfigMakesANewGeneration(t *testing.T) {
	for _, damage := range []func(string) error{
		os.Remove,
		func(path string) error { return os.WriteFile(path, []byte("{"), 0o600) },
	} {
		d := desire("1", []string{"8020"}, "8081")
		s := newSim(t)
		if _, err := s.apply(d); err != nil {
			t.Fatal(err)
		}
		if err := damage(filepath.Join(s.host.Paths.generation(1), "config.json")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.apply(d); err != nil {
			t.Fatal(err)
		}
		s.wantApplied(d)
		if n, _ := CurrentGeneration(s.host.Paths); n != 2 {
			t.Errorf("got generation %d current, want 2", n)
		}
	}
}
