package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeProxy is a backend that remembers what it was asked.
type fakeProxy struct {
	generation int
	reloadErr  error
	over       bool
	hub        *Hub
	// status is what else there is of it.
	status Status

	mu    sync.Mutex
	asked []any
	// sent is when the last report was.
	sent int64
}

func newFakeProxy() *fakeProxy { return &fakeProxy{hub: NewHub()} }

func (f *fakeProxy) Status() Status {
	st := f.status
	st.Version, st.Generation = Version, f.generation
	return st
}

func (f *fakeProxy) Reload() (int, error) {
	if f.reloadErr == nil {
		f.generation++
	}
	return f.generation, f.reloadErr
}

// remember keeps a request that names something that there is.
func (f *fakeProxy) remember(kind, name string, request any) error {
	if f.over {
		return ErrStopping
	}
	known := map[string]string{"instance": "app@8020", "upstream": "app", "site": "front"}[kind]
	if name != known {
		return &Unknown{Kind: kind, Name: name, Known: []string{known}}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, request)
	return nil
}

func (f *fakeProxy) Drain(d DrainRequest) error   { return f.remember("instance", d.Instance, d) }
func (f *fakeProxy) Undrain(d DrainRequest) error { return f.remember("instance", d.Instance, d) }
func (f *fakeProxy) Pause(p PauseRequest) error   { return f.remember("upstream", p.Upstream, p) }
func (f *fakeProxy) Resume(p PauseRequest) error  { return f.remember("upstream", p.Upstream, p) }
func (f *fakeProxy) Subscribe() (*Subscriber, error) {
	now := NewEvent(time.Now(), EventInstance)
	now.Now, now.Instance, now.State = true, "app@8020", "up"
	return f.hub.Subscribe([]Event{now})
}

func (f *fakeProxy) Maintain(m MaintenanceRequest) error { return f.remember("site", m.Site, m) }

func (f *fakeProxy) Report(r ReportRequest) (int, error) {
	f.sent = r.Sent
	unknown := 0
	for _, one := range r.Reports {
		if f.remember("instance", one.Instance, one) != nil {
			unknown++
		}
	}
	return unknown, nil
}

// last is what was asked last, nil where nothing was.
func (f *fakeProxy) last() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) == 0 {
		return nil
	}
	return f.asked[len(f.asked)-1]
}

// serve runs a server for whoever runs the test and gives the socket's path.
func serve(t *testing.T, f *fakeProxy, access Access, change ...func(*Server)) string {
	t.Helper()
	s := NewServer(f, access, slog.New(slog.DiscardHandler))
	for _, c := range change {
		c(s)
	}
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- s.Run(ctx, l)
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
	f := newFakeProxy()
	f.generation = 7
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
}

func TestEveryChangeArrivesAsItWasAsked(t *testing.T) {
	f := newFakeProxy()
	c := NewClient(serve(t, f, me()))
	status := func(_ *Status, err error) error { return err }
	drain := DrainRequest{Instance: "app@8020", By: "webstack restart", LeaseMS: 9000}
	pause := PauseRequest{Upstream: "app", LeaseMS: 1}
	maintenance := MaintenanceRequest{Site: "front", On: true, Page: "<p>back soon", Allow: []string{"192.0.2.0/24"}, RetryAfterSeconds: 60}
	report := InstanceReport{Instance: "app@8020", State: UnitDown, Reason: "exit 1"}
	ctx := within(t)
	for _, tt := range []struct {
		name string
		ask  func() error
		want any
	}{
		{"drain", func() error { return status(c.Drain(ctx, drain)) }, drain},
		{"undrain", func() error { return status(c.Undrain(ctx, drain)) }, drain},
		{"pause", func() error { return status(c.Pause(ctx, pause)) }, pause},
		{"resume", func() error { return status(c.Resume(ctx, pause)) }, pause},
		{"maintenance", func() error { return status(c.Maintenance(ctx, maintenance)) }, maintenance},
		{"report", func() error {
			r, err := c.Report(ctx, ReportRequest{Reports: []InstanceReport{{Instance: "gone@1", State: UnitUp}, report}})
			if err == nil && r.Unknown != 1 {
				err = fmt.Errorf("%d are unknown, want 1", r.Unknown)
			}
			return err
		}, report},
	} {
		if err := tt.ask(); err != nil || !reflect.DeepEqual(f.last(), tt.want) {
			t.Errorf("%s: got %+v, %v; want %+v", tt.name, f.last(), err, tt.want)
		}
	}
	if _, err := c.Drain(ctx, DrainRequest{Instance: "app@9"}); err == nil || !strings.Contains(err.Error(), `no instance "app@9": known are app@8020`) {
		t.Errorf("draining a stranger: got %v, want an error that names it, and who there is", err)
	}
	if _, err := c.Drain(ctx, DrainRequest{Instance: "app@8020"}); err != nil || f.last().(DrainRequest).By != fmt.Sprintf("uid %d", os.Getuid()) {
		t.Errorf("nobody says who drains: got %+v, %v; want who connected", f.last(), err)
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

// A proxy that has come to its end is none, and one that goes in the middle of
// a call is asked for again: there may be another.
func TestAProxyThatGoesIsNotRunning(t *testing.T) {
	f := newFakeProxy()
	path := serve(t, f, me())
	f.over = true
	if _, err := NewClient(path).Drain(within(t), DrainRequest{Instance: "app@8020"}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("at its end: got %v, want ErrNotRunning", err)
	}
	gone := filepath.Join(t.TempDir(), "control.sock")
	l, err := Listen(gone)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		c, err := l.Accept()
		l.Close()
		if err == nil {
			c.Close()
		}
	}()
	if _, err := NewClient(gone).Status(within(t)); !errors.Is(err, ErrNotRunning) {
		t.Errorf("gone in the middle: got %v, want ErrNotRunning", err)
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
	f := newFakeProxy()
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
		{"no instance", "POST", "/v1/drain", `{}`, 400},
		{"nothing has the name", "POST", "/v1/undrain", `{"instance":"app@9"}`, 404},
		{"a control byte in a name", "POST", "/v1/drain", `{"instance":"app@\u001b[2J"}`, 400},
		{"a name that is no text", "POST", "/v1/drain", "{\"instance\":\"app@\xff\"}", 404},
		{"a line break in who asks", "POST", "/v1/drain", `{"instance":"app@8020","by":"me\nand root"}`, 400},
		{"a name that is too long", "POST", "/v1/pause", `{"upstream":"` + strings.Repeat("a", maxName+1) + `"}`, 400},
		{"a lease that is over before it begins", "POST", "/v1/drain", `{"instance":"app@8020","lease_ms":-1}`, 400},
		{"a lease that overflows", "POST", "/v1/pause", `{"upstream":"app","lease_ms":9223372036854775807}`, 400},
		{"a state that no unit has", "POST", "/v1/report", `{"reports":[{"instance":"app@8020","state":"sideways"}]}`, 400},
		{"more reports than there may be", "POST", "/v1/report", `{"reports":[` + strings.Repeat(`{"instance":"a","state":"up"},`, maxReports) + `{"instance":"a","state":"up"}]}`, 400},
		{"a report that is too long", "POST", "/v1/report", `{"reports":[{"instance":"a","state":"up","reason":"` + strings.Repeat("x", maxLarge) + `"}]}`, 400},
		{"a page that is too long", "POST", "/v1/maintenance", `{"site":"front","on":true,"page":"` + strings.Repeat("x", maxPage+1) + `"}`, 400},
		{"an address that is no prefix", "POST", "/v1/maintenance", `{"site":"front","on":true,"allow":["192.0.2.1"]}`, 400},
		{"a Retry-After in the past", "POST", "/v1/maintenance", `{"site":"front","on":true,"retry_after_s":-1}`, 400},
		{"a document nested without end", "POST", "/v1/report", strings.Repeat(`{"reports":[`, 2000), 400},
		{"events take GET only", "POST", "/v1/events", "", 405},
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
	if f.last() != nil {
		t.Errorf("it was done: %+v", f.last())
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

func TestAStatusOfOneInstanceHasNothingElse(t *testing.T) {
	whole := Status{
		Version: 1, PID: 7, Listeners: []ListenerStatus{{Name: "l"}}, Sites: []SiteStatus{{Name: "s"}},
		Upstreams: []UpstreamStatus{
			{Name: "app", Instances: []InstanceStatus{{ID: "a", InFlight: 1}, {ID: "b", InFlight: 2}}},
			{Name: "other", Instances: []InstanceStatus{{ID: "c"}}},
			{Name: "both", Instances: []InstanceStatus{{ID: "b", InFlight: 3}}},
		},
	}
	f := newFakeProxy()
	f.status = whole
	got, err := NewClient(serve(t, f, me())).StatusOf(within(t), "b")
	if err != nil {
		t.Fatal(err)
	}
	want := &Status{
		Version: 1, PID: 7, Listeners: []ListenerStatus{}, Sites: []SiteStatus{},
		Upstreams: []UpstreamStatus{
			{Name: "app", Instances: []InstanceStatus{{ID: "b", InFlight: 2}}},
			{Name: "both", Instances: []InstanceStatus{{ID: "b", InFlight: 3}}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAReportCarriesWhenItWasSent(t *testing.T) {
	f := newFakeProxy()
	path := serve(t, f, me())
	began := monotonic()
	if _, err := NewClient(path).Report(within(t), ReportRequest{Reports: []InstanceReport{{Instance: "app@8020", State: UnitUp}}}); err != nil {
		t.Fatal(err)
	}
	if f.sent < began || f.sent > monotonic() {
		t.Errorf("it was sent at %d, want a time between %d and now", f.sent, began)
	}
	for name, said := range map[string]string{"nothing": "", "no number": "soon", "what lies ahead": "9000000000000000000"} {
		before := monotonic()
		if at := sentAt(http.Header{sentHeader: {said}}); at < before || at > monotonic() {
			t.Errorf("%s: got %d, want now", name, at)
		}
	}
	if at := sentAt(http.Header{sentHeader: {"7"}}); at != 7 {
		t.Errorf("got %d, want 7", at)
	}
}
