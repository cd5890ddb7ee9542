package machine

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/unrun"
)

func TestFailedBootNamesTheStep(t *testing.T) {
	if err := Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	// HOST_NAME_MAX is 64: sethostname(2) refuses this one.
	m, err := Start(t.Context(), Options{Hostname: strings.Repeat("x", 65)})
	if err == nil {
		_ = m.Close()
		t.Fatal("a machine with an impossible name: got no error")
	}
	want := "cannot boot a machine: PID 1 did not become systemd: cannot set the host name: invalid argument"
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %q\nwant %q...", err, want)
	}
}

func TestBootThatTakesTooLongShowsTheConsole(t *testing.T) {
	m := boot(t, Options{})
	// The boot waits for this unit, and it never comes up.
	const unit = "[Service]\nType=oneshot\nExecStart=sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
	if err := m.WriteFile("/etc/systemd/system/stuck.service", []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	wantRun(t, m, "systemctl", "enable", "stuck.service")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	err := m.Reboot(ctx, PowerCut)
	if err == nil {
		t.Fatal("a boot that hangs: got no error")
	}
	for _, want := range []string{"cannot reboot: ", "in time", "the last lines of its console:", "stuck.service"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
}

func TestFailedUnitFailsTheBoot(t *testing.T) {
	m := boot(t, Options{})
	const unit = "[Service]\nType=oneshot\nExecStart=sh -c 'echo the reason; exit 3'\n[Install]\nWantedBy=multi-user.target\n"
	if err := m.WriteFile("/etc/systemd/system/broken.service", []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	wantRun(t, m, "systemctl", "enable", "broken.service")
	err := m.Reboot(t.Context(), Orderly)
	if err == nil {
		t.Fatal("a boot with a failed unit: got no error")
	}
	for _, want := range []string{"degraded", "broken.service", "the reason"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
}
