package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/bus"
)

func TestWhatTheDoctorMakesOfAMachine(t *testing.T) {
	app := &install.App{Name: "shop", Unit: "app", Start: "boot", Instances: []install.Instance{{Name: "1", Unit: "app@1.service"}, {Name: "2", Unit: "app@2.service"}}}
	actual := func(units ...install.Unit) *install.Actual {
		a := &install.Actual{Units: map[string]install.Unit{}, Running: map[string]string{}}
		for _, u := range units {
			a.Units[u.Name] = u
		}
		return a
	}
	d := &install.Desired{Files: []install.File{{Path: "app@.service", SHA256: "1"}, {Path: "/etc/polkit-1/rules.d/50-webstack.rules", SHA256: "2"}}}
	listener := install.Listener{Name: "8081", Unit: "webstack-8081.socket", Network: "tcp", Address: "0.0.0.0:8081"}
	active := install.Unit{Load: "loaded", Active: "active", FileState: "enabled"}
	needs := []string{"the watchdog of shop"}
	for _, c := range []struct {
		name    string
		got     finding
		verdict verdict
		text    string
	}{
		{"a systemd of today", judgeSystemd("252 (252.39-1~deb12u2)"), healthy, "systemd 252"},
		{"a systemd with a point release", judgeSystemd("257.9-1~deb13u1"), healthy, "systemd 257"},
		{"a systemd release candidate", judgeSystemd("258~rc1"), healthy, "systemd 258"},
		{"a systemd of yesterday", judgeSystemd("245 (245.4)"), broken, "systemd 245"},
		{"no version at all", judgeSystemd("v"), doubtful, "no version"},
		{"all controllers", judgeControllers("cpuset cpu io memory pids\n"), healthy, "limits"},
		{"a hybrid host", judgeControllers("pids"), doubtful, "cannot limit cpu, memory"},
		{"room on the disk", judgeDisk("/run", 1<<30, 5, 10), healthy, "1024 MB free"},
		{"a full disk", judgeDisk("/run", 1<<20, 5, 10), broken, "1 MB free"},
		{"a disk of many files", judgeDisk("/run", 1<<30, 0, 10), broken, "no inode"},
		{"a disk that counts none", judgeDisk("/run", 1<<30, 0, 0), healthy, "free"},
		{"a clock that is kept", judgeClock(0), healthy, "kept"},
		{"a clock that nobody keeps", judgeClock(timeError), doubtful, "nothing keeps the clock"},

		{"an apply that ended", judgeGeneration(&install.Generation{Number: 3}, actual()), healthy, "generation 3"},
		{"an apply that did not", judgeGeneration(&install.Generation{Number: 3}, &install.Actual{Pending: []*install.Generation{{}}}), broken, "has not ended"},
		{"files as applied", judgeFiles(d, &install.Actual{Files: map[string]string{"app@.service": "1", "/etc/polkit-1/rules.d/50-webstack.rules": "2"}}, true)[0], healthy, "2 files"},
		{"a rule that is gone", judgeFiles(d, &install.Actual{Files: map[string]string{"app@.service": "1"}}, true)[0], broken, "50-webstack.rules"},
		{"a rule that only root sees", judgeFiles(d, &install.Actual{Files: map[string]string{"app@.service": "1"}}, false)[0], healthy, "as applied"},

		{"an app that is up", judgeApp(app, actual(
			install.Unit{Name: "app@1.service", Active: "active"}, install.Unit{Name: "app@2.service", Active: "active"}), d), healthy, "2/2 up"},
		{"an app that crashes", judgeApp(app, actual(
			install.Unit{Name: "app@1.service", Active: "active"},
			install.Unit{Name: "app@2.service", Active: "activating", Sub: "auto-restart", Result: "exit-code", ExitStatus: 3}), d), broken, "1/2 up: app@2 is down exit 3"},
		{"an app that is starting", judgeApp(app, actual(
			install.Unit{Name: "app@1.service", Active: "active"}, install.Unit{Name: "app@2.service", Active: "activating", Sub: "start-post"}), d), doubtful, "app@2 starting"},
		{"an instance that is masked", judgeApp(app, actual(
			install.Unit{Name: "app@1.service", Active: "active"}, install.Unit{Name: "app@2.service", Active: "inactive", Load: "masked"}), d), healthy, "1/2 up"},
		{"an app on demand", judgeApp(&install.App{Name: "t", Start: "on-demand", Instances: app.Instances}, actual(), d), healthy, "0/2 up, on demand"},

		{"a port that is open", judgeListener(listener, active, ""), healthy, "is open"},
		{"a port that is taken", judgeListener(listener, install.Unit{Active: "failed"}, "nginx (pid 8)"), broken, "held by nginx"},
		{"a port that is closed", judgeListener(listener, install.Unit{Active: "inactive"}, ""), broken, "is closed"},
		{"a port that is masked", judgeListener(listener, install.Unit{Load: "masked"}, ""), doubtful, "masked"},

		{"the proxy's units", judgeBoot(active, active, true), healthy, "in place"},
		{"no units", judgeBoot(install.Unit{Load: "not-found"}, active, true), broken, "not installed"},
		{"masked units", judgeBoot(install.Unit{Load: "masked"}, active, true), doubtful, "masked"},
		{"a umbrella that stays closed at boot", judgeBoot(install.Unit{FileState: "disabled"}, active, true), broken, "at boot"},
		{"a umbrella that nobody needs", judgeBoot(install.Unit{FileState: "disabled"}, active, false), healthy, "in place"},
		{"a proxy that answers", judgeReach(active, &control.Status{PID: 7}, nil), healthy, "process 7"},
		{"a proxy that waits", judgeReach(install.Unit{Active: "inactive"}, nil, control.ErrNotRunning), healthy, "a request starts it"},
		{"a proxy without its socket", judgeReach(active, nil, control.ErrNotRunning), broken, "nobody answers"},
		{"a proxy that crashes", judgeReach(install.Unit{Active: "activating", Sub: "auto-restart"}, nil, control.ErrNotRunning), broken, "does not stay up"},
		{"a proxy for others", judgeReach(active, nil, control.ErrNotPermitted), doubtful, adminGroup},
		{"a proxy that stutters", judgeReach(active, nil, errors.New("it stutters")), broken, "it stutters"},
		{"a proxy of today", judgeRunning(&install.Generation{Number: 2}, actual(), &control.Status{Generation: 2}, true), healthy, "generation 2"},
		{"a proxy of yesterday", judgeRunning(&install.Generation{Number: 2}, actual(), &control.Status{Generation: 1}, true), broken, "generation 1, and 2"},
		{"a proxy with other sockets", judgeRunning(&install.Generation{Number: 2, Desired: install.Desired{ProxyHash: "x"}}, actual(), &control.Status{Generation: 2}, true), broken, "other listeners"},

		{"an agent", judgeAgent(active, needs), healthy, "it runs"},
		{"no agent, and none needed", judgeAgent(install.Unit{Load: "not-found"}, nil), doubtful, "not installed"},
		{"no agent for a watchdog", judgeAgent(install.Unit{Active: "inactive"}, needs), broken, "does not do: the watchdog of shop"},
		{"a masked agent", judgeAgent(install.Unit{Load: "masked"}, nil), doubtful, "masked"},
		{"an agent that crashes", judgeAgent(install.Unit{Active: "failed", Result: "exit-code", ExitStatus: 1}, nil), doubtful, "exit 1"},
		{"an agent in its group", judgeMember([]string{"webstack-agent", adminGroup}), healthy, "is in"},
		{"an agent in no group", judgeMember([]string{}), broken, "is not in"},
		{"no such user", judgeMember(nil), broken, "there is no user"},
		{"a polkit", judgePolkit("122", nil, true, needs), healthy, "polkit 122"},
		{"an old polkit", judgePolkit("0.105", nil, false, nil), doubtful, "only watches"},
		{"no polkit for a watchdog", judgePolkit("", bus.ErrUnavailable, true, needs), broken, "the watchdog of shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.got.Verdict != c.verdict || !strings.Contains(c.got.Text, c.text) {
				t.Errorf("got %s %q, want %s %q", c.got.Verdict, c.got.Text, c.verdict, c.text)
			}
			if c.got.Verdict == broken && c.got.Remedy == "" {
				t.Error("it says no remedy")
			}
		})
	}
}

func TestWhatTheDoctorMakesOfAFolder(t *testing.T) {
	open, closed := t.TempDir(), t.TempDir()
	for path, mode := range map[string]os.FileMode{open: 0o755, closed: 0o700} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	look := func(path string) os.FileInfo {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	for _, c := range []struct {
		name    string
		info    os.FileInfo
		seen    bool
		verdict verdict
	}{
		{"it is there", look(open), true, healthy},
		{"it is missing", nil, true, doubtful},
		{"it is a file", look("doctor_test.go"), true, broken},
		{"it was replaced", look(open), false, broken},
		{"it is closed", look(closed), true, doubtful},
	} {
		if got := judgeRoot("/srv", c.info, c.seen); got.Verdict != c.verdict {
			t.Errorf("%s: got %s %q, want %s", c.name, got.Verdict, got.Text, c.verdict)
		}
	}
}

func TestWhatOnlyTheAgentDoes(t *testing.T) {
	d := &install.Desired{Apps: []install.App{
		{Name: "plain", Start: "boot"},
		{Name: "shop", Start: "boot", Watchdog: &spec.Watchdog{}},
		{Name: "tool", Start: "on-demand", IdleStop: time.Hour},
		{Name: "woken", Start: "on-demand", Bind: "systemd"},
	}}
	want := "the watchdog of shop, the start of tool, the idle_stop of tool"
	if got := strings.Join(agentFeatures(d), ", "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
