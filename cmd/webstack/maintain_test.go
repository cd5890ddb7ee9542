package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/webstack/webstack/proxy/control"
)

func TestWhatAVerbIsToldWrongIsSaidInWords(t *testing.T) {
	long := filepath.Join(t.TempDir(), "long.html")
	if err := os.WriteFile(long, make([]byte, maxPage+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, want string }{
		{"maintain", "maintain needs a site, and on or off"},
		{"maintain shop", "maintain needs a site, and on or off"},
		{"maintain shop on off", `maintain does not take "off"`},
		{"maintain shop maybe", `"maybe" is neither on nor off`},
		{"maintain shop off --page x", "--page is for switching it on"},
		{"maintain shop on --page " + long, "is longer than 64 KB"},
		{"maintain shop on --allow example.com", `--allow has "example.com", which is no address and no prefix`},
		{"maintain shop on --retry-after 1500ms", "--retry-after is 1.5s, and not some whole seconds"},
		{"drain shop --for 0s", "--for is 0s, and would be over at once"},
		{"pause shop --for -1m", "--for is -1m0s, and would be over at once"},
		{"drain", "drain needs the name of an app or an instance"},
	} {
		_, stderr, code := try(strings.Fields(c.line)...)
		if line, _, _ := strings.Cut(stderr, "\n"); !strings.Contains(line, c.want) || code != exitUsage {
			t.Errorf("webstack %s: got %q and exit %d, want %q and %d", c.line, line, code, c.want, exitUsage)
		}
	}
}

func TestASingleAddressIsAPrefix(t *testing.T) {
	got, err := prefixes([]string{"192.0.2.7", "192.0.2.7/24", "2001:db8::1", "::/0"})
	if want := "192.0.2.7/32 192.0.2.0/24 2001:db8::1/128 ::/0"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}

func TestWhatCameOfADrainIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name, what string
		now        control.InstanceStatus
		want       string
	}{
		{"as it was asked", "draining", control.InstanceStatus{State: "draining", DrainedBy: "webstack drain", InFlight: 3}, "draining, 3 in flight"},
		{"back", "up", control.InstanceStatus{State: "up"}, "up"},
		{"its unit is stopped", "up", control.InstanceStatus{State: "stopped", Reason: "by hand"}, "stopped: by hand"},
		{"somebody else drains it", "up", control.InstanceStatus{State: "draining", DrainedBy: "webstack restart"}, "draining by webstack restart"},
	} {
		if got := rotationLine(tt.what, tt.now); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTheScreenSaysWhoIsOutAndWhoWaits(t *testing.T) {
	proxy := &control.Status{Upstreams: []control.UpstreamStatus{{
		Name: "shop", Paused: true, Held: 2,
		Instances: []control.InstanceStatus{{ID: "shop@1", State: "draining", DrainedBy: "webstack restart", Since: "2026-01-02T03:04:05Z"}},
	}}}
	s := instanceState{ID: "shop@1", State: "up"}
	asProxySees(&s, proxy.Upstreams[0].Instances[0])
	app := appState{Name: "shop", Instances: []instanceState{s}}
	describeTraffic(&app, proxy)
	c, stdout, _ := screen()
	c.status(&statusDocument{
		Apps:  []appState{app},
		Sites: []siteState{{Name: "front", Maintenance: true}},
	}, false, s.Since.Add(4_000_000_000))
	for _, want := range []string{"paused, 2 requests held\n", "draining   for 4 s", "by webstack restart\n", "in maintenance: 503\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("got\n%s\nwant %q in it", stdout, want)
		}
	}
}

func TestTheBootHasOneName(t *testing.T) {
	kernel := bootID(func(string) string { return "" })
	if len(kernel) != 32 || strings.Contains(kernel, "-") {
		t.Errorf("got %q, want 32 digits", kernel)
	}
	given := func(string) string { return "0123-4567\n" }
	if got := bootID(given); got != "01234567" {
		t.Errorf("got %q, want what the unit says", got)
	}
}
