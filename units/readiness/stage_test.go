package readiness

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// roleVariable makes this test's binary an app: "listen NETWORK ADDRESS" or
// "idle". It tells its address on stdout and ends with its standard input.
const roleVariable = "WEBSTACK_TEST_ROLE"

// farOff is a deadline that no test reaches.
const farOff = time.Minute

func TestMain(m *testing.M) {
	if role := strings.Fields(os.Getenv(roleVariable)); len(role) > 0 {
		os.Exit(play(role))
	}
	os.Exit(m.Run())
}

func play(role []string) int {
	at := "nowhere"
	if role[0] == "listen" {
		l, err := net.Listen(role[1], role[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		at = l.Addr().String()
	}
	fmt.Println(at)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// actor is a real process.
type actor struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
	// address is where it listens.
	address string
}

func start(t *testing.T, role ...string) *actor {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	a := &actor{t: t, cmd: exec.Command(exe)}
	a.cmd.Env = append(os.Environ(), roleVariable+"="+strings.Join(role, " "))
	a.cmd.Stderr = os.Stderr
	in, err := a.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	a.stdin = in
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.end)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the app said nothing: %v", err)
	}
	a.address = strings.TrimSpace(line)
	return a
}

func (a *actor) pid() int { return a.cmd.Process.Pid }

// end lets it end and waits until it has.
func (a *actor) end() {
	a.stdin.Close()
	_ = a.cmd.Wait()
}

const unitName = "app@8020.service"

// stage is /proc with the control groups that a test gives its processes, and
// the group of one unit.
type stage struct {
	t    *testing.T
	unit *Unit
}

func newStage(t *testing.T, members ...*actor) *stage {
	t.Helper()
	dir := t.TempDir()
	s := &stage{t: t, unit: &Unit{Name: unitName, proc: filepath.Join(dir, "proc"), group: filepath.Join(dir, "group"), path: "/app.slice/" + unitName}}
	s.must(os.MkdirAll(s.unit.group, 0o755))
	s.must(os.MkdirAll(s.unit.proc, 0o755))
	s.must(os.Symlink("/proc/net", filepath.Join(s.unit.proc, "net")))
	var pids strings.Builder
	for _, a := range members {
		s.show(a, s.unit.path)
		fmt.Fprintln(&pids, a.pid())
	}
	s.must(os.WriteFile(filepath.Join(s.unit.group, "cgroup.procs"), []byte(pids.String()), 0o644))
	return s
}

// show puts a process into a group.
func (s *stage) show(a *actor, group string) {
	s.t.Helper()
	pid := strconv.Itoa(a.pid())
	dir := filepath.Join(s.unit.proc, pid)
	s.must(os.MkdirAll(dir, 0o755))
	for _, name := range []string{"fd", "comm"} {
		s.must(os.Symlink(filepath.Join("/proc", pid, name), filepath.Join(dir, name)))
	}
	s.must(os.WriteFile(filepath.Join(dir, "cgroup"), []byte("0::"+group+"\n"), 0o644))
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// gate is one for an actor, which passes every check.
func (s *stage) gate(main *actor, network, address string) *Gate {
	return &Gate{
		Unit: s.unit, MainPID: main.pid(), Network: network, Address: address,
		Check: func(context.Context) error { return nil }, Timeout: farOff,
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got the error %v, want %q in it", err, want)
	}
}
