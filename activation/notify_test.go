package activation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds what must happen; nothing waits for it when all is well.
const patience = 10 * time.Second

// manager is the other end of NOTIFY_SOCKET.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

func newManager(t *testing.T, name string) *manager {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &manager{t: t, conn: conn}
}

// next reads a message and the descriptors with it.
func (m *manager) next() (string, []int) {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		m.t.Fatal(err)
	}
	message, oob := make([]byte, 4096), make([]byte, 4096)
	n, oobn, _, _, err := m.conn.ReadMsgUnix(message, oob)
	if err != nil {
		m.t.Fatal(err)
	}
	var fds []int
	controls, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		m.t.Fatal(err)
	}
	for _, c := range controls {
		got, err := unix.ParseUnixRights(&c)
		if err != nil {
			m.t.Fatal(err)
		}
		fds = append(fds, got...)
	}
	return string(message[:n]), fds
}

func newTestNotifier(t *testing.T, socket string) *Notifier {
	t.Helper()
	vars := map[string]string{"NOTIFY_SOCKET": socket}
	env := testEnv(vars)
	env.Monotonic = func() (time.Duration, error) { return 90 * time.Second, nil }
	n, err := NewNotifier(env)
	if err != nil {
		t.Fatal(err)
	}
	if len(vars) > 0 {
		t.Errorf("the environment still holds %v", vars)
	}
	return n
}

func TestSystemdIsTold(t *testing.T) {
	for _, c := range []struct {
		name string
		say  func(*Notifier) error
		want string
	}{
		{"ready", func(n *Notifier) error { return n.Ready("serving 2 sites") }, "READY=1\nSTATUS=serving 2 sites"},
		{"reloading", (*Notifier).Reloading, "RELOADING=1\nMONOTONIC_USEC=90000000"},
		{"stopping", func(n *Notifier) error { return n.Stopping("draining") }, "STOPPING=1\nSTATUS=draining"},
		{"a status on one line", func(n *Notifier) error { return n.Status("a\nMAINPID=1") }, "STATUS=a MAINPID=1"},
		{"another main process", func(n *Notifier) error { return n.MainPID(7) }, "MAINPID=7"},
		{"more time", func(n *Notifier) error { return n.Extend(2 * time.Second) }, "EXTEND_TIMEOUT_USEC=2000000"},
		{"alive", (*Notifier).Alive, "WATCHDOG=1"},
	} {
		for _, socket := range []string{filepath.Join(t.TempDir(), "n"), fmt.Sprintf("@webstack-test-%d-%s", unix.Getpid(), c.name)} {
			m := newManager(t, socket)
			if err := c.say(newTestNotifier(t, socket)); err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if got, _ := m.next(); got != c.want {
				t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			}
		}
	}
}

func TestWithoutSystemdNothingIsSaidAndNothingFails(t *testing.T) {
	n := newTestNotifier(t, "")
	if err := errors.Join(n.Ready(""), n.Reloading(), n.Stopping(""), n.Barrier(time.Time{})); err != nil {
		t.Error(err)
	}
	n.RunWatchdog(t.Context(), time.Hour, nil, nil)
}

func TestASocketThatIsGoneIsAnError(t *testing.T) {
	n := newTestNotifier(t, filepath.Join(t.TempDir(), "gone"))
	if err := n.Ready(""); err == nil || !strings.HasPrefix(err.Error(), "cannot notify systemd: ") {
		t.Errorf("error %v", err)
	}
	env := testEnv(map[string]string{"NOTIFY_SOCKET": "vsock:2:1234"})
	if _, err := NewNotifier(env); err == nil {
		t.Error("a vsock is taken for a path")
	}
}

func TestTheBarrierWaitsForSystemd(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "n")
	m, n := newManager(t, socket), newTestNotifier(t, socket)
	done := make(chan error, 1)
	go func() { done <- n.Barrier(time.Now().Add(patience)) }()
	message, fds := m.next()
	if message != "BARRIER=1" || len(fds) != 1 {
		t.Fatalf("got %q with %d descriptors, want BARRIER=1 with one", message, len(fds))
	}
	select {
	case err := <-done:
		t.Errorf("the barrier opened while systemd held it: %v", err)
	default:
	}
	if err := unix.Close(fds[0]); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("the barrier failed: %v", err)
	}
}

func TestTheBarrierHasADeadline(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "n")
	newManager(t, socket)
	if err := newTestNotifier(t, socket).Barrier(time.Unix(1, 0)); err == nil {
		t.Error("nobody read the message, and the barrier opened")
	}
}

func TestWatchdogIntervals(t *testing.T) {
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
		wantErr   bool
	}{
		{"", "", 0, false},
		{"30000000", "", 30 * time.Second, false},
		{"30000000", "42", 30 * time.Second, false},
		{"30000000", "41", 0, false},
		{"0", "", 0, true},
		{"soon", "", 0, true},
		{"9223372036854775807", "", 0, true},
	} {
		vars := map[string]string{"WATCHDOG_USEC": c.usec, "WATCHDOG_PID": c.pid}
		got, err := WatchdogInterval(testEnv(vars))
		if got != c.want || (err != nil) != c.wantErr || len(vars) > 0 {
			t.Errorf("%q for %q: got %v, %v, left %v", c.usec, c.pid, got, err, vars)
		}
	}
}

func TestTheWatchdogIsFedWhileHealthy(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "n")
	m, n := newManager(t, socket), newTestNotifier(t, socket)
	ctx, cancel := context.WithCancel(t.Context())
	ticks := make(chan time.Time)
	verdicts := make(chan error, 1)
	failures := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.watch(ctx, ticks, func() error { return <-verdicts }, func(err error) { failures <- err })
	}()
	verdicts <- nil
	if got, _ := m.next(); got != "WATCHDOG=1" {
		t.Errorf("at first: got %q", got)
	}
	ticks <- time.Time{}
	verdicts <- errors.New("loop 2 does not answer")
	if got := <-failures; got.Error() != "loop 2 does not answer" {
		t.Errorf("got %q", got)
	}
	ticks <- time.Time{}
	verdicts <- nil
	if got, _ := m.next(); got != "WATCHDOG=1" {
		t.Errorf("after it recovered: got %q", got)
	}
	cancel()
	<-done
}
