package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/units/bus"
)

// screen is a console whose two streams are kept.
func screen() (c *console, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return &console{stdout: stdout, stderr: stderr}, stdout, stderr
}

func generation() *install.Generation {
	app := install.App{Name: "analysisweb", Unit: "app", Start: "boot"}
	for port := 8020; port < 8024; port++ {
		app.Instances = append(app.Instances, install.Instance{
			Name: fmt.Sprint(port), Unit: fmt.Sprintf("app@%d.service", port), Address: fmt.Sprintf("127.0.0.1:%d", port),
		})
	}
	// Another app whose name is the first one's unit.
	shadow := install.App{Name: "app", Unit: "other", Instances: []install.Instance{{Name: "1", Unit: "other@1.service"}}}
	return &install.Generation{Number: 3, Desired: install.Desired{Apps: []install.App{app, shadow}}}
}

func TestATargetIsNamedAsTheSpecOrSystemdNamesIt(t *testing.T) {
	g := generation()
	g.Desired.Apps = g.Desired.Apps[:1]
	for arg, want := range map[string]string{
		"analysisweb":          "app@8020 … app@8023",
		"analysisweb@8021":     "app@8021",
		"app@8021":             "app@8021",
		"app@8021.service":     "app@8021",
		"app":                  "app@8020 … app@8023",
		"analysisweb@9999":     `app "analysisweb" has no instance "9999"`,
		"analysis":             `no app or instance "analysis" is applied`,
		"app@8021.service.old": `app "analysisweb" has no instance "8021.service.old"`,
	} {
		got, err := findTarget(g, arg)
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			text = instanceList(&install.App{Instances: got.instances})
		}
		if text != want {
			t.Errorf("%s: got %q, want %q", arg, text, want)
		}
	}
	if got, err := findTarget(generation(), "app"); err != nil || got.app.Unit != "other" {
		t.Errorf("an app's own name goes before another's unit: got %+v, %v", got.app, err)
	}
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{exit(exitPending), 2},
		{fmt.Errorf("wrapped: %w", exit(exitNotRunning)), 3},
		{usage(errors.New("x"), ""), 64},
		{fmt.Errorf("cannot reach systemd: %w", bus.ErrUnavailable), 69},
		{fmt.Errorf("%w (pid 1)", install.ErrLocked), 75},
		{fmt.Errorf("cannot: %w", bus.ErrPermission), 77},
		{errors.Join(errors.New("first"), fmt.Errorf("x: %w", install.ErrLocked)), 75},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
}

func TestAPlanFoldsNeighboursIntoALine(t *testing.T) {
	c, stdout, _ := screen()
	p := &install.Plan{Generation: 1, Notes: []string{"app@8029.service is masked and stays down"}}
	add := func(kind install.StepKind, reason string, subjects ...string) {
		for _, s := range subjects {
			p.Steps = append(p.Steps, install.Step{Kind: kind, Subject: s, Reason: reason})
		}
	}
	add(install.WriteFile, install.ReasonNew, "app@.service")
	add(install.WriteFile, "the spec changed", "app.target")
	add(install.DaemonReload, "unit files changed", "systemd")
	add(install.StartInstance, "not running", "app@8020.service", "app@8021.service", "app@8022.service")
	add(install.StartInstance, "failed: exit-code", "app@8023.service")
	add(install.RollInstance, "it runs the old unit", "web@1.service", "web@2.service")
	add(install.DeleteFile, "no longer in the spec", "old.target")
	c.plan(p)
	for _, want := range []string{
		"+ app@.service ",
		"~ app.target ",
		"* systemd ",
		"+ app@8020 … app@8022 ",
		"start 3 instances: not running",
		"start 1 instance: failed: exit-code",
		"~ web@1, web@2 ",
		"restart 2 instances, one after another",
		"- old.target ",
		"  app@8029.service is masked and stays down",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("got\n%s\nwant a line with %q", stdout, want)
		}
	}
	if got := changes(p); got != 9 {
		t.Errorf("got %d changes, want 9: a daemon-reload is none", got)
	}
	if strings.Contains(stdout.String(), "\x1b") {
		t.Errorf("got colours without a terminal: %q", stdout)
	}
}

func TestOnlyNeighboursFold(t *testing.T) {
	for _, c := range []struct{ ids, want string }{
		{"", ""},
		{"a@1", "a@1"},
		{"a@1 a@2", "a@1, a@2"},
		{"a@1 a@2 a@3", "a@1 … a@3"},
		{"a@9000 a@9001 a@9003", "a@9000, a@9001, a@9003"},
		{"a@9000 a@9002 a@9003 a@9004 a@9009", "a@9000, a@9002 … a@9004, a@9009"},
		{"a@1 a@3 a@5 a@7 a@9 a@11 a@13", "a@1, a@3, a@5, a@7 and 3 more"},
		{"a@1 a@2 b@3", "a@1, a@2, b@3"},
		{"a@x a@y a@z", "a@x, a@y, a@z"},
	} {
		if got := fold(strings.Fields(c.ids)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.ids, got, c.want)
		}
	}
}

func TestOneIsNotSeveral(t *testing.T) {
	c, stdout, _ := screen()
	c.status(&statusDocument{
		Apps:  []appState{{Name: "shop", Instances: []instanceState{{ID: "shop@1", State: "up", Requests: 1, Failed: 1}}}},
		Sites: []siteState{{Name: "front", Requests: 1}},
	}, false, time.Now())
	for _, want := range []string{"   1 request, 1 failed try\n", "   1 request\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("got\n%s\nwant %q in it", stdout, want)
		}
	}
}

func TestAFailureShowsTheUnitsLastLinesHarmlessly(t *testing.T) {
	c, _, stderr := screen()
	err := &install.UnitError{
		Unit: "app@8021.service", Err: errors.New("app@8021.service did not stay up: result exit-code"),
		Log: []string{"Traceback", "\x1b]0;owned\x07boom"},
	}
	if code := c.fail(fmt.Errorf("stopped: %w", err)); code != exitFailed {
		t.Errorf("got exit %d, want %d", code, exitFailed)
	}
	for _, want := range []string{"webstack: error: stopped: app@8021.service did not stay up", "    Traceback", "boom", "journalctl -u app@8021.service"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("got\n%s\nwant %q", stderr, want)
		}
	}
	if strings.ContainsAny(stderr.String(), "\x1b\x07") {
		t.Errorf("a log line steers the terminal: %q", stderr)
	}
}

func TestTheScreenWithoutUTF8(t *testing.T) {
	c, stdout, _ := screen()
	c.ascii = true
	c.status(&statusDocument{Apps: []appState{{Name: "a", Instances: []instanceState{{ID: "a@1", State: "up", Restarts: 2}}}}}, false, time.Now())
	for _, r := range stdout.String() {
		if r > 0x7f {
			t.Fatalf("got %q in %q, want ASCII", r, stdout)
		}
	}
}

func TestDocumentsHaveNoNullLists(t *testing.T) {
	for name, doc := range map[string]any{
		"plan":  newPlanDocument(&install.Plan{}),
		"check": checkDocument{Version: documentVersion, Errors: problems(nil)},
	} {
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "null") {
			t.Errorf("%s: got %s, want empty lists, not null", name, text)
		}
	}
}

func TestHowLongSomethingLasted(t *testing.T) {
	for d, want := range map[time.Duration]string{
		312 * time.Millisecond:      "312 ms",
		2100 * time.Millisecond:     "2.1 s",
		90 * time.Second:            "1 min 30 s",
		59*time.Minute + time.Hour:  "119 min 0 s",
		999*time.Millisecond + 5e05: "999 ms",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		4 * time.Second:               "4 s",
		61 * time.Minute:              "1 h 1 min",
		26 * time.Hour:                "1 d 2 h",
		10 * time.Minute:              "10 min",
		25*24*time.Hour + time.Minute: "25 d 0 h",
	} {
		if got := age(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}
