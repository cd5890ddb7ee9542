package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/webstack/webstack/install"
)

const (
	// oldestSystemd is the oldest that the units are written for.
	oldestSystemd = 249
	// leastFree is how much of a disk must be free: a generation, and logs for
	// a while.
	leastFree = 100 << 20
	// timeError is what adjtimex(2) returns while nothing sets the clock.
	timeError = 5
)

func (p *patient) checkSystemd() {
	about, err := p.bus.About(p.ctx)
	if err != nil {
		p.say("systemd", broken, err.Error(), hintFor(err))
		return
	}
	p.found = append(p.found, judgeSystemd(about.Version))
	if about.Failed > 0 {
		p.say("units", doubtful, fmt.Sprintf("%s failed on this machine", count(about.Failed, "unit")), "systemctl --failed")
	}
}

func judgeSystemd(version string) finding {
	f := finding{Check: "systemd", Verdict: healthy, Text: "systemd " + version}
	digits, _, _ := strings.Cut(version, " ")
	digits, _, _ = strings.Cut(digits, ".")
	digits, _, _ = strings.Cut(digits, "~")
	switch n, err := strconv.Atoi(digits); {
	case err != nil:
		f.Verdict, f.Text = doubtful, fmt.Sprintf("systemd says that it is %q, which is no version", version)
	case n < oldestSystemd:
		f.Verdict, f.Remedy = broken, fmt.Sprintf("the units need systemd %d or newer", oldestSystemd)
	}
	return f
}

// checkMachine looks at what every program on the machine shares.
func (p *patient) checkMachine() {
	controllers, err := os.ReadFile("/sys/fs/cgroup/cgroup.controllers")
	if err != nil {
		p.say("cgroups", doubtful, "there is no cgroup2 at /sys/fs/cgroup: limits of apps do not bite", "boot with systemd.unified_cgroup_hierarchy=1")
	} else {
		p.found = append(p.found, judgeControllers(string(controllers)))
	}
	for _, dir := range []string{install.DefaultPaths().State, "/var/log", "/run"} {
		var st syscall.Statfs_t
		if err := syscall.Statfs(dir, &st); err != nil {
			p.say("disk", doubtful, fmt.Sprintf("cannot look at %s: %v", dir, err), "")
			continue
		}
		p.found = append(p.found, judgeDisk(dir, st.Bavail*uint64(st.Bsize), st.Ffree, st.Files))
	}
	var clock syscall.Timex
	state, err := syscall.Adjtimex(&clock)
	if err != nil {
		p.say("clock", doubtful, fmt.Sprintf("cannot ask for the clock: %v", err), "")
		return
	}
	p.found = append(p.found, judgeClock(state))
}

func judgeControllers(text string) finding {
	var missing []string
	there := strings.Fields(text)
	for _, c := range []string{"cpu", "memory", "pids"} {
		if !slices.Contains(there, c) {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		return finding{
			"cgroups", doubtful, "cgroup2 cannot limit " + strings.Join(missing, ", ") + ": such limits of apps do not bite",
			"boot with systemd.unified_cgroup_hierarchy=1",
		}
	}
	return finding{Check: "cgroups", Verdict: healthy, Text: "limits of cpu, memory and tasks bite"}
}

func judgeDisk(dir string, free, inodesFree, inodes uint64) finding {
	f := finding{Check: "disk", Verdict: healthy, Text: fmt.Sprintf("%s has %s free", dir, megabytes(int64(free)))}
	switch {
	case free < leastFree:
		f.Verdict, f.Remedy = broken, "make room: df -h "+dir
	case inodes > 0 && inodesFree == 0:
		f.Verdict, f.Text, f.Remedy = broken, dir+" has no inode free", "make room: df -i "+dir
	}
	return f
}

func judgeClock(state int) finding {
	if state == timeError {
		return finding{"clock", doubtful, "nothing keeps the clock: times in logs and Expires may be wrong", "timedatectl set-ntp true"}
	}
	return finding{Check: "clock", Verdict: healthy, Text: "the clock is kept"}
}
