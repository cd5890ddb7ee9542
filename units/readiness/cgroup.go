package readiness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Unit is the control group of one unit.
type Unit struct {
	// Name is the unit's.
	Name string
	// proc and group are where the kernel shows processes and groups.
	proc, group string
	// path is the group's, as /proc/PID/cgroup has it.
	path string
}

// groupRoots are where systemd's own hierarchy may be mounted: cgroup v2 alone,
// beside v1 controllers, or v1.
var groupRoots = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}

// OwnUnit is the unit that this process was started in, which must be the one
// of that name: a gate belongs to its instance, and nobody runs it for another.
func OwnUnit(name string) (*Unit, error) {
	u := &Unit{Name: name, proc: "/proc"}
	path, err := u.groupOf("self")
	if err != nil {
		return nil, err
	}
	if u.path = path; path == "" {
		return nil, fmt.Errorf("this is no process of %s: systemd runs the gates, as its unit says", name)
	}
	for _, root := range groupRoots {
		if _, err := os.Stat(filepath.Join(root, path, "cgroup.procs")); err == nil {
			u.group = filepath.Join(root, path)
			return u, nil
		}
	}
	return nil, fmt.Errorf("cannot find the control group %s of %s", path, name)
}

// groupOf is the path of the unit's group if a process is in it or below, ""
// if it is elsewhere.
func (u *Unit) groupOf(pid string) (string, error) {
	text, err := os.ReadFile(filepath.Join(u.proc, pid, "cgroup"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", errGone
	}
	if err != nil {
		return "", fmt.Errorf("cannot read the control group of process %s: %w", pid, err)
	}
	return groupIn(string(text), u.Name), nil
}

// groupIn reads /proc/PID/cgroup (cgroups(7)) for the group of a unit, which
// systemd escapes with an underscore where its name could be one of the
// kernel's files.
func groupIn(text, unit string) string {
	for line := range strings.Lines(text) {
		// HIERARCHY:CONTROLLERS:PATH; systemd's own are "0::" and "name=systemd".
		field := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(field) != 3 || field[1] != "" && field[1] != "name=systemd" {
			continue
		}
		parts := strings.Split(field[2], "/")
		for i, part := range parts {
			if part == unit || part == "_"+unit {
				return strings.Join(parts[:i+1], "/")
			}
		}
	}
	return ""
}

// has says whether a process is in the unit.
func (u *Unit) has(pid int) (bool, error) {
	path, err := u.groupOf(strconv.Itoa(pid))
	return path != "" && path == u.path, err
}

// processes are those of the unit, this one apart. A group may have others
// below it, of an app that has them delegated.
func (u *Unit) processes() ([]int, error) {
	var pids []int
	err := filepath.WalkDir(u.group, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was removed just now
		}
		if err != nil || e.Name() != "cgroup.procs" {
			return err
		}
		text, err := os.ReadFile(path)
		for field := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && pid != os.Getpid() {
				pids = append(pids, pid)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot list the processes of %s: %w", u.Name, err)
	}
	return pids, nil
}
