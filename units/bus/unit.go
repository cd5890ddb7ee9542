package bus

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// UnitState is one unit of a list.
type UnitState struct {
	Name, Description                string
	LoadState, ActiveState, SubState string
}

// Units lists the loaded units whose names match one of patterns (shell
// patterns; none lists all).
func (c *Conn) Units(ctx context.Context, patterns ...string) ([]UnitState, error) {
	return c.list(ctx, "ListUnitsByPatterns", []string{}, append([]string{}, patterns...))
}

// UnitsByName lists units in the order of their names, and loads them first
// where they are not. A unit that does not exist has the LoadState "not-found".
func (c *Conn) UnitsByName(ctx context.Context, names ...string) ([]UnitState, error) {
	units, err := c.list(ctx, "ListUnitsByNames", append([]string{}, names...))
	if err == nil && len(units) != len(names) {
		err = fmt.Errorf("cannot list units: systemd tells of %d out of %d", len(units), len(names))
	}
	if err != nil {
		return nil, err
	}
	for i := range units {
		units[i].Name = names[i] // an alias is told by the unit's own name
	}
	return units, nil
}

func (c *Conn) list(ctx context.Context, method string, args ...any) ([]UnitState, error) {
	// The fields of a unit in a list, see org.freedesktop.systemd1(5).
	var rows []struct {
		Name, Description                string
		LoadState, ActiveState, SubState string
		Following                        string
		Path                             dbus.ObjectPath
		Job                              uint32
		JobType                          string
		JobPath                          dbus.ObjectPath
	}
	if err := c.call(ctx, method, []any{&rows}, args...); err != nil {
		return nil, failure("list units", err)
	}
	var units []UnitState
	for _, r := range rows {
		units = append(units, UnitState{r.Name, r.Description, r.LoadState, r.ActiveState, r.SubState})
	}
	return units, nil
}

// MainPID is the main process of a service, 0 for none.
func (c *Conn) MainPID(ctx context.Context, unit string) (int, error) {
	v, err := c.property(ctx, unit, "Service", "MainPID")
	return int(number(v)), err
}

// MainStart is when the main process of a service was started, zero for never.
func (c *Conn) MainStart(ctx context.Context, unit string) (time.Time, error) {
	v, err := c.property(ctx, unit, "Service", "ExecMainStartTimestamp")
	return realtime(v), err
}

// UnitFileState says whether a unit starts at boot: "enabled", "disabled",
// "static", "masked" and others, "" for a unit without a file.
func (c *Conn) UnitFileState(ctx context.Context, unit string) (string, error) {
	v, err := c.property(ctx, unit, "Unit", "UnitFileState")
	return text(v), err
}

// property reads one property: a fiftieth of the work of reading all.
func (c *Conn) property(ctx context.Context, unit, of, name string) (dbus.Variant, error) {
	var v dbus.Variant
	err := c.callObject(ctx, unitPath(unit), properties+".Get", []any{&v}, service+"."+of, name)
	return v, failure("read the state of "+unit, err)
}

// Unknown is the value of a number that systemd does not have, such as the
// memory of a unit without a controller for it.
const Unknown = -1

// Properties are what install and status ask of a unit. The second half is of
// services and is zero for all others.
type Properties struct {
	Name          string
	LoadState     string // "loaded", "not-found", "masked", "bad-setting", "error"
	ActiveState   string
	SubState      string
	UnitFileState string // "enabled", "disabled", "static", ...
	FragmentPath  string
	DropInPaths   []string
	// NeedDaemonReload: the file changed after systemd read it. It says
	// nothing about what runs.
	NeedDaemonReload bool
	// Job is the id of the job that is queued for the unit, 0 for none.
	Job         uint32
	StateChange time.Time
	// StateMonotonic is StateChange on the clock that never goes back.
	StateMonotonic time.Duration

	MainPID       int
	Result        string // "success", "exit-code", "signal", "timeout", "watchdog", ...
	MainStart     time.Time
	MainCode      int // the SIGCHLD code: 1 exited, 2 killed, 3 dumped core
	MainStatus    int // the exit status, or the signal
	Restarts      int
	MemoryBytes   int64         // or Unknown
	CPU           time.Duration // or Unknown
	ControlGroup  string
	NotifyStatus  string // what the service says of itself (STATUS=)
	MainMonotonic time.Duration
}

// Properties reads a unit's, and loads it first where it is not. A unit that
// does not exist is no error: its LoadState is "not-found".
func (c *Conn) Properties(ctx context.Context, unit string) (Properties, error) {
	var values map[string]dbus.Variant
	// A service has about 350 properties, and to ask for all at once ("" is
	// every interface) costs as much as to ask for seven of them.
	of := service + ".Unit"
	if strings.HasSuffix(unit, ".service") {
		of = ""
	}
	err := c.callObject(ctx, unitPath(unit), properties+".GetAll", []any{&values}, of)
	if err != nil {
		return Properties{}, failure("read the state of "+unit, err)
	}
	var p Properties
	p.takeUnit(values)
	p.takeService(values)
	p.MemoryBytes, p.CPU = number(values["MemoryCurrent"]), time.Duration(number(values["CPUUsageNSec"]))
	p.FragmentPath, p.ControlGroup = text(values["FragmentPath"]), text(values["ControlGroup"])
	p.UnitFileState = text(values["UnitFileState"])
	p.DropInPaths, _ = values["DropInPaths"].Value().([]string)
	p.NeedDaemonReload, _ = values["NeedDaemonReload"].Value().(bool)
	return p, nil
}

// takeUnit takes what systemd signals of every unit when it changes.
func (p *Properties) takeUnit(values map[string]dbus.Variant) {
	if v, ok := values["Id"]; ok {
		p.Name = text(v)
	}
	if v, ok := values["LoadState"]; ok {
		p.LoadState = text(v)
	}
	p.ActiveState, p.SubState = text(values["ActiveState"]), text(values["SubState"])
	p.StateChange = realtime(values["StateChangeTimestamp"])
	p.StateMonotonic = microseconds(values["StateChangeTimestampMonotonic"])
	p.Job = 0
	if job, ok := values["Job"].Value().([]any); ok && len(job) == 2 {
		p.Job, _ = job[0].(uint32)
	}
}

// takeService takes what it signals of a service besides.
func (p *Properties) takeService(values map[string]dbus.Variant) {
	p.MainPID = int(number(values["MainPID"]))
	p.Result = text(values["Result"])
	p.MainStart = realtime(values["ExecMainStartTimestamp"])
	p.MainMonotonic = microseconds(values["ExecMainStartTimestampMonotonic"])
	p.MainCode = int(number(values["ExecMainCode"]))
	p.MainStatus = int(number(values["ExecMainStatus"]))
	p.Restarts = int(number(values["NRestarts"]))
	p.NotifyStatus = text(values["StatusText"])
}

func microseconds(v dbus.Variant) time.Duration { return time.Duration(number(v)) * time.Microsecond }

func text(v dbus.Variant) string {
	s, _ := v.Value().(string)
	return s
}

// number reads any integer. What systemd does not know is all ones in 64 bits.
func number(v dbus.Variant) int64 {
	switch n := v.Value().(type) {
	case int32:
		return int64(n)
	case uint32:
		return int64(n)
	case uint64:
		return int64(n)
	default:
		return 0
	}
}

// realtime reads a time in microseconds, 0 for never.
func realtime(v dbus.Variant) time.Time {
	if usec := number(v); usec != 0 {
		return time.UnixMicro(usec)
	}
	return time.Time{}
}

// unitPath is the object of a unit: its name with every byte that is no
// letter or digit (nor a digit at the beginning) as "_" and two hexadecimal
// digits. systemd loads the unit when the object is asked for.
func unitPath(unit string) dbus.ObjectPath {
	var b strings.Builder
	b.WriteString(string(managerPath) + "/unit/")
	for i := 0; i < len(unit); i++ {
		c := unit[i]
		digit := c >= '0' && c <= '9'
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || digit && i > 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "_%02x", c)
	}
	return dbus.ObjectPath(b.String())
}
