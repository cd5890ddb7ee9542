package bus

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/webstack/webstack/integration/unrun"
)

// patience bounds what must happen; nothing waits for it when all is well.
const patience = 20 * time.Second

// busConfig is a bus of our own, below one folder, where everybody may do
// everything.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// privateBus is a dbus-daemon that can be ended and started again at the same
// address.
type privateBus struct {
	t      *testing.T
	folder string
	cmd    *exec.Cmd
}

func newPrivateBus(t *testing.T) *privateBus {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		unrun.Skip(t, "dbus-daemon is not installed")
	}
	b := &privateBus{t: t, folder: t.TempDir()}
	config := fmt.Sprintf(busConfig, b.socket())
	if err := os.WriteFile(filepath.Join(b.folder, "bus.conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *privateBus) socket() string { return filepath.Join(b.folder, "bus") }

func (b *privateBus) options() Options { return Options{Address: "unix:path=" + b.socket()} }

// start returns when the bus listens, which is when it prints its address.
func (b *privateBus) start() {
	b.t.Helper()
	b.cmd = exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--print-address=1",
		"--config-file="+filepath.Join(b.folder, "bus.conf"))
	stdout, err := b.cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		b.t.Fatalf("dbus-daemon did not start: %v", err)
	}
}

func (b *privateBus) stop() {
	if b.cmd == nil {
		return
	}
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
	b.cmd = nil
	_ = os.Remove(b.socket())
}

// fake is a manager that does what its script says.
type fake struct {
	t    *testing.T
	conn *dbus.Conn

	mu    sync.Mutex
	units map[string]map[string]any
	jobs  int
	queue queueFunc
}

// queueFunc is called for each job; what it returns is the call's error.
type queueFunc func(f *fake, method, unit string, job dbus.ObjectPath) *dbus.Error

// newFake takes systemd's name on the bus.
func newFake(t *testing.T, b *privateBus) *fake {
	t.Helper()
	conn, err := connect(t.Context(), b.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	f := &fake{t: t, conn: conn, units: map[string]map[string]any{}}
	job := func(method string) func(string, string) (dbus.ObjectPath, *dbus.Error) {
		return func(unit, _ string) (dbus.ObjectPath, *dbus.Error) { return f.job(method, unit) }
	}
	methods := map[string]any{
		"Subscribe":           func() *dbus.Error { return nil },
		"StartUnit":           job("start"),
		"StopUnit":            job("stop"),
		"RestartUnit":         job("restart"),
		"TryRestartUnit":      job("try-restart"),
		"ReloadUnit":          job("reload"),
		"ReloadOrRestartUnit": job("reload-or-restart"),
		"ListUnitsByPatterns": f.list,
		"ListUnitsByNames":    f.listByName,
		"ResetFailedUnit":     func(string) *dbus.Error { return noSuchUnit },
	}
	if err := conn.ExportMethodTable(methods, managerPath, manager); err != nil {
		t.Fatal(err)
	}
	reads := map[string]any{"GetAll": f.getAll, "Get": f.get}
	if err := conn.ExportSubtreeMethodTable(reads, managerPath+"/unit", properties); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return f
}

var noSuchUnit = dbus.NewError(service+".NoSuchUnit", []any{"Unit x.service not loaded."})

func (f *fake) job(method, unit string) (dbus.ObjectPath, *dbus.Error) {
	f.mu.Lock()
	f.jobs++
	job := dbus.ObjectPath(fmt.Sprintf("%s/job/%d", managerPath, f.jobs))
	queue := f.queue
	f.mu.Unlock()
	return job, queue(f, method, unit, job)
}

// onJob sets what happens to jobs.
func (f *fake) onJob(queue queueFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = queue
}

// set changes a unit and says so.
func (f *fake) set(unit, key string, value any) {
	f.change(unit, key, value)
	f.emit(unitPath(unit), properties+".PropertiesChanged", service+".Unit", map[string]dbus.Variant{}, []string{key})
}

// change changes a unit and says nothing.
func (f *fake) change(unit, key string, value any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.units[unit] == nil {
		f.units[unit] = map[string]any{"Id": unit, "LoadState": "loaded", "ActiveState": "active"}
	}
	f.units[unit][key] = value
}

type listed struct {
	Name, Description, LoadState, ActiveState, SubState, Following string
	Path                                                           dbus.ObjectPath
	Job                                                            uint32
	JobType                                                        string
	JobPath                                                        dbus.ObjectPath
}

func (f *fake) list(_, patterns []string) ([]listed, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var units []listed
	for name, u := range f.units {
		if ok, _ := filepath.Match(patterns[0], name); ok {
			units = append(units, listed{
				Name: name, LoadState: "loaded", ActiveState: u["ActiveState"].(string),
				Path: unitPath(name), JobPath: "/",
			})
		}
	}
	return units, nil
}

// listByName tells of units whether they exist or not, as systemd does.
func (f *fake) listByName(names []string) ([]listed, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var units []listed
	for _, name := range names {
		row := listed{Name: name, LoadState: "not-found", ActiveState: "inactive", Path: unitPath(name), JobPath: "/"}
		if u := f.units[name]; u != nil {
			row.Name, row.LoadState, row.ActiveState = u["Id"].(string), "loaded", u["ActiveState"].(string)
		}
		units = append(units, row)
	}
	return units, nil
}

func (f *fake) get(message dbus.Message, of, name string) (dbus.Variant, *dbus.Error) {
	values, err := f.getAll(message, of)
	return values[name], err
}

func (f *fake) getAll(message dbus.Message, _ string) (map[string]dbus.Variant, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, _ := message.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	values := map[string]dbus.Variant{}
	for key, v := range f.units[unitName(path)] {
		values[key] = dbus.MakeVariant(v)
	}
	return values, nil
}

func (f *fake) removed(job dbus.ObjectPath, unit string, r Result) {
	f.emit(managerPath, manager+".JobRemoved", uint32(1), job, unit, string(r))
}

func (f *fake) emit(path dbus.ObjectPath, name string, values ...any) {
	if err := f.conn.Emit(path, name, values...); err != nil && !strings.Contains(err.Error(), "closed") {
		f.t.Errorf("cannot emit %s: %v", name, err)
	}
}

func dialFake(t *testing.T, b *privateBus) (context.Context, *Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c, err := Dial(ctx, b.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return ctx, c
}
