package systemd_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/load"
	"github.com/webstack/webstack/integration/machine"
	"github.com/webstack/webstack/units"
	"github.com/webstack/webstack/units/bus"
)

// packaging is the folder of what is shipped.
const packaging = "../../packaging"

// proxyGuest is a machine with the shipped units and the stand-in.
type proxyGuest struct {
	*guest
	bus       *bus.Conn
	listeners []units.Listener
	parents   []string
}

func newProxyGuest(t *testing.T, ports ...int) *proxyGuest {
	t.Helper()
	g := &proxyGuest{guest: newGuest(t)}
	g.program("/usr/bin/webstack")
	for _, name := range []string{"webstack.service", "webstack.socket"} {
		g.ship("systemd/"+name, "/usr/lib/systemd/system/"+name)
	}
	g.ship("sysusers.d/webstack.conf", "/usr/lib/sysusers.d/webstack.conf")
	g.ship("tmpfiles.d/webstack.conf", "/usr/lib/tmpfiles.d/webstack.conf")
	g.run("systemd-sysusers")
	g.run("systemd-tmpfiles", "--create", "webstack.conf")
	g.dial()
	t.Cleanup(func() {
		// The next test has other listeners.
		g.run("systemctl", "stop", units.ProxySocket)
		g.bus.Close()
	})
	g.configure(ports...)
	g.must(g.bus.Enable(g.ctx, units.ProxySocket))
	g.must(g.bus.DaemonReload(g.ctx))
	return g
}

func (g *proxyGuest) ship(from, to string) {
	g.t.Helper()
	content, err := os.ReadFile(filepath.Join(packaging, from))
	if err != nil {
		g.t.Fatal(err)
	}
	g.write(to, strings.ReplaceAll(string(content), "@bindir@", "/usr/bin"))
}

// dial speaks to the machine's systemd from here: its bus is a path below its
// root.
func (g *proxyGuest) dial() {
	g.t.Helper()
	address := fmt.Sprintf("unix:path=/proc/%d/root/run/dbus/system_bus_socket", g.PID())
	c, err := bus.Dial(g.ctx, bus.Options{Address: address})
	if err != nil {
		g.t.Fatal(err)
	}
	g.bus = c
}

func (g *proxyGuest) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

// configure writes the units of the listeners, and removes others'.
func (g *proxyGuest) configure(ports ...int) {
	g.t.Helper()
	var listeners []units.Listener
	for _, port := range ports {
		address := fmt.Sprintf("0.0.0.0:%d", port)
		l := units.Listener{Name: units.ListenerName("tcp", address), Network: "tcp", Address: address}
		f, err := units.RenderListener(l)
		g.must(err)
		g.write(filepath.Join(unitFolder, f.Path), f.Content)
		listeners = append(listeners, l)
	}
	for _, l := range g.listeners {
		if !slices.Contains(listeners, l) {
			g.run("rm", filepath.Join(unitFolder, units.SocketUnit(l.Name)))
		}
	}
	files, err := units.RenderProxy(listeners, g.parents)
	g.must(err)
	for _, f := range files {
		g.run("mkdir", "-p", filepath.Dir(filepath.Join(unitFolder, f.Path)))
		g.write(filepath.Join(unitFolder, f.Path), f.Content)
	}
	g.listeners = listeners
}

// job runs a job that has to be done.
func (g *proxyGuest) job(run func(context.Context, string) (bus.Result, error), unit string) {
	g.t.Helper()
	if result, err := run(g.ctx, unit); result != bus.Done || err != nil {
		g.t.Errorf("%s: %s, %v", unit, result, err)
	}
}

// wantStates compares what is active: "webstack.service active".
func (g *proxyGuest) wantStates(want ...string) {
	g.t.Helper()
	list, err := g.bus.Units(g.ctx, "webstack*.service", "webstack*.socket")
	g.must(err)
	var got []string
	for _, u := range list {
		if u.ActiveState != "inactive" {
			got = append(got, u.Name+" "+u.ActiveState)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		g.t.Errorf("got %q, want %q", got, want)
	}
}

// get asks the stand-in and returns its answer.
func (g *proxyGuest) get(port int, path string) (status int, body string) {
	g.t.Helper()
	client := http.Client{Transport: g.HTTPTransport(), Timeout: patience}
	defer client.CloseIdleConnections()
	r, err := client.Get(fmt.Sprintf("http://localhost:%d%s", port, path))
	if err != nil {
		g.t.Error(err)
		return 0, ""
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		g.t.Error(err)
	}
	return r.StatusCode, string(data)
}

func (g *proxyGuest) wantServed(ports ...int) {
	g.t.Helper()
	for _, port := range ports {
		if status, body := g.get(port, "/"); status != http.StatusOK {
			g.t.Errorf("port %d answers %d %q", port, status, body)
		}
	}
}

func (g *proxyGuest) wantRefused(ports ...int) {
	g.t.Helper()
	for _, port := range ports {
		c, err := g.Dial(g.ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
			g.t.Errorf("port %d is open", port)
		}
	}
}

// load asks with a new connection for each request until it is stopped.
func (g *proxyGuest) load(port int) *load.Load {
	g.t.Helper()
	l, err := load.Start(g.ctx, load.Options{
		URL:           fmt.Sprintf("http://127.0.0.1:%d/", port),
		NewConnection: true,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return g.Dial(ctx, network, address)
		},
	})
	g.must(err)
	return l
}

// waitFor returns when n more requests were answered.
func (g *proxyGuest) waitFor(l *load.Load, n int) {
	g.t.Helper()
	for want := l.Report().OK + n; l.Report().OK < want; {
		select {
		case <-g.ctx.Done():
			g.t.Fatalf("%d requests were not answered", n)
		case <-time.After(time.Millisecond):
		}
	}
}

// wantAll ends a load that must not have failed.
func (g *proxyGuest) wantAll(l *load.Load) {
	g.t.Helper()
	r := l.Stop()
	g.t.Logf("%d requests, %d failed", r.OK+r.Failed, r.Failed)
	if err := r.Err(); err != nil {
		g.t.Error(err)
	}
}

func TestTheUmbrellaMeansAllListeners(t *testing.T) {
	g := newProxyGuest(t, 8081, 8082)
	sockets := []string{"webstack.socket active", "webstack-8081.socket active", "webstack-8082.socket active"}
	all := append([]string{"webstack.service active"}, sockets...)

	g.job(g.bus.Start, units.ProxySocket)
	g.wantStates(sockets...)
	g.wantServed(8081, 8082)
	g.wantStates(all...)

	g.job(g.bus.Stop, units.ProxySocket)
	g.wantStates()
	g.wantRefused(8081, 8082)

	g.job(g.bus.Start, units.ProxySocket)
	g.wantStates(sockets...)
	g.job(g.bus.Start, units.ProxyService)
	g.wantStates(all...)
	// More often than the default start limit of five in ten seconds lets.
	for range 8 {
		g.job(g.bus.Restart, units.ProxySocket)
		g.wantServed(8081, 8082)
	}
	g.wantStates(all...)
}

func TestARestartOfTheProxyRefusesNobody(t *testing.T) {
	g := newProxyGuest(t, 8081)
	g.job(g.bus.Start, units.ProxySocket)
	l := g.load(8081)
	for range 10 {
		g.job(g.bus.Restart, units.ProxyService)
		g.waitFor(l, 100)
	}
	g.wantAll(l)
}

func TestAListenerIsAddedByOneRestart(t *testing.T) {
	g := newProxyGuest(t, 8081)
	g.job(g.bus.Start, units.ProxySocket)
	g.wantServed(8081)
	l := g.load(8081)
	g.configure(8081, 8082)
	g.must(g.bus.DaemonReload(g.ctx))
	g.job(g.bus.Restart, units.ProxyService)
	g.wantServed(8081, 8082)

	// Removed: not closed before the proxy lets go of it.
	g.configure(8081)
	g.job(g.bus.Stop, units.SocketUnit("8082"))
	g.must(g.bus.DaemonReload(g.ctx))
	g.job(g.bus.Restart, units.ProxyService)
	g.wantServed(8081)
	g.wantRefused(8082)
	g.wantAll(l)
	g.wantStates("webstack.service active", "webstack.socket active", "webstack-8081.socket active")
}

func TestAPortThatIsTakenCostsItsOwnSiteAlone(t *testing.T) {
	g := newProxyGuest(t, 8081, 8082)
	g.write(unitFolder+"/stranger.socket", "[Socket]\nListenStream=0.0.0.0:8082\nAccept=yes\n")
	g.write(unitFolder+"/stranger@.service", "[Service]\nExecStart=/bin/true\n")
	g.must(g.bus.DaemonReload(g.ctx))
	g.job(g.bus.Start, "stranger.socket")

	g.job(g.bus.Start, units.ProxySocket)
	g.wantServed(8081)
	g.wantStates("webstack.service active", "webstack.socket active", "webstack-8081.socket active", "webstack-8082.socket failed")

	g.job(g.bus.Stop, "stranger.socket")
	g.job(g.bus.Restart, units.ProxyService)
	g.wantServed(8081, 8082)
}

func TestAProxyThatDiesTwentyTimesKeepsItsPorts(t *testing.T) {
	g := newProxyGuest(t, 8081, 8082)
	g.job(g.bus.Start, units.ProxySocket)
	g.job(g.bus.Start, units.ProxyService)
	for range 20 {
		before, err := g.bus.Properties(g.ctx, units.ProxyService)
		g.must(err)
		g.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", units.ProxyService)
		for p := before; p.MainPID == 0 || p.MainPID == before.MainPID; {
			if p, err = g.bus.Properties(g.ctx, units.ProxyService); err != nil {
				t.Fatal(err)
			}
		}
		g.wantServed(8081, 8082)
	}
	p, err := g.bus.Properties(g.ctx, units.ProxyService)
	g.must(err)
	if p.Restarts != 20 {
		t.Errorf("restarted %d times, want 20", p.Restarts)
	}
	g.wantStates("webstack.service active", "webstack.socket active", "webstack-8081.socket active", "webstack-8082.socket active")
}

func TestARejectedReloadFails(t *testing.T) {
	g := newProxyGuest(t, 8081)
	g.job(g.bus.Start, units.ProxySocket)
	g.job(g.bus.Start, units.ProxyService)
	g.job(g.bus.Reload, units.ProxyService)
	g.write(rejection, "")
	if result, err := g.bus.Reload(g.ctx, units.ProxyService); result != bus.Failed || err != nil {
		t.Errorf("a rejected reload is %q, %v, want failed", result, err)
	}
	g.run("rm", rejection)
	g.wantServed(8081)
}

func TestTheProxySeesWhatItServesAndNoMore(t *testing.T) {
	g := newProxyGuest(t, 8081)
	for path, content := range map[string]string{
		"/home/ly/site/static/a": "one", "/home/ly/site/next/a": "two", "/home/ly/secret": "secret",
		"/home/x/a:b \"c\" \\d 50%/static/a": "odd", "/tmp/app/static/a": "tmp", "/srv/static/a": "srv",
	} {
		g.run("mkdir", "-p", filepath.Dir(path))
		g.write(path, content)
	}
	g.run("chmod", "700", "/home/ly")
	g.parents = units.StaticParents([]string{
		"/home/ly/site/static", `/home/x/a:b "c" \d 50%/static`, "/tmp/app/static", "/srv/static",
		"/home/gone/site/static",
	})
	g.configure(8081)
	g.must(g.bus.DaemonReload(g.ctx))
	g.job(g.bus.Start, units.ProxySocket)
	want := func(path, body string) {
		t.Helper()
		if status, got := g.get(8081, path); status != http.StatusOK || got != body {
			t.Errorf("%s: got %d %q, want %q", path, status, got, body)
		}
	}
	want("/home/ly/site/static/a", "one")
	want("/home/x/a:b%20%22c%22%20%5Cd%2050%25/static/a", "odd")
	want("/tmp/app/static/a", "tmp")
	want("/srv/static/a", "srv")
	for _, path := range []string{"/home/ly/secret", "/run/dbus/system_bus_socket", "/etc/shadow"} {
		if status, body := g.get(8081, path); status != http.StatusNotFound {
			t.Errorf("%s: got %d %q, want nothing", path, status, body)
		}
	}
	// A release by rename, below the bind, is seen at once; so is a folder
	// that was never bound.
	g.run("mv", "/home/ly/site/static", "/home/ly/site/old")
	g.run("mv", "/home/ly/site/next", "/home/ly/site/static")
	want("/home/ly/site/static/a", "two")
	g.run("mv", "/srv/static", "/srv/old")
	g.run("mkdir", "/srv/static")
	g.write("/srv/static/a", "new")
	want("/srv/static/a", "new")
}

func TestTheControlSocketBelongsToItsGroup(t *testing.T) {
	g := newProxyGuest(t, 8081)
	g.job(g.bus.Start, units.ProxySocket)
	g.job(g.bus.Start, units.ProxyService)
	got := g.run("stat", "-c", "%n %A %U %G", "/run/webstack", "/run/webstack/control.sock")
	want := "/run/webstack drwxr-s--- webstack webstack-admin\n" +
		"/run/webstack/control.sock srw-rw---- webstack webstack-admin\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAWatcherSeesTheRealOne(t *testing.T) {
	g := newProxyGuest(t, 8081)
	g.job(g.bus.Start, units.ProxySocket)
	g.job(g.bus.Start, units.ProxyService)
	address := fmt.Sprintf("unix:path=/proc/%d/root/run/dbus/system_bus_socket", g.PID())
	ctx, cancel := context.WithTimeout(g.ctx, patience)
	defer cancel()
	changes, done := make(chan bus.Change), make(chan error, 1)
	go func() {
		done <- bus.NewWatcher(bus.Options{Address: address}, units.ProxyService).Run(ctx, changes)
	}()
	next := func(what string, is func(bus.Properties) bool) {
		t.Helper()
		for {
			select {
			case c := <-changes:
				if c.Unit != nil && is(*c.Unit) {
					return
				}
			case <-ctx.Done():
				t.Fatalf("never seen: %s", what)
			}
		}
	}
	var before bus.Properties
	next("the proxy runs", func(p bus.Properties) bool { before = p; return p.ActiveState == "active" })
	began := time.Now()
	g.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", units.ProxyService)
	next("it was killed", func(p bus.Properties) bool { return p.MainPID != before.MainPID })
	t.Logf("seen %v after the kill was asked for", time.Since(began))
	next("it runs again", func(p bus.Properties) bool {
		return p.ActiveState == "active" && p.Restarts == before.Restarts+1
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestARebootBringsTheSockets(t *testing.T) {
	g := newProxyGuest(t, 8081, 8082)
	for _, kind := range []machine.RebootKind{machine.Orderly, machine.PowerCut} {
		g.must(g.Reboot(g.ctx, kind))
		g.bus.Close()
		g.dial()
		g.wantStates("webstack.socket active", "webstack-8081.socket active", "webstack-8082.socket active")
		g.wantServed(8081, 8082)
	}
}
