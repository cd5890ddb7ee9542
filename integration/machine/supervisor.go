package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// rebootSignal asks systemd for reboot.target: systemd(1), SIGRTMIN+5.
const rebootSignal = unix.Signal(34 + 5)

// supervisor holds a machine's disk and keeps a PID 1 on it.
type supervisor struct {
	opts    Options
	systemd string
	root    string // the disk, as makeDisk returned it
	base    string // where cgroup2 is mounted
	reports *reporter

	mu     sync.Mutex
	pid1   *os.Process // the running one, nil between two
	again  bool        // boot once more although PID 1 was killed
	ending bool        // never boot again
}

// reporter writes reports; the console's reader and the main loop share it.
type reporter struct {
	mu  sync.Mutex
	out *json.Encoder
}

// send drops what nobody is left to read.
func (r *reporter) send(one report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.out.Encode(one)
}

// supervise is the supervisor's whole life. Its result is the exit status.
func supervise() int {
	// The parent-death signal of PID 1 follows this thread, not the process.
	runtime.LockOSThread()
	// It ends by the end of its channel, not by a signal meant for the caller.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	unix.CloseOnExec(channelFD)
	channel := os.NewFile(channelFD, "channel")
	orders := json.NewDecoder(channel)
	reports := &reporter{out: json.NewEncoder(channel)}

	var first order
	if err := orders.Decode(&first); err != nil || first.Options == nil {
		fmt.Fprintln(os.Stderr, "the supervisor got no first order")
		return 1
	}
	s := &supervisor{opts: *first.Options, reports: reports}
	go s.obey(orders)
	err := s.run()
	if err != nil {
		reports.send(report{Ended: err.Error()})
		return 1
	}
	return 0
}

// obey carries out orders until the channel ends.
func (s *supervisor) obey(orders *json.Decoder) {
	for {
		var o order
		if err := orders.Decode(&o); err != nil {
			s.kill(true)
			return
		}
		switch {
		case o.PowerCut:
			s.kill(false)
		case o.Reboot:
			s.signal(rebootSignal)
		}
	}
}

// kill ends PID 1, for good or for another boot.
func (s *supervisor) kill(ending bool) {
	s.mu.Lock()
	s.ending = s.ending || ending
	s.again = true
	s.mu.Unlock()
	s.signal(syscall.SIGKILL)
}

func (s *supervisor) signal(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pid1 != nil {
		_ = s.pid1.Signal(sig) // it may be gone already, which run sees
	}
}

// run boots until the machine is not to boot again.
func (s *supervisor) run() (err error) {
	if s.systemd, err = systemdPath(s.opts.Root); err != nil {
		return err
	}
	if s.base, err = cgroupBase(); err != nil {
		return err
	}
	if s.root, err = makeDisk(s.opts); err != nil {
		return fmt.Errorf("cannot make the disk: %w", err)
	}
	for {
		again, err := s.boot()
		if err != nil || !again {
			return err
		}
	}
}

// boot is one life of the machine, from its cgroup to the removal of it.
func (s *supervisor) boot() (again bool, err error) {
	group, err := makeCgroup(s.base)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, removeCgroup(group)) }()
	dir, err := os.Open(group)
	if err != nil {
		return false, fmt.Errorf("cannot open the machine's cgroup: %w", err)
	}
	defer dir.Close()
	console, err := openConsole(s.reports)
	if err != nil {
		return false, err
	}
	defer console.close()

	cmd, err := s.startStage(dir, console.path)
	if err != nil || cmd == nil {
		return false, err
	}
	s.reports.send(report{Booted: &booted{PID: cmd.Process.Pid, Cgroup: group}})
	waitErr := cmd.Wait()
	return s.after(waitErr, cmd.ProcessState.Sys().(syscall.WaitStatus))
}

// startStage starts the stage and returns when it has become systemd. It
// returns nothing when the machine is to end.
func (s *supervisor) startStage(cgroup *os.File, console string) (*exec.Cmd, error) {
	text, err := json.Marshal(stageOrder{Options: s.opts, Root: s.root, Console: console, Systemd: s.systemd})
	if err != nil {
		return nil, err
	}
	failure, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer failure.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{stageName, noTests, string(text)}
	cmd.Env = []string{"PATH=" + searchPath}
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = stageAttributes(s.opts, cgroup)

	s.mu.Lock()
	if s.ending {
		s.mu.Unlock()
		theirs.Close()
		return nil, nil
	}
	s.again = false
	err = cmd.Start()
	if err == nil {
		s.pid1 = cmd.Process
	}
	s.mu.Unlock()
	theirs.Close()
	if err != nil {
		return nil, fmt.Errorf("cannot start PID 1 in new namespaces: %w", err)
	}
	// The stage's end of the pipe closes when it becomes systemd; until then
	// it carries what went wrong.
	said, err := io.ReadAll(failure)
	if err == nil && len(said) == 0 {
		return cmd, nil
	}
	_ = cmd.Process.Kill()
	waitErr := cmd.Wait()
	if err != nil {
		return nil, fmt.Errorf("cannot hear from PID 1: %w", err)
	}
	if waitErr == nil {
		waitErr = errors.New("it exited")
	}
	return nil, fmt.Errorf("PID 1 did not become systemd: %s (%w)", strings.TrimSpace(string(said)), waitErr)
}

// stageAttributes are PID 1's namespaces and cgroup. The cgroup namespace
// comes after the cgroup (clone enters it), so that it is that namespace's
// root.
func stageAttributes(opts Options, cgroup *os.File) *syscall.SysProcAttr {
	flags := syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
	if opts.Network == Own {
		flags |= syscall.CLONE_NEWNET
	}
	return &syscall.SysProcAttr{
		Cloneflags:   uintptr(flags),
		Unshareflags: syscall.CLONE_NEWCGROUP,
		UseCgroupFD:  true,
		CgroupFD:     int(cgroup.Fd()),
		Setsid:       true,
		Pdeathsig:    syscall.SIGKILL,
	}
}

// after says what follows the end of a PID 1. pid_namespaces(7): reboot(2) in
// a PID namespace ends its init by SIGHUP for a restart, SIGINT for a halt or
// power-off.
func (s *supervisor) after(waitErr error, status syscall.WaitStatus) (again bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid1 = nil
	switch {
	case s.ending:
		return false, nil
	case s.again:
		return true, nil
	case status.Signaled() && status.Signal() == syscall.SIGHUP:
		return true, nil
	case status.Signaled() && status.Signal() == syscall.SIGINT:
		s.reports.send(report{Ended: "it was powered off"})
		return false, nil
	}
	return false, fmt.Errorf("its PID 1 ended: %w", waitErr)
}
