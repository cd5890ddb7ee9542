package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeProxy is a backend that remembers what it was asked.
type fakeProxy struct {
	generation int
	reloadErr  error
	drained    map[string]bool
}

func (f *fakeProxy) Status() Status { return Status{Version: Version, Generation: f.generation} }

func (f *fakeProxy) Reload() (int, error) {
	if f.reloadErr == nil {
		f.generation++
	}
	return f.generation, f.reloadErr
}

func (f *fakeProxy) Drain(instance string, on bool) error {
	if instance != "app@8020" {
		return errors.New("no upstream has an instance " + instance)
	}
	f.drained[instance] = on
	return nil
}

// serve runs a server for whoever runs the test and gives the socket's path.
func serve(t *testing.T, f *fakeProxy, access Access) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- NewServer(f, access, slog.New(slog.DiscardHandler)).Run(ctx, l)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return path
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func me() Access { return Access{Group: -1, User: os.Getuid()} }

func TestClientAndServer(t *testing.T) {
	f := &fakeProxy{generation: 7, drained: map[string]bool{}}
	c := NewClient(serve(t, f, me()))
	if st, err := c.Status(within(t)); err != nil || st.Generation != 7 {
		t.Errorf("status: got %+v, %v; want generation 7", st, err)
	}
	if r, err := c.Reload(within(t)); err != nil || r.Generation != 8 {
		t.Errorf("reload: got %+v, %v; want generation 8", r, err)
	}
	f.reloadErr = errors.New("no such upstream")
	var rejected *Rejected
	if _, err := c.Reload(within(t)); !errors.As(err, &rejected) || rejected.Reason != "no such upstream" || rejected.Generation != 8 {
		t.Errorf("a bad config: got %v, want it rejected at generation 8 with its reason", err)
	}
	if _, err := c.Drain(within(t), "app@8020"); err != nil || !f.drained["app@8020"] {
		t.Errorf("drain: %v, drained %v", err, f.drained)
	}
	if _, err := c.Undrain(within(t), "app@8020"); err != nil || f.drained["app@8020"] {
		t.Errorf("undrain: %v, drained %v", err, f.drained)
	}
	if _, err := c.Drain(within(t), "app@9"); err == nil || !strings.Contains(err.Error(), "app@9") {
		t.Errorf("draining a stranger: got %v, want an error that names it", err)
	}
}

func TestNotRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	if _, err := NewClient(path).Status(within(t)); !errors.Is(err, ErrNotRunning) {
		t.Errorf("no socket: got %v, want ErrNotRunning", err)
	}
	leaveStale(t, path)
	if _, err := NewClient(path).Status(within(t)); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a stale socket: got %v, want ErrNotRunning", err)
	}
}

// leaveStale leaves a socket that nobody listens on.
func leaveStale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

func TestListen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "control.sock")
	leaveStale(t, path)
	l, err := Listen(path)
	if err != nil {
		t.Fatalf("a stale socket stood in the way: %v", err)
	}
	defer l.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != socketMode {
		t.Errorf("mode %v, %v; want %o", info.Mode(), err, socketMode)
	}
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "another proxy") {
		t.Errorf("beside a proxy that answers: got %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file); err == nil {
		t.Error("a file was taken for a socket")
	}
	if data, _ := os.ReadFile(file); string(data) != "kept" {
		t.Error("the file is gone")
	}
}

func TestX21Access(t *testing.T) {
	admins := Access{Group: 500, User: -1}
	tests := []struct {
		name   string
		access Access
		peer   peer
		want   bool
	}{
		{"root", admins, peer{uid: 0}, true},
		{"a member by the primary group", admins, peer{uid: 1000, groups: []uint32{500}}, true},
		{"a member by a supplementary group", admins, peer{uid: 1000, groups: []uint32{100, 500, 1000}}, true},
		{"somebody else", admins, peer{uid: 1000, groups: []uint32{100, 1000}}, false},
		{"no group and no user are set", Access{Group: -1, User: -1}, peer{uid: 1000, groups: []uint32{0xffffffff}}, false},
		{"who runs it by hand", Access{Group: -1, User: 1000}, peer{uid: 1000}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.access.allows(tt.peer); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestX21PeerIsWhoConnected(t *testing.T) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	server, err := l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p, err := peerOf(server)
	if err != nil || int(p.uid) != os.Getuid() {
		t.Fatalf("got uid %d, %v; want %d", p.uid, err, os.Getuid())
	}
	want, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	for _, gid := range append(want, os.Getgid()) {
		if !(Access{Group: gid, User: -1}).allows(peer{uid: 1, groups: p.groups}) {
			t.Errorf("group %d of ours is not among the peer's %v", gid, p.groups)
		}
	}
}

func TestProtocol(t *testing.T) {
	f := &fakeProxy{drained: map[string]bool{}}
	path := serve(t, f, me())
	tests := []struct {
		name, method, path, body string
		status                   int
	}{
		{"status takes GET only", "POST", "/v1/status", "", 405},
		{"reload takes POST only", "GET", "/v1/reload", "", 405},
		{"an unknown path", "GET", "/v1/stop", "", 404},
		{"another version", "GET", "/v2/status", "", 404},
		{"not JSON", "POST", "/v1/drain", "app@8020", 400},
		{"an unknown key", "POST", "/v1/drain", `{"instance":"app@8020","for":"1h"}`, 400},
		{"two documents", "POST", "/v1/drain", `{"instance":"app@8020"}{}`, 400},
		{"a body that is too long", "POST", "/v1/drain", `{"instance":"` + strings.Repeat("a", maxRequest) + `"}`, 400},
		{"no instance", "POST", "/v1/drain", `{}`, 404},
	}
	client := NewClient(path)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(within(t), tt.method, "http://webstack"+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			data, _ := io.ReadAll(resp.Body)
			var p Problem
			if err := json.Unmarshal(data, &p); err != nil || p.Error == "" || p.Version != Version {
				t.Errorf("got %q, want a problem", data)
			}
			if resp.StatusCode != tt.status {
				t.Errorf("got %d, want %d", resp.StatusCode, tt.status)
			}
		})
	}
	if len(f.drained) > 0 {
		t.Errorf("drained %v", f.drained)
	}
}

func TestShare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := Share(path, os.Getegid()); err != nil {
		t.Errorf("a group that it has: %v", err)
	}
	if os.Geteuid() != 0 {
		return
	}
	if err := Share(path, 4242); err != nil {
		t.Errorf("as root: %v", err)
	}
}
