package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// family is the process and its descendants.
func (p *Process) family() ([]int, error) {
	family := []int{p.PID()}
	for i := 0; i < len(family); i++ {
		lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", family[i]))
		if err != nil {
			return nil, err
		}
		for _, list := range lists {
			text, err := os.ReadFile(list)
			if gone(err) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("cannot list the children of %s: %w", p.Name, err)
			}
			for field := range strings.FieldsSeq(string(text)) {
				child, err := strconv.Atoi(field)
				if err != nil {
					return nil, fmt.Errorf("cannot list the children of %s: %w", p.Name, err)
				}
				family = append(family, child)
			}
		}
	}
	return family, nil
}

// gone is the error of a thread or a process that has ended meanwhile.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// CPU is the time in nanoseconds that all threads of the process and of its
// descendants have run so far: the first number of schedstat.
// (Documentation/scheduler/sched-stats.rst of the kernel.)
func (p *Process) CPU() (int64, error) {
	family, err := p.family()
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, pid := range family {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		if err != nil {
			return 0, err
		}
		for _, thread := range threads {
			text, err := os.ReadFile(thread)
			if gone(err) {
				continue
			}
			if err != nil {
				return 0, fmt.Errorf("cannot read the CPU time of %s: %w", p.Name, err)
			}
			first, _, _ := bytes.Cut(text, []byte(" "))
			n, err := strconv.ParseInt(string(first), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("cannot read the CPU time of %s: %w", p.Name, err)
			}
			sum += n
		}
	}
	if sum == 0 {
		return 0, fmt.Errorf("cannot read the CPU time of %s: the kernel keeps no schedstat", p.Name)
	}
	return sum, nil
}

// Memory is in bytes, of the process and its descendants together.
type Memory struct {
	// RSS is all that is resident, shared pages counted in each process.
	RSS int64 `json:"rss_bytes"`
	// PSS divides what is shared by the number of those who share it.
	PSS int64 `json:"pss_bytes"`
	// Anonymous is what no file stands behind: heaps and stacks.
	Anonymous int64 `json:"anonymous_bytes"`
}

// Memory reads smaps_rollup: proc_pid_smaps(5).
func (p *Process) Memory() (Memory, error) {
	family, err := p.family()
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	for _, pid := range family {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if gone(err) && pid != p.PID() {
			continue
		}
		if err != nil {
			return Memory{}, fmt.Errorf("cannot read the memory of %s: %w", p.Name, err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) != 3 || fields[2] != "kB" {
				continue
			}
			kb, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return Memory{}, fmt.Errorf("cannot read the memory of %s: %w", p.Name, err)
			}
			switch fields[0] {
			case "Rss:":
				m.RSS += kb << 10
			case "Pss:":
				m.PSS += kb << 10
			case "Anonymous:":
				m.Anonymous += kb << 10
			}
		}
	}
	return m, nil
}

// Descriptors is how many the process has open.
func (p *Process) Descriptors() (int, error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.PID()))
	if err != nil {
		return 0, fmt.Errorf("cannot count the descriptors of %s: %w", p.Name, err)
	}
	return len(open), nil
}
