package install

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/webstack/webstack/units"
	"github.com/webstack/webstack/units/bus"
)

// oneUnit asks for all that install knows of a unit. systemd gathers some 350
// properties of a service for it.
func oneUnit(ctx context.Context, c *bus.Conn, name string) (Unit, error) {
	p, err := c.Properties(ctx, name)
	if err != nil {
		return Unit{}, err
	}
	return Unit{
		Name: name, Load: p.LoadState, Active: p.ActiveState, Sub: p.SubState, FileState: p.UnitFileState,
		MainPID: p.MainPID, StartedAt: p.MainStart,
		Restarts: uint32(p.Restarts), Result: p.Result, ExitStatus: int32(p.MainStatus), Signalled: p.MainCode > units.Exited,

		MemoryBytes: max(p.MemoryBytes, 0), // bus.Unknown is below
	}, nil
}

// manyUnits is for plans, which look at every unit each time: one call for the
// words of all, and a small one for what the words leave open.
func manyUnits(ctx context.Context, c *bus.Conn, names []string) ([]Unit, error) {
	states, err := c.UnitsByName(ctx, names...)
	if err != nil {
		return nil, err
	}
	list := inWords(states)
	return list, sideBySide(len(list), func(i int) error { return complete(ctx, c, &list[i]) })
}

// complete asks for what Host.Units promises beyond the words.
func complete(ctx context.Context, c *bus.Conn, u *Unit) (err error) {
	switch {
	case u.Active != "active" && u.Active != "inactive":
		*u, err = oneUnit(ctx, c, u.Name)
	case u.Active == "active" && strings.HasSuffix(u.Name, ".service"):
		u.MainPID, err = c.MainPID(ctx, u.Name)
	case strings.HasSuffix(u.Name, ".target"):
		u.FileState, err = c.UnitFileState(ctx, u.Name)
	}
	return err
}

func inWords(states []bus.UnitState) []Unit {
	var list []Unit
	for _, s := range states {
		list = append(list, Unit{Name: s.Name, Load: s.LoadState, Active: s.ActiveState, Sub: s.SubState})
	}
	return list
}

// proportionalMemory is a process's share of the memory that it maps (Pss in
// proc_pid_smaps(5)), for units whose cgroup has no memory controller.
func proportionalMemory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "Pss:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			if err == nil {
				return kb << 10
			}
		}
	}
	return 0
}
