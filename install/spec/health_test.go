package spec_test

import (
	"slices"
	"testing"
	"time"

	"github.com/webstack/webstack/install/spec"
)

func TestHealthAndStart(t *testing.T) {
	s := parse(t, `on_change = ["/usr/bin/notify --all", { url = "https://example.com/hook", timeout = "3s", min_interval = "1m" }]

[app.short]
command    = "/bin/x --bind {socket}"
instances  = 2
address    = "unix"
user       = "u"
env        = { SOCKET = "{socket}" }
health     = "/healthz?deep=1"
start      = "on-demand"
idle_stop  = "10m"
bind       = "systemd"
hold       = "20s"
slow_start = "5s"
deploy     = { before = "/bin/migrate {port}", canary = 2, watch = "0s", keep = 3 }

[app.long]
command = "/bin/x"
ports   = 8020
user    = "u"
[app.long.health]
path     = "/x"
interval = "1s"
timeout  = "500ms"
rise     = 2
fall     = 3
status   = [204, "300-399"]
host     = "example.com:80"
body     = "fine"
watchdog = { after = "1m", limit = 3 }

[app.none]
command = "/bin/x"
ports   = 8021
user    = "u"
health  = "off"

[upstream.u]
servers = "h:80"
health  = "/u"
`)
	short := defaultApp()
	short.Name, short.Unit, short.User, short.Count, short.Address = "short", "short", "u", 2, "unix"
	short.Command = []string{"/bin/x", "--bind", "{socket}"}
	short.Env = []spec.EnvVar{{Name: "SOCKET", Value: "{socket}"}}
	short.Start, short.IdleStop, short.Bind = "on-demand", 10*time.Minute, "systemd"
	short.Balance.Hold, short.Balance.SlowStart = 20*time.Second, 5*time.Second
	short.Balance.Health = &spec.Health{
		Path: "/healthz?deep=1", Interval: 5 * time.Second, Timeout: 2 * time.Second, Rise: 1, Fall: 2,
		Status: []spec.StatusRange{{From: 200, To: 399}},
	}
	short.Deploy = spec.Deploy{Before: []string{"/bin/migrate", "{port}"}, Canary: 2, Keep: 3}

	long := defaultApp()
	long.Name, long.Unit, long.User, long.Command = "long", "long", "u", []string{"/bin/x"}
	long.Ports, long.Address = []int{8020}, "127.0.0.1:{port}"
	long.Balance.Health = &spec.Health{
		Path: "/x", Interval: time.Second, Timeout: 500 * time.Millisecond, Rise: 2, Fall: 3,
		Status: []spec.StatusRange{{From: 204, To: 204}, {From: 300, To: 399}}, Host: "example.com:80", Body: "fine",
	}
	long.Watchdog = &spec.Watchdog{After: time.Minute, Limit: 3}

	none := defaultApp()
	none.Name, none.Unit, none.User, none.Command = "none", "none", "u", []string{"/bin/x"}
	none.Ports, none.Address, none.Balance.Health = []int{8021}, "127.0.0.1:{port}", nil
	wantJSON(t, s.Apps, []*spec.App{&short, &long, &none})

	if h := s.Upstreams[0].Balance.Health; h == nil || h.Path != "/u" {
		t.Errorf("the upstream's health is %+v", h)
	}
	wantJSON(t, s.OnChange, []spec.OnChange{
		{Command: []string{"/usr/bin/notify", "--all"}, Timeout: 10 * time.Second, MinInterval: time.Second},
		{URL: "https://example.com/hook", Timeout: 3 * time.Second, MinInterval: time.Minute},
	})
}

func TestCatListsHealthWhereItIsWritten(t *testing.T) {
	s := parse(t, `on_change = ["https://example.com/secret"]
[app.a]
command = "/bin/x"
ports   = 1
user    = "u"
health  = "/a"
[app.b]
command = "/bin/x"
ports   = 2
user    = "u"
health  = { path = "/b", watchdog = { after = "1m" } }
`)
	var got []string
	for _, p := range s.Provenance(true) {
		switch p.Key {
		case "on_change", "app.a.health", "app.a.health.path", "app.a.health.rise", "app.a.deploy.keep",
			"app.b.health.path", "app.b.health.rise", "app.b.health.watchdog.after", "app.b.health.watchdog.limit":
			got = append(got, p.Key+" = "+p.Value)
		}
	}
	want := []string{
		`app.a.health = "/a"`,
		`app.b.health.path = "/b"`, `app.b.health.rise = 1`,
		`app.b.health.watchdog.after = "1m"`, `app.b.health.watchdog.limit = 5`,
		`on_change = "***"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for key, line := range map[string]int{"app.a.health": 6, "app.b.health.path": 11, "app.b.health": 11, "on_change": 1} {
		if got := s.Position(key).Line; got != line {
			t.Errorf("%s is in line %d, want %d", key, got, line)
		}
	}
}
