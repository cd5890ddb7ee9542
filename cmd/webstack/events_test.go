package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// happened is an event of that kind a moment ago.
func happened(kind string, change func(*control.Event)) control.Event {
	e := control.NewEvent(time.Now(), kind)
	change(&e)
	return e
}

func everything(control.Event) bool { return true }

func TestAnEventIsALineForPeople(t *testing.T) {
	c, stdout, _ := screen()
	v := &viewer{out: c, show: everything, known: map[[2]string]string{}}
	for _, tt := range []struct {
		event control.Event
		want  string
	}{
		{happened(control.EventInstance, func(e *control.Event) { e.Instance, e.State, e.Now = "app@8020", "up", true }), "app@8020         up\n"},
		{happened(control.EventInstance, func(e *control.Event) {
			e.Instance, e.From, e.State, e.Reason = "app@8020", "up", "down", "exit 1"
		}), "app@8020         up → down: exit 1\n"},
		{happened(control.EventInstance, func(e *control.Event) {
			e.Instance, e.From, e.State, e.Probe = "app@8020", "draining", "draining", "down"
		}), "app@8020         draining, its checks say down\n"},
		{happened(control.EventWanted, func(e *control.Event) { e.Upstream = "shop" }), "shop             is wanted: requests wait for it\n"},
		{happened(control.EventPause, func(e *control.Event) { e.Upstream, e.State, e.Reason = "shop", "off", "its lease is over" }), "shop             resumed: its lease is over\n"},
		{happened(control.EventMaintenance, func(e *control.Event) { e.Site, e.State = "front", "on" }), "front            maintenance on\n"},
		{happened(control.EventReload, func(e *control.Event) { e.Generation = 8 }), "proxy            serves generation 8\n"},
		{happened(control.EventReload, func(e *control.Event) { e.Generation, e.Reason = 8, "no upstream \"x\"" }), "proxy            stays with generation 8: no upstream \"x\"\n"},
		{happened(control.EventStop, func(*control.Event) {}), "proxy            stops\n"},
		{happened("later", func(e *control.Event) { e.Upstream = "shop" }), "shop             later\n"},
	} {
		stdout.Reset()
		if err := v.print(tt.event); err != nil || !strings.HasSuffix(stdout.String(), "  "+tt.want) {
			t.Errorf("got %q, %v; want a time and %q", stdout, err, tt.want)
		}
	}
}

func TestAnEventDoesNotSteerTheTerminal(t *testing.T) {
	c, stdout, _ := screen()
	v := &viewer{out: c, show: everything, known: map[[2]string]string{}}
	e := happened(control.EventInstance, func(e *control.Event) { e.Instance, e.State, e.Reason = "a", "down", "\x1b]0;owned\a\n" })
	if err := v.print(e); err != nil || strings.ContainsAny(stdout.String(), "\x1b\a") || strings.Count(stdout.String(), "\n") != 1 {
		t.Errorf("got %q, %v; want one harmless line", stdout, err)
	}
}

// A proxy that comes back tells how everything is: only what has changed
// meanwhile is news.
func TestAProxyThatComesBackIsNoNews(t *testing.T) {
	c, stdout, _ := screen()
	c.json = true
	v := &viewer{out: c, show: everything, known: map[[2]string]string{}}
	for _, state := range []string{"up", "up", "down", "down", "up"} {
		e := happened(control.EventInstance, func(e *control.Event) { e.Upstream, e.Instance, e.State, e.Now = "app", "a", state, true })
		if err := v.print(e); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for line := range strings.Lines(stdout.String()) {
		var e control.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Version != control.Version {
			t.Fatalf("got %q, %v; want an event a line", line, err)
		}
		got = append(got, e.State)
	}
	if want := "up down up"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
}

func TestEventsOfATargetAreItsOwn(t *testing.T) {
	g := generation()
	whole, err := findTarget(g, "analysisweb")
	if err != nil {
		t.Fatal(err)
	}
	one, err := findTarget(g, "analysisweb@8021")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name       string
		event      control.Event
		whole, one bool
	}{
		{"its instance", control.Event{App: "analysisweb", Instance: "app@8021"}, true, true},
		{"another one of its app", control.Event{App: "analysisweb", Instance: "app@8022"}, true, false},
		{"the app itself", control.Event{App: "analysisweb"}, true, false},
		{"another app", control.Event{App: "app", Instance: "other@1"}, false, false},
		{"the proxy", control.Event{Kind: control.EventReload}, false, false},
	} {
		if got := isOf(tt.event, whole); got != tt.whole {
			t.Errorf("%s: got %v for the app, want %v", tt.name, got, tt.whole)
		}
		if got := isOf(tt.event, one); got != tt.one {
			t.Errorf("%s: got %v for the instance, want %v", tt.name, got, tt.one)
		}
	}
}
