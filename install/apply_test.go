package install

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAnAppliedSpecLeavesNothingToDo(t *testing.T) {
	s := newSim(t)
	d := desire("1", []string{"8020", "8021"}, "8081")
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	s.wantApplied(d)
	before := len(s.calls)
	if _, err := s.apply(desire("1", []string{"8020", "8021"}, "8081")); err != nil {
		t.Fatal(err)
	}
	if got := s.calls[before:]; len(got) != 0 {
		t.Errorf("a second apply called %q, want no call that changes anything", got)
	}
}

// change is one way from a running state to another.
type change struct {
	name     string
	from, to *Desired
	// proxyUp says that the proxy runs when the change is applied.
	proxyUp bool
}

func changes() []change {
	ports := []string{"8020", "8021", "8022"}
	old := desire("1", ports, "8081", "8082")
	socketed := desireSockets("1", "127.0.0.1", "boot", ports, "8081")
	var list []change
	for _, up := range []bool{false, true} {
		list = append(list,
			change{"first apply", nil, old, up},
			change{"new code", old, desire("2", []string{"8020", "8021", "8022"}, "8081", "8082"), up},
			change{"more instances", old, desire("1", []string{"8020", "8021", "8022", "8023"}, "8081", "8082"), up},
			change{"fewer instances", old, desire("1", []string{"8021"}, "8081", "8082"), up},
			change{"a listener more", old, desire("1", []string{"8020", "8021", "8022"}, "8081", "8082", "8083"), up},
			change{"a listener less", old, desire("1", []string{"8020", "8021", "8022"}, "8082"), up},
			change{"all at once", old, desire("3", []string{"8022", "8025"}, "8082", "8084"), up},
			change{"other unit names", old, desireUnit("web", "2", []string{"8020", "8021", "8023"}, "8081", "8082"), up},
			change{"no site", old, desire("1", []string{"8020", "8021", "8022"}), up},
			change{"nothing", old, desire("1", nil), up},
			change{"sockets for addresses", old, socketed, up},
			change{"sockets elsewhere", socketed, desireSockets("1", "127.0.0.2", "boot", ports, "8081"), up},
			change{"new code on sockets", socketed, desireSockets("2", "127.0.0.1", "boot", ports, "8081"), up},
			change{"fewer sockets", socketed, desireSockets("1", "127.0.0.1", "boot", ports[1:], "8081"), up},
			change{"no sockets any more", socketed, old, up},
			change{"no app on sockets", socketed, desire("1", nil), up},
			change{"on demand", nil, desireSockets("1", "127.0.0.1", "on-demand", ports, "8081"), up},
			change{"on demand from now on", old, desireSockets("1", "127.0.0.1", "on-demand", ports, "8081"), up},
		)
	}
	return list
}

// begin brings a sim to where a change starts.
func (c change) begin(t *testing.T) *sim {
	t.Helper()
	s := newSim(t)
	if c.from != nil {
		if _, err := s.apply(c.from); err != nil {
			t.Fatal(err)
		}
	}
	if c.proxyUp && c.from != nil {
		s.start(proxyUnit)
	}
	s.steps, s.calls = 0, nil
	return s
}

func TestEveryChangeArrives(t *testing.T) {
	for _, c := range changes() {
		t.Run(c.name, func(t *testing.T) {
			s := c.begin(t)
			if _, err := s.apply(c.to); err != nil {
				t.Fatal(err)
			}
			s.wantApplied(c.to)
		})
	}
}

// An apply that is killed before any of its steps is completed by the next
// one, with or without a reboot between them; and the reboot comes up with
// every listener that both the old and the new spec have.
func TestAKilledApplyIsCompletedByTheNext(t *testing.T) {
	for _, c := range changes() {
		for _, reboot := range []bool{false, true} {
			name := c.name
			if reboot {
				name += ", reboot"
			}
			t.Run(name, func(t *testing.T) {
				for step := 1; ; step++ {
					s := c.begin(t)
					s.dieAt = step
					dead, err := s.apply(c.to)
					if err != nil {
						t.Fatalf("killed at %q: %v", dead, err)
					}
					if reboot {
						s.reboot()
						s.wantOldListeners(c, dead)
					}
					s.dieAt = 0
					if _, err := s.apply(c.to); err != nil {
						t.Fatalf("killed at %q, then applied again: %v", dead, err)
					}
					s.wantApplied(c.to)
					if t.Failed() {
						t.Fatalf("after a kill at step %d, %q", step, dead)
					}
					if dead == "" {
						return // past the last step
					}
				}
			})
		}
	}
}

func (s *sim) wantOldListeners(c change, dead string) {
	s.t.Helper()
	if c.from == nil {
		return
	}
	for _, l := range c.from.Listeners {
		stays := slices.Contains(c.to.Listeners, l)
		if stays && s.units[l.Unit].Active != "active" {
			s.t.Errorf("killed at %q, rebooted: %s is closed though both specs have it", dead, l.Unit)
		}
	}
}

// A spec that changes again after a killed apply owns what that one left.
func TestAKilledApplyLeavesNothingThatNobodyOwns(t *testing.T) {
	from := desire("1", []string{"8020"}, "8081")
	to := desire("2", []string{"8020", "8021"}, "8081", "8082")
	for step := 1; ; step++ {
		c := change{"", from, to, true}
		s := c.begin(t)
		s.dieAt = step
		dead, _ := s.apply(to)
		s.dieAt = 0
		if _, err := s.apply(from); err != nil {
			t.Fatalf("killed at %q, then applied the old spec: %v", dead, err)
		}
		if dead != "" {
			s.wantApplied(from)
		}
		if _, err := os.Stat(filepath.Join(s.host.Paths.Units, "webstack-8082.socket")); err == nil {
			t.Errorf("killed at %q: webstack-8082.socket is left though no spec wants it", dead)
		}
		if dead == "" {
			return
		}
	}
}

func TestTheFirstErrorStopsAndTheNextApplyGoesOn(t *testing.T) {
	for _, c := range changes() {
		t.Run(c.name, func(t *testing.T) {
			for call := 1; ; call++ {
				s := c.begin(t)
				s.refuse = call
				_, err := s.apply(c.to)
				if err == nil {
					return // fewer calls than that
				}
				if !errors.Is(err, errRefused) {
					t.Fatalf("call %d: got %v, want the refused call's error", call, err)
				}
				refused := s.calls[call-1]
				if after := s.calls[call:]; !onlyCleansUp(refused, after) {
					t.Errorf("after %q failed, apply went on with %q", refused, after)
				}
				s.refuse = 0
				if _, err := s.apply(c.to); err != nil {
					t.Fatalf("again after %q failed: %v", refused, err)
				}
				s.wantApplied(c.to)
			}
		})
	}
}

// onlyCleansUp allows what must follow a failure: an instance goes back into
// rotation, one that was stopped for its socket starts again, and instances that
// start side by side are waited for.
func onlyCleansUp(refused string, after []string) bool {
	for _, call := range after {
		parallel := strings.HasPrefix(refused, "start app@") && strings.HasPrefix(call, "start app@")
		again := strings.Contains(refused, " app@") && strings.HasPrefix(call, "start app@") // what was stopped for its socket
		if !parallel && !again && !strings.HasPrefix(call, "undrain ") {
			return false
		}
	}
	return true
}

func TestOnlyTheDifferenceIsTouched(t *testing.T) {
	for _, c := range []struct {
		why      string
		to       *Desired
		want     []string
		wantNone []string
	}{
		{
			"two ports more start two instances and reload the proxy",
			desire("1", []string{"8020", "8021", "8022", "8023"}, "8081"),
			[]string{"daemon-reload", "start app@8022.service", "start app@8023.service", "reload the proxy"},
			[]string{"restart", "stop"},
		},
		{
			"a listener more restarts the proxy once and no instance",
			desire("1", []string{"8020", "8021"}, "8081", "8082"),
			[]string{"daemon-reload", "restart webstack.service"},
			[]string{"app@", "reload the proxy"},
		},
		{
			"new code restarts the instances one after another, drained",
			desire("2", []string{"8020", "8021"}, "8081"),
			[]string{"drain app@8020", "restart app@8020.service", "undrain app@8020", "drain app@8021", "restart app@8021.service", "undrain app@8021"},
			[]string{"restart webstack.service"},
		},
	} {
		s := change{"", desire("1", []string{"8020", "8021"}, "8081"), c.to, true}.begin(t)
		if _, err := s.apply(c.to); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(s.calls, "; ")
		at := 0
		for _, w := range c.want {
			i := strings.Index(got[at:], w)
			if i < 0 && !strings.HasPrefix(w, "start ") {
				t.Errorf("%s: got %q, want %q in this order", c.why, s.calls, c.want)
				break
			}
			if i >= 0 && !strings.HasPrefix(w, "start ") {
				at += i + len(w)
			}
		}
		for _, w := range c.wantNone {
			if slices.ContainsFunc(s.calls, func(call string) bool { return strings.HasPrefix(call, w) || strings.Contains(call, " "+w) }) {
				t.Errorf("%s: got %q, want no %q", c.why, s.calls, w)
			}
		}
	}
}
