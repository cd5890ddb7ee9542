package activation

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// testEnv is an Env over a map.
func testEnv(vars map[string]string) Env {
	env := Process()
	env.Get = func(name string) string { return vars[name] }
	env.Unset = func(name string) error { delete(vars, name); return nil }
	env.PID = 42
	return env
}

// pass copies sockets to consecutive descriptors, as an exec would, and
// returns the first.
func pass(t *testing.T, sockets ...syscall.Conn) int {
	t.Helper()
	const first = 500
	for i, s := range sockets {
		control(t, s, func(fd int) {
			if got, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD, first+i); err != nil || got != first+i {
				t.Fatalf("descriptor %d became %d instead of %d: %v", fd, got, first+i, err)
			}
		})
	}
	return first
}

func control(t *testing.T, s syscall.Conn, f func(fd int)) {
	t.Helper()
	raw, err := s.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { f(int(fd)) }); err != nil {
		t.Fatal(err)
	}
}

func flags(t *testing.T, s syscall.Conn, command int) (flags int) {
	t.Helper()
	control(t, s, func(fd int) {
		var err error
		if flags, err = unix.FcntlInt(uintptr(fd), command, 0); err != nil {
			t.Fatal(err)
		}
	})
	return flags
}

func listenTCP(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener)
}

func listenUnix(t *testing.T) *net.UnixListener {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.(*net.UnixListener)
}

// inherit passes sockets to Listeners.
func inherit(t *testing.T, names string, sockets ...syscall.Conn) ([]Listener, error) {
	t.Helper()
	vars := map[string]string{"LISTEN_PID": "42", "LISTEN_FDS": fmt.Sprint(len(sockets)), "LISTEN_FDNAMES": names}
	env := testEnv(vars)
	env.FirstFD = pass(t, sockets...)
	ls, err := Listeners(env)
	for _, l := range ls {
		t.Cleanup(func() { l.Close() })
	}
	if len(vars) > 0 {
		t.Errorf("the environment still holds %v", vars)
	}
	for i := range sockets {
		if _, err := unix.FcntlInt(uintptr(env.FirstFD+i), unix.F_GETFD, 0); err == nil {
			t.Errorf("descriptor %d is left open", env.FirstFD+i)
		}
	}
	return ls, err
}

func TestListenersAreFoundByNameAndByAddress(t *testing.T) {
	tcp, path := listenTCP(t), listenUnix(t)
	ls, err := inherit(t, "8081:unix-s", tcp, path)
	if err != nil || len(ls) != 2 {
		t.Fatalf("got %v, %v, want two listeners", ls, err)
	}
	for _, c := range []struct{ name, network, address string }{
		{"8081", "tcp", tcp.Addr().String()},
		{"unix-s", "unix", path.Addr().String()},
	} {
		byName, ok := Named(ls, c.name)
		if !ok || byName.Addr().String() != c.address {
			t.Errorf("Named(%s) = %v, %v, want %s", c.name, byName, ok, c.address)
		}
		byAddress, ok := At(ls, c.network, c.address)
		if !ok || byAddress.Name != c.name {
			t.Errorf("At(%s, %s) = %v, %v, want %s", c.network, c.address, byAddress, ok, c.name)
		}
	}
	if l, ok := Named(ls, "8082"); ok {
		t.Errorf("Named(8082) = %v, want none", l)
	}
	if l, ok := At(ls, "tcp", "127.0.0.1:1"); ok {
		t.Errorf("At(127.0.0.1:1) = %v, want none", l)
	}
}

func TestConnectionsReachTheInheritedListener(t *testing.T) {
	tcp := listenTCP(t)
	ls, err := inherit(t, "8081", tcp)
	if err != nil || len(ls) != 1 {
		t.Fatalf("got %v, %v, want one listener", ls, err)
	}
	client, err := net.Dial("tcp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := ls[0].Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if got, want := server.RemoteAddr().String(), client.LocalAddr().String(); got != want {
		t.Errorf("accepted a connection from %s, want %s", got, want)
	}
}

// A path that PID 1 made must outlive the process.
func TestClosingAnInheritedSocketLeavesItsPath(t *testing.T) {
	path := listenUnix(t)
	ls, err := inherit(t, "s", path)
	if err != nil || len(ls) != 1 {
		t.Fatalf("got %v, %v, want one listener", ls, err)
	}
	if err := ls[0].Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path.Addr().String()); err != nil {
		t.Errorf("the socket's path is gone: %v", err)
	}
}

// The flag belongs to the open file description, which PID 1 shares.
func TestTheSharedDescriptionStaysNonBlocking(t *testing.T) {
	for _, blocking := range []bool{false, true} {
		tcp := listenTCP(t)
		control(t, tcp, func(fd int) {
			if err := unix.SetNonblock(fd, !blocking); err != nil {
				t.Fatal(err)
			}
		})
		ls, err := inherit(t, "8081", tcp)
		if err != nil || len(ls) != 1 {
			t.Fatalf("got %v, %v, want one listener", ls, err)
		}
		if flags(t, tcp, unix.F_GETFL)&unix.O_NONBLOCK == 0 {
			t.Errorf("blocking before %v: the description is blocking", blocking)
		}
		inherited := ls[0].Listener.(*net.TCPListener)
		if flags(t, inherited, unix.F_GETFD)&unix.FD_CLOEXEC == 0 {
			t.Errorf("the listener is not closed on exec")
		}
		if err := inherited.Close(); err != nil {
			t.Fatal(err)
		}
		if flags(t, tcp, unix.F_GETFL)&unix.O_NONBLOCK == 0 {
			t.Errorf("blocking before %v: the description is blocking after close", blocking)
		}
	}
}

func TestWhatDoesNotListenIsNoListener(t *testing.T) {
	tcp := listenTCP(t)
	client, err := net.Dial("tcp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ls, err := inherit(t, "stored:pipe:8081", client.(*net.TCPConn), r, tcp)
	if len(ls) != 1 || ls[0].Name != "8081" {
		t.Errorf("got the listeners %v, want 8081 alone", ls)
	}
	for _, want := range []string{`descriptor 500, "stored": it is a socket that does not listen`, `descriptor 501, "pipe"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestNamesMayBeMissing(t *testing.T) {
	ls, err := inherit(t, "", listenTCP(t), listenTCP(t))
	if err != nil || len(ls) != 2 || ls[0].Name != unnamed || ls[1].Name != unnamed {
		t.Errorf("got %v, %v, want two that are called %q", ls, err, unnamed)
	}
}

func TestVariablesThatAreNotForUs(t *testing.T) {
	for _, c := range []struct {
		name, pid, fds string
		wantErr        bool
	}{
		{"none", "", "", false},
		{"for another process", "41", "2", false},
		{"no number", "42", "x", true},
		{"negative", "42", "-1", true},
		{"more than can be", "42", "99999999", true},
		{"zero", "42", "0", false},
	} {
		vars := map[string]string{"LISTEN_PID": c.pid, "LISTEN_FDS": c.fds}
		ls, err := Listeners(testEnv(vars))
		if len(ls) != 0 || (err != nil) != c.wantErr {
			t.Errorf("%s: got %v, %v", c.name, ls, err)
		}
		if len(vars) != 0 {
			t.Errorf("%s: the environment still holds %v", c.name, vars)
		}
	}
}

// report is what the child says of itself.
type report struct {
	Names, Addresses, Environment []string
	Second                        int
}

// TestChild is the child of the next test and does nothing else.
func TestChild(t *testing.T) {
	if os.Getenv("ACTIVATION_CHILD") == "" {
		return
	}
	ls, err := Listeners(Process())
	if err != nil {
		t.Fatal(err)
	}
	var r report
	for _, l := range ls {
		r.Names = append(r.Names, l.Name)
		r.Addresses = append(r.Addresses, l.Addr().String())
	}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "LISTEN_") {
			r.Environment = append(r.Environment, v)
		}
	}
	again, err := Listeners(Process())
	if err != nil {
		t.Fatal(err)
	}
	r.Second = len(again)
	if err := json.NewEncoder(os.Stderr).Encode(r); err != nil {
		t.Fatal(err)
	}
}

func TestAProcessTakesOverWhatItWasStartedWith(t *testing.T) {
	a, b := listenTCP(t), listenTCP(t)
	// The shell knows the pid that LISTEN_PID has to hold.
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ exec "$@"`, "sh", os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), "ACTIVATION_CHILD=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=one:two")
	for _, l := range []*net.TCPListener{a, b} {
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var got report
	if err := json.Unmarshal([]byte(stderr.String()), &got); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	want := report{Names: []string{"one", "two"}, Addresses: []string{a.Addr().String(), b.Addr().String()}}
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("got %s, want %s", g, w)
	}
}
