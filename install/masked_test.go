package install

import (
	"slices"
	"strings"
	"testing"
)

// A masked instance cannot be restarted: it goes on as it is, and the rest of
// the apply does not wait for it.
func TestAMaskedInstanceThatRunsHoldsUpNobody(t *testing.T) {
	ports := []string{"8020", "8021", "8022"}
	old, wanted := desire("1", ports, "8081"), desire("2", ports, "8081")
	s := change{"", old, wanted, true}.begin(t)
	s.unit("app@8021.service").Load = "masked"
	s.calls = nil
	_, p := s.plan(wanted)
	if _, err := s.apply(wanted); err != nil {
		t.Fatal(err)
	}
	note := "app@8021.service is masked and goes on with its old unit"
	if !slices.Contains(p.Notes, note) {
		t.Errorf("got notes %q, want %q", p.Notes, note)
	}
	if touched := func(id string) bool {
		return slices.ContainsFunc(s.calls, func(call string) bool { return strings.Contains(call, "start "+id) })
	}; touched("app@8021") || !touched("app@8022") {
		t.Errorf("got %q, want app@8022 restarted and app@8021 not", s.calls)
	}
	if _, p = s.plan(wanted); !p.Empty() {
		t.Errorf("applied: got %v, want nothing left to do", p.Steps)
	}
}

// systemd goes on telling what it once read of a unit's links.
func TestAChangeOfWhatStartsAtBootIsSeen(t *testing.T) {
	d := desire("1", []string{"8020"}, "8081")
	s := newSim(t)
	if _, err := s.apply(d); err != nil {
		t.Fatal(err)
	}
	delete(s.enabled, "app.target")
	s.reloadUnits()
	if _, err := s.apply(d); err != nil || !s.enabled["app.target"] {
		t.Fatalf("got %v, want app.target enabled", err)
	}
	if _, p := s.plan(d); !p.Empty() {
		t.Errorf("applied: got %v, want nothing left to do", p.Steps)
	}
}
