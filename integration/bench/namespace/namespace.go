package namespace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// marker is in the environment of the inside.
const marker = "WEBSTACK_NAMESPACE=inside"

// openFiles is the limit of descriptors that the inside and its children get,
// where the host lets it be raised.
const openFiles = 65536

// settings are of the network namespace, never of the host. Connections are
// made and closed by the ten thousand here: the ports of outgoing ones must
// neither run out nor meet a listener's, which are below Ports.
var settings = map[string]string{
	"/proc/sys/net/ipv4/ip_local_port_range":       fmt.Sprintf("%d 65535", Ports),
	"/proc/sys/net/ipv4/tcp_tw_reuse":              "1",
	"/proc/sys/net/ipv4/tcp_max_syn_backlog":       "16384",
	"/proc/sys/net/core/somaxconn":                 "16384",
	"/proc/sys/net/ipv4/tcp_fin_timeout":           "10",
	"/proc/sys/net/ipv4/tcp_max_tw_buckets":        "262144",
	"/proc/sys/net/ipv4/tcp_slow_start_after_idle": "0",
}

// Ports is the first port of outgoing connections; listeners are below it.
const Ports = 16384

// Inside tells whether this is the inside.
func Inside() bool {
	return os.Getenv("WEBSTACK_NAMESPACE") == "inside"
}

// Run runs the program again with the arguments, inside, and returns when that
// is over. It has this process's input, output and working directory. The
// inside is asked to end when ctx does.
func Run(ctx context.Context, args ...string) error {
	if os.Geteuid() != 0 {
		return errors.New("a network namespace needs root")
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), marker)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		// In a session of its own: a Ctrl-C reaches it once, by ctx, and the
		// scheduler weighs it by itself (autogroup, sched(7)).
		Setsid:    true,
		Pdeathsig: syscall.SIGKILL,
	}
	// The signal is sent when the parent's thread ends, not its process:
	// PR_SET_PDEATHSIG(2const).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.Run()
}

// Prepare makes the inside fit to be used.
func Prepare() error {
	// What is mounted from here on stays in here: mount_namespaces(7).
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("cannot make the mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("cannot mount /proc: %w", err)
	}
	if err := loopbackUp(); err != nil {
		return fmt.Errorf("cannot bring the loopback device up: %w", err)
	}
	for file, value := range settings {
		if err := os.WriteFile(file, []byte(value), 0o644); err != nil {
			return fmt.Errorf("cannot set %s: %w", file, err)
		}
	}
	return nil
}

// Nice sets how the scheduler weighs the inside as a whole against whatever
// else the machine does: from -20, the most, to 19. Kernels without autogroups
// have no such weight, which is no error.
func Nice(level int) error {
	err := os.WriteFile("/proc/self/autogroup", []byte(strconv.Itoa(level)), 0o644)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot set the scheduler's weight to %d: %w", level, err)
	}
	return nil
}

// AllowOpenFiles raises the limit of descriptors for this process and its
// children, and returns what it is now. Less than need is an error.
func AllowOpenFiles(need uint64) (uint64, error) {
	limit := unix.Rlimit{Cur: openFiles, Max: openFiles}
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		return openFiles, nil
	}
	// Root without CAP_SYS_RESOURCE, as in many containers.
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("cannot read the limit of descriptors: %w", err)
	}
	if limit.Max < need {
		return 0, fmt.Errorf("%d descriptors are needed and the limit is %d, which cannot be raised here", need, limit.Max)
	}
	limit.Cur = limit.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("cannot allow %d descriptors: %w", limit.Max, err)
	}
	return limit.Max, nil
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		return err
	}
	_, err = net.InterfaceByName("lo")
	return err
}
