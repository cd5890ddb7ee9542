package machine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/unrun"
)

// victimEnv makes this test binary a program that boots a machine and waits to
// be killed.
const victimEnv = "WEBSTACK_MACHINE_VICTIM"

// residueDeadline bounds the wait for the end of a machine that nobody closes.
const residueDeadline = 20 * time.Second

func beVictim() {
	if os.Getenv(victimEnv) == "" {
		return
	}
	m, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	netns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", m.PID()))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	// Something runs in it, on either side of the namespaces.
	if cmd, err := m.Command(context.Background(), "sleep", "1000"); err == nil {
		_ = cmd.Start()
	}
	fmt.Println(m.supervisor.Process.Pid, m.PID(), m.life.Cgroup, netns)
	select {}
}

// trace is what a machine is on the host.
type trace struct {
	supervisor, pid1 int
	cgroup, netns    string
}

// startVictim starts a process that boots a machine and tells its traces.
func startVictim(t *testing.T) (*exec.Cmd, trace) {
	t.Helper()
	if err := Possible(); err != nil {
		unrun.Skip(t, err.Error())
	}
	victim := exec.Command("/proc/self/exe")
	victim.Env = append(os.Environ(), victimEnv+"=1")
	victim.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var tr trace
	if _, err := fmt.Sscan(line, &tr.supervisor, &tr.pid1, &tr.cgroup, &tr.netns); err != nil {
		t.Fatalf("the victim says %q: %v", line, err)
	}
	return victim, tr
}

// runs tells whether a process is there and not just waiting to be reaped by
// the host's own PID 1, at its leisure: proc_pid_exe(5), a zombie has no exe.
func runs(pid int) bool {
	_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil
}

// remains names what is still on the host of a machine.
func (tr trace) remains() []string {
	var found []string
	for name, pid := range map[string]int{"the supervisor": tr.supervisor, "PID 1": tr.pid1} {
		if runs(pid) {
			found = append(found, fmt.Sprintf("%s (%d)", name, pid))
		}
	}
	if _, err := os.Stat(tr.cgroup); err == nil {
		found = append(found, tr.cgroup)
	}
	namespaces, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	for _, path := range namespaces {
		if link, err := os.Readlink(path); err == nil && link == tr.netns {
			found = append(found, path)
		}
	}
	return found
}

func (tr trace) wantGone(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(residueDeadline)
	for len(tr.remains()) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("still on the host after %v: %v", residueDeadline, tr.remains())
		}
		time.Sleep(pollInterval)
	}
}

// hostState is what of the host must be the same before and after.
func hostState(t *testing.T) string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var state strings.Builder
	state.Write(mounts)
	for _, dir := range []string{"/mnt", "/etc/systemd/system", "/usr/local/lib", "/dev"} {
		entries, _ := filepath.Glob(dir + "/*")
		state.WriteString(strings.Join(entries, "\n") + "\n")
	}
	return state.String()
}

func TestKilledCallerLeavesNothing(t *testing.T) {
	tests := []struct {
		name string
		kill func(victim *exec.Cmd) error
	}{
		{"the process alone", func(v *exec.Cmd) error { return v.Process.Kill() }},
		{"its whole group", func(v *exec.Cmd) error { return syscall.Kill(-v.Process.Pid, syscall.SIGKILL) }},
		{"its group, by the terminal's interrupt", func(v *exec.Cmd) error { return syscall.Kill(-v.Process.Pid, syscall.SIGINT) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := hostState(t)
			victim, tr := startVictim(t)
			if len(tr.remains()) == 0 {
				t.Fatal("a running machine left no trace: the check is blind")
			}
			if err := test.kill(victim); err != nil {
				t.Fatal(err)
			}
			_ = victim.Wait() // killed, as told
			tr.wantGone(t)
			if after := hostState(t); after != before {
				t.Errorf("the host before:\n%s\nand after:\n%s", before, after)
			}
		})
	}
}

func TestKilledSupervisorTakesTheMachineAlong(t *testing.T) {
	victim, tr := startVictim(t)
	defer func() {
		_ = victim.Process.Kill()
		_ = victim.Wait()
	}()
	if err := syscall.Kill(tr.supervisor, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(residueDeadline)
	for runs(tr.pid1) || populated(tr.cgroup) || syscall.Kill(tr.supervisor, 0) == nil {
		if time.Now().After(deadline) {
			t.Fatal("the machine lives on without its supervisor")
		}
		time.Sleep(pollInterval)
	}
	// Nobody was left to remove the cgroup; the next machine does.
	boot(t, Options{})
	if _, err := os.Stat(tr.cgroup); err == nil {
		t.Errorf("%s is still there after the next machine's start", tr.cgroup)
	}
}

func TestClosedMachineLeavesNothing(t *testing.T) {
	before := hostState(t)
	m := boot(t, Options{})
	netns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", m.PID()))
	if err != nil {
		t.Fatal(err)
	}
	tr := trace{m.supervisor.Process.Pid, m.PID(), m.life.Cgroup, netns}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	// Close returns when all is gone: no deadline here.
	if left := tr.remains(); len(left) > 0 {
		t.Errorf("after Close: got %v, want nothing", left)
	}
	if after := hostState(t); after != before {
		t.Errorf("the host before:\n%s\nand after:\n%s", before, after)
	}
}
