package machine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Network says whose network a machine has.
type Network string

const (
	// Own is a network namespace with nothing but lo: ports never collide.
	Own Network = "own"
	// Host is the host's network, for trying things out with a browser.
	Host Network = "host"
)

// Options describe a machine. The zero value is a good one.
type Options struct {
	Network  Network // default Own
	Hostname string  // default "machine"
	// Root is the installation that the machine is made of: the host's own, "/",
	// by default, or a folder that holds another one (debian.sh makes such).
	Root string
}

const (
	// bootTimeout bounds one boot. A boot takes two seconds; the rest is for a
	// host that runs other things.
	bootTimeout = 90 * time.Second
	// endTimeout bounds the end of everything: killing a PID namespace takes
	// milliseconds.
	endTimeout = 30 * time.Second
	// consoleLines are kept for error messages.
	consoleLines = 40
)

// Machine is a running machine. Its methods may be called concurrently.
type Machine struct {
	supervisor *exec.Cmd
	channel    *os.File
	finished   chan struct{} // closed when the supervisor's channel has ended

	mu      sync.Mutex
	life    *life
	changed chan struct{} // closed and replaced when life or ended changes
	boots   int
	ended   string // why there is no machine any more
	console []string
	closed  bool
}

// Start boots a machine and returns when systemd says that it is running with
// no failed unit. ctx bounds the boot, not the machine's life: Close ends it.
func Start(ctx context.Context, opts Options) (*Machine, error) {
	root, err := filepath.Abs(cmp.Or(opts.Root, "/"))
	if err != nil {
		return nil, fmt.Errorf("cannot start a machine: %w", err)
	}
	opts.Root = root
	if err := possible(opts.Root); err != nil {
		return nil, err
	}
	if opts.Network == "" {
		opts.Network = Own
	}
	if opts.Hostname == "" {
		opts.Hostname = "machine"
	}
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()

	m, err := launch(opts)
	if err != nil {
		return nil, fmt.Errorf("cannot start a machine: %w", err)
	}
	if err := m.awaitBoot(ctx, 1); err != nil {
		_ = m.Close() // it could only say the same again
		return nil, fmt.Errorf("cannot boot a machine: %w", err)
	}
	return m, nil
}

// launch starts the supervisor and hands it its first order.
func launch(opts Options) (*Machine, error) {
	ours, theirs, err := channelPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()

	var stderr strings.Builder
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{supervisorName, noTests}
	cmd.Env = []string{"PATH=" + searchPath}
	cmd.Dir = "/"
	cmd.Stderr = &stderr
	cmd.ExtraFiles = []*os.File{theirs}
	// A session of its own: an interrupt at the terminal reaches the caller,
	// and the supervisor only through the end of the channel.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Unshareflags: syscall.CLONE_NEWNS}
	if err := cmd.Start(); err != nil {
		ours.Close()
		return nil, fmt.Errorf("cannot start its supervisor: %w", err)
	}
	m := &Machine{
		supervisor: cmd, channel: ours,
		finished: make(chan struct{}), changed: make(chan struct{}),
	}
	go m.listen(&stderr)
	if err := m.order(order{Options: &opts}); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// channelPair is a socket pair: its end tells either side that the other is
// gone, which a signal to the parent's thread or process group would not.
func channelPair() (ours, theirs *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make its channel: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "machine channel"), os.NewFile(uintptr(fds[1]), "supervisor channel"), nil
}

func (m *Machine) order(o order) error {
	if err := json.NewEncoder(m.channel).Encode(o); err != nil {
		return fmt.Errorf("cannot reach the machine's supervisor: %w", err)
	}
	return nil
}

// listen takes in reports until the supervisor is gone, then reaps it.
func (m *Machine) listen(stderr *strings.Builder) {
	defer close(m.finished)
	reports := json.NewDecoder(m.channel)
	for {
		var r report
		if err := reports.Decode(&r); err != nil {
			break
		}
		m.take(r)
	}
	waitErr := m.supervisor.Wait()
	why := "its supervisor ended"
	if waitErr != nil {
		why += ": " + waitErr.Error()
	}
	if text := strings.TrimSpace(stderr.String()); text != "" {
		why += ": " + text
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended == "" && m.boots == 0 {
		why += " (does TestMain or main call machine.Main first?)"
	}
	m.end(why)
}

// take applies one report.
func (m *Machine) take(r report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case r.Booted != nil:
		m.forget()
		next, err := newLife(*r.Booted)
		if err != nil {
			m.end(err.Error())
			return
		}
		m.life = next
		m.boots++
		m.announce()
	case r.Ended != "":
		m.end(r.Ended)
	default:
		m.console = append(m.console, r.Console)
		if extra := len(m.console) - consoleLines; extra > 0 {
			m.console = m.console[extra:]
		}
	}
}

// end, forget and announce are called with mu held.
func (m *Machine) end(why string) {
	m.forget()
	if m.ended == "" {
		m.ended = why
	}
	m.announce()
}

func (m *Machine) forget() {
	if m.life != nil {
		m.life.close()
		m.life = nil
	}
}

func (m *Machine) announce() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Console returns the last lines that PID 1 wrote to its console.
func (m *Machine) Console() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.console...)
}

// PID is the machine's PID 1 as the host counts, 0 when there is none.
func (m *Machine) PID() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life == nil {
		return 0
	}
	return m.life.PID
}

// Boots counts the boots so far, the first included.
func (m *Machine) Boots() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.boots
}

// Done is closed when the machine has ended and will not boot again.
func (m *Machine) Done() <-chan struct{} { return m.finished }

// Close ends the machine and removes every trace of it from the host. It
// returns when all is gone; a second Close does nothing.
func (m *Machine) Close() error {
	m.mu.Lock()
	closed := m.closed
	m.closed = true
	m.mu.Unlock()
	if closed {
		return nil
	}
	defer m.channel.Close()
	// Shut down, not closed: the supervisor sees the end of its orders, and
	// its last words still arrive.
	raw, err := m.channel.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_WR) })
	}
	if err != nil {
		return fmt.Errorf("cannot end the machine: %w", err)
	}
	select {
	case <-m.finished:
	case <-time.After(endTimeout):
		// Its death kills PID 1 (stageAttributes sets the parent-death signal).
		_ = m.supervisor.Process.Kill()
		<-m.finished
		return fmt.Errorf("cannot end the machine in order within %v: its supervisor was killed", endTimeout)
	}
	if !m.supervisor.ProcessState.Success() {
		return fmt.Errorf("cannot end the machine in order: %s", m.whyEnded())
	}
	return nil
}

func (m *Machine) whyEnded() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ended
}

// alive returns the present life, or why there is none.
func (m *Machine) alive() (*life, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.life != nil:
		return m.life, nil
	case m.ended != "":
		return nil, fmt.Errorf("the machine has ended: %s", m.ended)
	}
	return nil, errors.New("the machine has not booted yet")
}

// withConsole adds the console's last lines to a boot's error.
func (m *Machine) withConsole(err error) error {
	lines := m.Console()
	if len(lines) == 0 {
		return fmt.Errorf("%w (its console stayed empty)", err)
	}
	return fmt.Errorf("%w\nthe last lines of its console:\n  %s", err, strings.Join(lines, "\n  "))
}
