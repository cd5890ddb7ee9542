package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// readyTimeout is long for any server on a busy machine.
	readyTimeout = 20 * time.Second
	readyPause   = 10 * time.Millisecond
	// stopTimeout is what a server gets before it is killed.
	stopTimeout = 10 * time.Second
	// outputTimeout is for what a process that has ended still has to say, by
	// a descendant that lives on.
	outputTimeout = time.Second
	// keptOutput is how much of its first output is kept, to explain a failure.
	keptOutput = 8 << 10
)

// Process is a started server.
type Process struct {
	Name   string
	cmd    *exec.Cmd
	output output
	ended  chan struct{}
	err    error // valid once ended is closed
}

// Spec says what to start.
type Spec struct {
	Name string
	Argv []string
	Dir  string
	Env  []string // beyond this process's own
	// Core is the only core that it may run on; -1 is any.
	Core int
	// Stdout, if not nil, takes its standard output; its messages are kept
	// otherwise.
	Stdout *os.File
}

// Start starts it.
func Start(s Spec) (*Process, error) {
	p := &Process{Name: s.Name, cmd: exec.Command(s.Argv[0], s.Argv[1:]...), ended: make(chan struct{})}
	p.cmd.Dir = s.Dir
	p.cmd.Env = append(os.Environ(), s.Env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	// A group of its own, to be ended together.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = outputTimeout
	if s.Stdout != nil {
		p.cmd.Stdout = s.Stdout
	}
	if err := onCore(s.Core, p.cmd.Start); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", s.Name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// onCore calls do in a thread that may run on that core alone. A child
// inherits its parent thread's cores: sched_setaffinity(2).
func onCore(core int, do func() error) error {
	if core < 0 {
		return do()
	}
	done := make(chan error, 1)
	go func() {
		// Never unlocked: the thread ends with the goroutine, and nothing
		// else ever runs in it.
		runtime.LockOSThread()
		if err := Pin(0, core); err != nil {
			done <- err
			return
		}
		done <- do()
	}()
	return <-done
}

// Pin lets a thread, 0 for the calling one, run on one core alone.
func Pin(tid, core int) error {
	var set unix.CPUSet
	set.Set(core)
	if err := unix.SchedSetaffinity(tid, &set); err != nil {
		return fmt.Errorf("cannot keep to core %d: %w", core, err)
	}
	return nil
}

// Cores are those that this process may run on.
func Cores() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("cannot tell which cores may be used: %w", err)
	}
	var cores []int
	for core := 0; len(cores) < set.Count(); core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores, nil
}

// PID is the process's own number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Output is what it said first.
func (p *Process) Output() string { return p.output.String() }

// Ended is closed when the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// AwaitListening waits until something accepts on each address.
func (p *Process) AwaitListening(ctx context.Context, addresses ...string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for _, address := range addresses {
		for {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
			if err == nil {
				conn.Close()
				break
			}
			select {
			case <-p.ended:
				return fmt.Errorf("%s ended before it listened on %s: %w: %s", p.Name, address, p.exit(), p.Output())
			case <-ctx.Done():
				return fmt.Errorf("%s does not listen on %s: %w: %s", p.Name, address, err, p.Output())
			case <-time.After(readyPause):
			}
		}
	}
	return nil
}

func (p *Process) exit() error {
	if p.err == nil {
		return errors.New("exit status 0")
	}
	return p.err
}

// Signal sends it a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Stop asks it and its group to end, kills them when they do not, and returns
// when it is gone.
func (p *Process) Stop() error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGTERM)
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.ended
	return fmt.Errorf("%s did not stop within %s and was killed", p.Name, stopTimeout)
}

// output keeps the first words of a process.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if room := keptOutput - o.text.Len(); room > 0 {
		o.text.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.TrimSpace(o.text.String())
}
