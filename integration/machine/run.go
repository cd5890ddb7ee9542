package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// killGrace follows the end of a command's context: what still holds its
// output is not waited for.
const killGrace = 2 * time.Second

// Output is what a finished command left.
type Output struct {
	Stdout, Stderr string
	Exit           int // 128 + signal where a signal ended it
}

// Run runs a command in the machine as root and returns when it ends. A
// command that fails is not an error here: Exit says so. The error is for one
// that could not be run at all or that outlived ctx.
func (m *Machine) Run(ctx context.Context, argv ...string) (Output, error) {
	var stdout, stderr bytes.Buffer
	cmd, err := m.Command(ctx, argv...)
	if err != nil {
		return Output{Exit: -1}, err
	}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// nsenter has forked to enter the PID namespace: the end of ctx has to
	// reach its child as well.
	cmd.SysProcAttr.Setpgid = true
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	err = cmd.Run()
	out := Output{Stdout: stdout.String(), Stderr: stderr.String(), Exit: -1}
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return out, fmt.Errorf("%q in the machine did not end in time: %w", argv, ctx.Err())
	case err == nil:
		out.Exit = 0
	case errors.As(err, &failed):
		out.Exit = failed.ExitCode()
		if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			out.Exit = 128 + int(status.Signal())
		}
	default:
		return out, fmt.Errorf("cannot run %q in the machine: %w", argv, err)
	}
	return out, nil
}

// Command is Run for a caller with wishes: the command's input, output and
// files may be set before it is started, its SysProcAttr not replaced. It runs
// in all of the machine's namespaces, in PID 1's cgroup, in /root, with PATH,
// HOME, LANG and TERM alone in its environment.
func (m *Machine) Command(ctx context.Context, argv ...string) (*exec.Cmd, error) {
	if len(argv) == 0 {
		return nil, errors.New("cannot run a command in the machine: none is given")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life == nil {
		return nil, fmt.Errorf("cannot run %q in the machine: it is not running", argv)
	}
	args := []string{
		"--target", strconv.Itoa(m.life.PID),
		"--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root",
		// Opened before the namespaces are entered, hence by this path.
		fmt.Sprintf("--wd=/proc/%d/root/root", m.life.PID), "--",
	}
	cmd := exec.CommandContext(ctx, "nsenter", append(args, argv...)...)
	cmd.Env = []string{"PATH=" + searchPath, "HOME=/root", "LANG=C.UTF-8", "TERM=dumb"}
	cmd.Dir = "/"
	cmd.WaitDelay = killGrace
	cmd.SysProcAttr = new(syscall.SysProcAttr)
	if home, err := m.life.cgroupHome(); err == nil {
		cmd.SysProcAttr.UseCgroupFD = true
		cmd.SysProcAttr.CgroupFD = int(home.Fd())
	}
	return cmd, nil
}

// cgroupHome is the cgroup of PID 1 once systemd has made it: what is run
// there is the machine's in every account, and goes with it.
func (l *life) cgroupHome() (*os.File, error) {
	if l.home == nil {
		dir, err := os.Open(filepath.Join(l.Cgroup, "init.scope"))
		if err != nil {
			return nil, err
		}
		l.home = dir
	}
	return l.home, nil
}
