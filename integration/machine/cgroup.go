package machine

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cgroupPrefix begins the name of each machine's cgroup; the supervisor's PID
// ends it.
const cgroupPrefix = "webstack-machine-"

// cgroupTimeout bounds the wait for a dead machine's cgroup to become empty:
// the kernel takes dead processes out a moment after their parent saw them go.
const cgroupTimeout = 10 * time.Second

// cgroupBase finds where the host has mounted cgroup2: at /sys/fs/cgroup, or
// at its folder unified where the controllers are still v1's.
//
// It is never mounted anew: a mount from the initial cgroup namespace resets
// nsdelegate for the whole host.
func cgroupBase() (string, error) {
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", fmt.Errorf("cannot look for cgroup2: %w", err)
	}
	defer mounts.Close()
	var found []string
	for lines := bufio.NewScanner(mounts); lines.Scan(); {
		// proc_pid_mountinfo(5): the mount point is field 5, the type follows
		// the lone hyphen.
		before, after, ok := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(before)
		if ok && len(fields) > 4 && strings.HasPrefix(after, "cgroup2 ") {
			found = append(found, fields[4])
		}
	}
	for _, path := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		if slices.Contains(found, path) {
			return path, nil
		}
	}
	if len(found) > 0 {
		return found[0], nil
	}
	return "", errors.New("no cgroup2 is mounted (mount -t cgroup2 cgroup2 /sys/fs/cgroup)")
}

// makeCgroup makes the machine's cgroup and takes away what supervisors that
// were killed have left.
func makeCgroup(base string) (string, error) {
	leftovers, err := filepath.Glob(filepath.Join(base, cgroupPrefix+"*"))
	if err != nil {
		return "", fmt.Errorf("cannot look for old cgroups: %w", err)
	}
	for _, dir := range leftovers {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(dir), cgroupPrefix))
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && !populated(dir) {
			_ = removeTree(dir) // somebody else's: not our failure
		}
	}
	dir := filepath.Join(base, cgroupPrefix+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", fmt.Errorf("cannot make the machine's cgroup: %w", err)
	}
	return dir, nil
}

// removeCgroup removes a dead machine's cgroup with all below it.
func removeCgroup(dir string) error {
	// cgroups(7): writing 1 kills all members, forks under way included. Older
	// kernels have no such file; the end of the PID namespace did it already.
	_ = os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
	deadline := time.Now().Add(cgroupTimeout)
	for {
		err := removeTree(dir)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("cannot remove the machine's cgroup: %w", err)
		}
		time.Sleep(pollInterval)
	}
}

// removeTree removes directories from the leaves up; the files in them are the
// kernel's and go with them.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeTree(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return syscall.Rmdir(dir)
}

func populated(dir string) bool {
	events, err := os.ReadFile(filepath.Join(dir, "cgroup.events"))
	return err == nil && strings.Contains(string(events), "populated 1")
}

// Controllers are the cgroup controllers that the machine's systemd can use;
// none where the host's are v1's.
func (m *Machine) Controllers() ([]string, error) {
	l, err := m.alive()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(l.Cgroup, "cgroup.controllers"))
	if err != nil {
		return nil, fmt.Errorf("cannot read the machine's controllers: %w", err)
	}
	return strings.Fields(string(text)), nil
}

// HostControllers are the cgroup controllers that a machine on this host will
// have, known before there is one.
func HostControllers() ([]string, error) {
	base, err := cgroupBase()
	if err != nil {
		return nil, err
	}
	// cgroups(7): children have what the parent's subtree_control names.
	text, err := os.ReadFile(filepath.Join(base, "cgroup.subtree_control"))
	if err != nil {
		return nil, fmt.Errorf("cannot read the host's controllers: %w", err)
	}
	return strings.Fields(string(text)), nil
}
