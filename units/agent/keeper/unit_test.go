package keeper

import "testing"

func TestWhatAUnitMeansForTheProxy(t *testing.T) {
	for _, c := range []struct {
		name   string
		unit   Unit
		woken  bool
		state  State
		reason string
	}{
		{"it runs", Unit{Active: "active", Sub: "running", MainPID: 7}, false, Up, ""},
		{"it reloads", Unit{Active: "reloading", Sub: "reload", MainPID: 7}, false, Up, ""},
		{"it is about to start", Unit{Active: "activating", Sub: "start-pre", Result: "success"}, false, Starting, ""},
		{"its gate waits for it", Unit{Active: "activating", Sub: "start-post", Result: "success", MainPID: 7}, false, Starting, ""},
		{"it died while its gate waits", Unit{Active: "activating", Sub: "start-post", Result: "success", MainCode: 1, MainStatus: 3}, false, Down, "exit 3"},
		{"systemd will start it again", Unit{Active: "activating", Sub: "auto-restart", Result: "exit-code", MainCode: 1, MainStatus: 1}, false, Down, "exit 1"},
		{"systemd starts it again just now", Unit{Active: "activating", Sub: "auto-restart-queued", Result: "signal", MainCode: 2, MainStatus: 9}, false, Down, "killed by signal 9"},
		{"somebody stops it", Unit{Active: "deactivating", Sub: "stop", Result: "success", MainPID: 7}, false, Stopped, ""},
		{"it was killed and is cleaned up", Unit{Active: "deactivating", Sub: "stop-post", Result: "signal", MainCode: 2, MainStatus: 9}, false, Down, "killed by signal 9"},
		{"it was stopped", Unit{Active: "inactive", Sub: "dead", Result: "success"}, false, Stopped, ""},
		{"it was never started", inactive, false, Stopped, ""},
		{"a connection would start it", inactive, true, Unknown, ""},
		{"somebody stops what a connection would start", Unit{Active: "deactivating", Sub: "stop"}, true, Stopped, ""},
		{"it failed for good", Unit{Active: "failed", Sub: "failed", Result: "core-dump", MainCode: 3, MainStatus: 11}, false, Down, "dumped core on signal 11"},
		{"it had no memory left", Unit{Active: "failed", Sub: "failed", Result: "oom-kill", MainCode: 2, MainStatus: 9}, false, Down, "out of memory"},
		{"its gate gave up", Unit{Active: "failed", Sub: "failed", Result: "timeout", MainCode: 2, MainStatus: 15}, false, Down, "it took too long"},
		{"its gate was killed", Unit{Active: "deactivating", Sub: "stop-sigterm", Result: "signal", MainPID: 7}, false, Down, "killed"},
		{"something before it failed", Unit{Active: "failed", Sub: "failed", Result: "resources"}, false, Down, "result resources"},
		{"systemd has a word that we do not know", Unit{Active: "maintenance"}, false, Stopped, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			state, reason := c.unit.state(c.woken)
			if state != c.state || reason != c.reason {
				t.Errorf("got %s %q, want %s %q", state, reason, c.state, c.reason)
			}
		})
	}
}
