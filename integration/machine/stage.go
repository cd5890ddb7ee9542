package machine

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// failureFD is where the stage says why it could not become systemd.
const failureFD = 3

// devices are the host's nodes that a machine gets. No disk, no /dev/kmsg:
// the journal would take in the host's kernel log.
var devices = []string{"null", "zero", "full", "random", "urandom", "tty"}

// dropped are capabilities over what no namespace separates: the clock, the
// kernel's modules, memory and log, its audit trail. Where the network is the
// host's, its settings are too.
var dropped = []uintptr{
	unix.CAP_SYS_TIME, unix.CAP_SYS_MODULE, unix.CAP_SYS_RAWIO, unix.CAP_SYSLOG,
	unix.CAP_WAKE_ALARM, unix.CAP_AUDIT_READ, unix.CAP_AUDIT_CONTROL,
}

// openFiles is what a machine's services start from, whatever the caller's
// limits: systemd-system.conf(5), DefaultLimitNOFILE=.
var openFiles = syscall.Rlimit{Cur: 1024, Max: 524288}

// stage is PID 1 from the first instruction in its namespaces until it becomes
// systemd. Its result is the exit status where that fails.
func stage(text string) int {
	// Namespaces and capabilities are the thread's that executes systemd.
	runtime.LockOSThread()
	unix.CloseOnExec(failureFD)
	failure := os.NewFile(failureFD, "failure")
	order, err := decodeStageOrder(text)
	if err == nil {
		err = becomeSystemd(order)
	}
	fmt.Fprintln(failure, err)
	return 1
}

// step is one thing that has to be done before systemd can start.
type step struct {
	name string
	do   func() error
}

func becomeSystemd(o stageOrder) error {
	at := func(path string) string { return filepath.Join(o.Root, path) }
	steps := []step{
		{"set the host name", func() error { return unix.Sethostname([]byte(o.Options.Hostname)) }},
		{"detach the mounts from the supervisor's", func() error {
			return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
		}},
		// pivot_root(2): the new root has to be a mount point.
		{"make the disk a mount", func() error { return bind(o.Root, o.Root) }},
		{"mount /dev", func() error { return mountDev(at("/dev"), o.Console) }},
		{"mount /proc", func() error { return mountProc(at("/proc"), o.Options.Network) }},
		{"mount /sys", func() error { return mountSys(at("/sys")) }},
		{"mount /run", func() error { return tmpfs(at("/run"), "mode=0755") }},
		{"mount /tmp", func() error { return tmpfs(at("/tmp"), "mode=1777") }},
		{"change the root", func() error { return pivot(o.Root) }},
		{"raise the limit of open files", raiseOpenFiles},
		{"drop capabilities", func() error { return drop(o.Options.Network) }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("cannot %s: %w", s.name, err)
		}
	}
	syscall.Umask(0o022)
	env := []string{"container=webstack", "LANG=C.UTF-8", "PATH=" + searchPath}
	return fmt.Errorf("cannot execute %s: %w", o.Systemd, syscall.Exec(o.Systemd, []string{o.Systemd}, env))
}

func bind(from, to string) error {
	return unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
}

// lock makes a bind mount read-only, which takes a second call: mount(2).
func lock(path string) error {
	if err := bind(path, path); err != nil {
		return err
	}
	return unix.Mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
}

func tmpfs(path, options string) error {
	return unix.Mount("tmpfs", path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options)
}

func mountDev(dev, console string) error {
	if err := unix.Mount("tmpfs", dev, "tmpfs", unix.MS_NOSUID, "mode=0755"); err != nil {
		return err
	}
	for _, name := range devices {
		if err := bindNode("/dev/"+name, filepath.Join(dev, name)); err != nil {
			return err
		}
	}
	if err := bindNode(console, filepath.Join(dev, "console")); err != nil {
		return err
	}
	pts, shm := filepath.Join(dev, "pts"), filepath.Join(dev, "shm")
	for _, dir := range []string{pts, shm} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount("devpts", pts, "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"); err != nil {
		return fmt.Errorf("its terminals: %w", err)
	}
	if err := tmpfs(shm, "mode=1777"); err != nil {
		return err
	}
	links := map[string]string{
		"ptmx": "pts/ptmx", "fd": "/proc/self/fd",
		"stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dev, name)); err != nil {
			return err
		}
	}
	return nil
}

// bindNode puts a device of the host at path. Binding works also where the
// host's device policy forbids making nodes.
func bindNode(from, path string) error {
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		return err
	}
	if err := unix.Mount(from, path, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return nil
}

// mountProc leaves nothing writable that belongs to the whole kernel; the
// network's settings are the machine's where its network is.
func mountProc(proc string, network Network) error {
	if err := unix.Mount("proc", proc, "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return err
	}
	if network == Own {
		net := filepath.Join(proc, "sys/net")
		if err := bind(net, net); err != nil {
			return err
		}
	}
	if err := mountBootID(filepath.Join(proc, "sys/kernel/random/boot_id")); err != nil {
		return fmt.Errorf("a boot id: %w", err)
	}
	for _, path := range []string{"sys", "sysrq-trigger"} {
		err := lock(filepath.Join(proc, path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s read-only: %w", path, err)
		}
	}
	return nil
}

// mountBootID gives each boot an id of its own; the kernel's is the host's, and
// the journal tells boots apart by it.
func mountBootID(path string) error {
	// A version 4 UUID: RFC 9562, section 5.4.
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	text := fmt.Sprintf("%x-%x-%x-%x-%x\n", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	file := filepath.Join(diskMount, "boot-id")
	if err := os.WriteFile(file, []byte(text), 0o444); err != nil {
		return err
	}
	return unix.Mount(file, path, "", unix.MS_BIND, "")
}

func mountSys(sys string) error {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := unix.Mount("sysfs", sys, "sysfs", flags|unix.MS_RDONLY, ""); err != nil {
		return err
	}
	if err := unix.Mount("cgroup2", filepath.Join(sys, "fs/cgroup"), "cgroup2", flags, ""); err != nil {
		return fmt.Errorf("cgroup2: %w", err)
	}
	return nil
}

// pivot makes root the root and lets go of the old one: pivot_root(2),
// "pivot_root(".", ".")".
func pivot(root string) error {
	if err := os.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return err
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("let go of the host's: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	// systemd leaves this to the container's manager, and sandboxed services
	// need it to see later mounts.
	return unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, "")
}

// raiseOpenFiles goes as far as the kernel's own bound, nr_open, allows, or
// stays below the caller's limit where root has no CAP_SYS_RESOURCE.
func raiseOpenFiles() error {
	text, err := os.ReadFile("/proc/sys/fs/nr_open")
	if err != nil {
		return err
	}
	most, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return err
	}
	limit := openFiles
	limit.Max = min(limit.Max, most)
	err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	if errors.Is(err, syscall.EPERM) {
		return nil
	}
	return err
}

// drop narrows what systemd and all below it can ever hold.
func drop(network Network) error {
	capabilities := dropped
	if network == Host {
		capabilities = append(slices.Clip(capabilities), unix.CAP_NET_ADMIN)
	}
	for _, c := range capabilities {
		err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		if err != nil && !errors.Is(err, unix.EINVAL) { // a kernel that has no such one
			return fmt.Errorf("capability %d: %w", c, err)
		}
	}
	return nil
}
