package keeper

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// scene is a Keeper with a clock that moves by hand.
type scene struct {
	t    *testing.T
	k    *Keeper
	now  time.Time
	next time.Time
}

var noon = time.Unix(1_700_000_000, 0)

// newScene begins with the bus there and the proxy listening.
func newScene(t *testing.T, apps ...App) *scene {
	t.Helper()
	s := &scene{t: t, k: New(), now: noon}
	s.k.Generation(s.now, apps)
	s.k.ProxyReached()
	return s
}

// running tells that every instance is up, and has the proxy told.
func (s *scene) running(ids ...string) *scene {
	s.t.Helper()
	for i, id := range ids {
		s.unit(id, "active running", 100+i)
	}
	s.k.Whole(s.now)
	s.acts()
	return s.reported()
}

func (s *scene) after(d time.Duration) *scene {
	s.now = s.now.Add(d)
	return s
}

// unit tells a state as systemctl writes it: "activating start-post".
func (s *scene) unit(id, words string, pid int) *scene {
	active, sub, _ := strings.Cut(words, " ")
	s.k.Unit(s.now, id, Unit{Active: active, Sub: sub, Result: "success", MainPID: pid})
	return s
}

func (s *scene) failing(ids ...string) *scene {
	for _, id := range ids {
		s.k.Health(s.now, id, true)
	}
	return s
}

func (s *scene) passing(ids ...string) *scene {
	for _, id := range ids {
		s.k.Health(s.now, id, false)
	}
	return s
}

func (s *scene) reported() *scene {
	s.k.Reported(s.now, true)
	return s
}

func (s *scene) ended(v Verb, ids ...string) *scene {
	for _, id := range ids {
		s.k.Ended(s.now, Job{Verb: v, ID: id}, true)
	}
	return s
}

func (s *scene) refused(v Verb, id string) *scene {
	s.k.Ended(s.now, Job{Verb: v, ID: id}, false)
	return s
}

// acts decides and writes each action in a few words.
func (s *scene) acts() []string {
	actions, next := s.k.Decide(s.now)
	s.next = next
	var list []string
	for _, a := range actions {
		switch {
		case a.Job != nil:
			list = append(list, fmt.Sprintf("%s %s", a.Job.Verb, a.Job.ID))
		case a.Change != nil:
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s: %s was %s, is %s %s", a.Change.App, a.Change.ID, a.Change.From, a.Change.State, a.Change.Reason)))
		case a.Look:
			list = append(list, "look")
		case a.Warn != "":
			list = append(list, "warn: "+a.Warn)
		}
		for _, r := range a.Reports {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s is %s %s", r.ID, r.State, r.Reason)))
		}
	}
	return list
}

// want says what is to be done now, and nothing else.
func (s *scene) want(want ...string) *scene {
	s.t.Helper()
	if got := s.acts(); !slices.Equal(got, want) {
		s.t.Errorf("got %q, want %q", got, want)
	}
	return s
}

// wantNext says when the keeper wants to be asked again.
func (s *scene) wantNext(d time.Duration) *scene {
	s.t.Helper()
	if got := s.next.Sub(s.now); s.next.IsZero() || got != d {
		s.t.Errorf("it wants to be asked again in %v (%v), want %v", got, s.next, d)
	}
	return s
}
