package machine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/webstack/webstack/integration/unrun"
)

func TestMain(m *testing.M) {
	Main()
	beVictim()
	os.Exit(m.Run())
}

// boot starts a machine that ends with the test.
func boot(t *testing.T, opts Options) *Machine {
	t.Helper()
	if err := Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	m, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// wantRun runs a command that has to succeed and returns what it printed.
func wantRun(t *testing.T, m *Machine, argv ...string) string {
	t.Helper()
	out, err := m.Run(t.Context(), argv...)
	if err != nil {
		t.Fatal(err)
	}
	if out.Exit != 0 {
		t.Fatalf("%q: got exit %d, want 0: %s%s", argv, out.Exit, out.Stdout, out.Stderr)
	}
	return strings.TrimSpace(out.Stdout)
}

func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestBootedMachineIsAWholeSystem(t *testing.T) {
	m := boot(t, Options{Hostname: "shop"})
	wantText(t, "state", wantRun(t, m, "systemctl", "is-system-running"), "running")
	wantText(t, "failed units", wantRun(t, m, "systemctl", "--failed", "--plain", "--no-legend"), "")
	wantText(t, "name of PID 1", wantRun(t, m, "cat", "/proc/1/comm"), "systemd")
	wantText(t, "host name", wantRun(t, m, "uname", "-n"), "shop")
	wantText(t, "lo", wantRun(t, m, "sh", "-c", "ip -brief address show up | cut -c1-2"), "lo")
	wantRun(t, m, "busctl", "--system", "status")

	wantRun(t, m, "systemd-run", "--quiet", "--wait", "--unit=hello", "echo", "said in the machine")
	wantRun(t, m, "journalctl", "--sync")
	wantText(t, "journal of a unit",
		wantRun(t, m, "journalctl", "-u", "hello", "-o", "cat", "SYSLOG_IDENTIFIER=echo"), "said in the machine")
}

func TestServicesCanBeSandboxed(t *testing.T) {
	m := boot(t, Options{})
	got := wantRun(t, m, "systemd-run", "--quiet", "--wait", "--pipe", "-p", "DynamicUser=yes",
		"-p", "ProtectSystem=strict", "-p", "ProtectHome=tmpfs", "-p", "PrivateTmp=yes", "-p", "PrivateDevices=yes",
		"-p", "BindReadOnlyPaths=/etc/hostname:/home/there", "cat", "/home/there")
	wantText(t, "file seen through the sandbox", got, "machine")
}

func TestHostDoesNotShowThrough(t *testing.T) {
	if err := os.WriteFile(filepath.Join(t.TempDir(), "probe"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	m := boot(t, Options{})
	for _, dir := range []string{"/home", "/srv", "/opt", "/mnt", "/usr/local/bin", "/var/tmp"} {
		// systemd makes private folders of its own there.
		wantText(t, dir, wantRun(t, m, "sh", "-c", "ls "+dir+" | grep -v ^systemd-private- || :"), "")
	}
	wantText(t, "root's home", wantRun(t, m, "stat", "-c", "%a %U", "/root"), "700 root")
	wantText(t, "mode of /tmp", wantRun(t, m, "stat", "-c", "%a", "/tmp"), "1777")
	wantText(t, "the test's own folder in /tmp",
		wantRun(t, m, "sh", "-c", "ls -d "+filepath.Dir(t.TempDir())+" 2>/dev/null || echo none"), "none")
	out, err := m.Run(t.Context(), "sh", "-c", "echo 1 >/proc/sys/kernel/sysrq")
	if err != nil || out.Exit == 0 {
		t.Errorf("a write to the kernel's settings: got exit %d, %v, want a failure", out.Exit, err)
	}
}

func TestRunTellsHowACommandEnded(t *testing.T) {
	m := boot(t, Options{})
	tests := []struct {
		name string
		argv []string
		want Output
	}{
		{"output is kept apart", []string{"sh", "-c", "echo out; echo err >&2; exit 78"}, Output{"out\n", "err\n", 78}},
		{"a signal", []string{"sh", "-c", "kill -TERM $$"}, Output{"", "", 128 + 15}},
		{
			"the environment is clean",
			[]string{"env"},
			Output{"PATH=" + searchPath + "\nHOME=/root\nLANG=C.UTF-8\nTERM=dumb\n", "", 0},
		},
		{"it is in PID 1's cgroup", []string{"sh", "-c", "grep ^0: /proc/self/cgroup"}, Output{"0::/init.scope\n", "", 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := m.Run(t.Context(), test.argv...)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestFilesGoInAndOut(t *testing.T) {
	m := boot(t, Options{})
	host := t.TempDir()
	if err := os.MkdirAll(filepath.Join(host, "tree/sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(host, "tree/sub/run"), []byte("#!/bin/sh\necho ran\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(m.CopyIn(filepath.Join(host, "tree"), "/opt/deep/tree"))
	check(m.CopyIn(filepath.Join(host, "tree/sub/run"), "/usr/local/bin/run"))
	wantText(t, "a copied folder", wantRun(t, m, "/opt/deep/tree/sub/run"), "ran")
	wantText(t, "a copied file", wantRun(t, m, "run"), "ran")

	check(m.WriteFile("/etc/webstack/webstack.toml", []byte("a\x00b"), 0o640))
	got, err := m.ReadFile("/etc/webstack/webstack.toml")
	check(err)
	wantText(t, "a written file", string(got), "a\x00b")
	wantText(t, "its mode", wantRun(t, m, "stat", "-c", "%a", "/etc/webstack/webstack.toml"), "640")
	if _, err := os.Stat("/etc/webstack"); err == nil {
		t.Error("/etc/webstack exists on the host: cannot tell whether the machine wrote there")
	}

	check(m.CopyOut("/opt/deep/tree", filepath.Join(host, "back")))
	back, err := os.ReadFile(filepath.Join(host, "back/sub/run"))
	check(err)
	wantText(t, "a file copied out", string(back), "#!/bin/sh\necho ran\n")
	if _, err := m.ReadFile("/no/such"); err == nil {
		t.Error("reading a file that is not there: got no error")
	}
}

func TestDiskOutlivesReboots(t *testing.T) {
	m := boot(t, Options{})
	bootID := func() string { return wantRun(t, m, "cat", "/proc/sys/kernel/random/boot_id") }
	machineID := wantRun(t, m, "cat", "/etc/machine-id")
	pid, id := m.PID(), bootID()
	wantRun(t, m, "sh", "-c", "echo kept >/var/lib/kept; echo kept >/srv/kept; echo gone >/tmp/gone; echo gone >/run/gone")
	reboots := []struct {
		name string
		do   func(context.Context) error
	}{
		{"an orderly reboot", func(ctx context.Context) error { return m.Reboot(ctx, Orderly) }},
		{"a power cut", func(ctx context.Context) error { return m.Reboot(ctx, PowerCut) }},
		{"a reboot from inside", func(ctx context.Context) error {
			next := m.Boots() + 1
			if _, err := m.Run(ctx, "systemctl", "reboot"); err != nil {
				return err
			}
			return m.WaitBoot(ctx, next)
		}},
	}
	for _, reboot := range reboots {
		if err := reboot.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", reboot.name, err)
		}
		if m.PID() == pid {
			t.Errorf("%s: PID 1 is the same process as before", reboot.name)
		}
		if bootID() == id {
			t.Errorf("%s: the boot id is the same as before", reboot.name)
		}
		pid, id = m.PID(), bootID()
		wantText(t, reboot.name, wantRun(t, m, "cat", "/var/lib/kept", "/srv/kept"), "kept\nkept")
		wantText(t, reboot.name+": machine id", wantRun(t, m, "cat", "/etc/machine-id"), machineID)
		wantText(t, reboot.name+": volatile files",
			wantRun(t, m, "sh", "-c", "cat /tmp/gone /run/gone 2>/dev/null || :"), "")
	}
	wantText(t, "boots in the journal", wantRun(t, m, "sh", "-c", "journalctl --list-boots | grep -cE ' [0-9a-f]{32} '"), "4")
}

func TestPowerOffEndsTheMachine(t *testing.T) {
	m := boot(t, Options{})
	if _, err := m.Run(t.Context(), "systemctl", "poweroff"); err != nil {
		t.Fatal(err)
	}
	<-m.Done()
	_, err := m.Run(t.Context(), "true")
	if err == nil {
		t.Error("a command after the power-off: got no error")
	}
	if _, err := m.alive(); err == nil || !strings.Contains(err.Error(), "powered off") {
		t.Errorf("after the power-off: got %v, want the reason", err)
	}
}

func TestSeveralMachinesAtOnce(t *testing.T) {
	var machines [3]*Machine
	var all sync.WaitGroup
	for i := range machines {
		machines[i] = nil
		all.Go(func() {
			m, err := Start(t.Context(), Options{Hostname: string(rune('a' + i))})
			if err != nil {
				t.Error(err)
				return
			}
			machines[i] = m
		})
	}
	if err := Possible(); err != nil {
		all.Wait()
		unrun.Skip(t, err.Error())
	}
	all.Wait()
	for i, m := range machines {
		if m == nil {
			continue
		}
		wantText(t, "host name", wantRun(t, m, "uname", "-n"), string(rune('a'+i)))
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestHostNetworkIsTheHosts(t *testing.T) {
	m := boot(t, Options{Network: Host})
	got, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, "network namespace", wantRun(t, m, "readlink", "/proc/1/ns/net"), got)
	out, err := m.Run(t.Context(), "systemd-run", "--quiet", "--wait", "ip", "link", "add", "wsprobe", "type", "dummy")
	if err != nil || out.Exit == 0 {
		t.Errorf("a unit that changes the host's network: got exit %d, %v, want a failure", out.Exit, err)
	}
}
