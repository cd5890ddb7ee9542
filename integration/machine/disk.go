package machine

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// diskMount is where the supervisor mounts the disk, in its own mount
// namespace: the host keeps its /mnt.
const diskMount = "/mnt"

// diskOptions bound the disk: a log that runs away must not take the host's
// memory with it.
const diskOptions = "mode=0755,size=2g"

// layered are the installation's folders that the machine sees, as the lower layers of
// overlays. The rest of them exists on a host whose /usr is not merged.
var layered = []string{"usr", "etc", "var", "bin", "sbin", "lib", "lib32", "lib64", "libx32"}

// fresh are folders that begin empty, so that hosts do not differ.
var fresh = []struct {
	path string
	mode fs.FileMode
}{
	{"boot", 0o755},
	{"dev", 0o755},
	{"home", 0o755},
	{"media", 0o755},
	{"mnt", 0o755},
	{"opt", 0o755},
	{"proc", 0o555},
	{"root", 0o700},
	{"run", 0o755},
	{"srv", 0o755},
	{"sys", 0o555},
	{"tmp", 0o777 | fs.ModeSticky},
}

// hidden are folders of the installation of which the machine sees only an empty one
// with the same owner and mode: what is enabled, configured, logged or
// installed by hand there must not decide a test.
var hidden = []string{
	"usr/local",
	"etc/systemd", "etc/init.d", "etc/rc[0-6S].d", "etc/polkit-1/rules.d",
	"etc/tmpfiles.d", "etc/sysctl.d", "etc/sysusers.d", "etc/modules-load.d", "etc/webstack",
	"var/log", "var/tmp", "var/spool", "var/mail", "var/backups", "var/lib/systemd",
	"var/lib/private", "var/cache/private", "var/lib/webstack", "var/lib/dbus",
}

// absent are those of the hidden that a machine begins without.
var absent = []string{"etc/webstack", "var/lib/webstack"}

// masked are units that make no sense in a machine or that would touch the
// host: its devices, clock, network, packages and terminals.
var masked = []string{
	"systemd-udevd.service", "systemd-udevd-control.socket", "systemd-udevd-kernel.socket",
	"systemd-udev-trigger.service", "systemd-udev-settle.service", "systemd-hwdb-update.service",
	"systemd-modules-load.service", "systemd-timesyncd.service", "systemd-time-wait-sync.service",
	"systemd-networkd.service", "systemd-networkd.socket", "systemd-resolved.service",
	"networking.service", "ifupdown-pre.service", "ifup@.service", "NetworkManager.service",
	"getty.target", "getty@.service", "serial-getty@.service", "console-getty.service",
	"container-getty@.service", "autovt@.service",
	"apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
	"e2scrub_reap.service", "fstrim.timer", "man-db.timer", "logrotate.timer",
	"systemd-firstboot.service", "systemd-machine-id-commit.service", "systemd-repart.service",
	"systemd-random-seed.service", "systemd-pstore.service", "systemd-rfkill.socket",
	"systemd-binfmt.service", "systemd-sysctl.service", "systemd-remount-fs.service",
	"systemd-journald-audit.socket", "systemd-initctl.socket", "systemd-homed.service",
	"systemd-oomd.service", "systemd-oomd.socket", "systemd-userdbd.socket", "packagekit.service",
	"proc-sys-fs-binfmt_misc.automount", "sys-kernel-config.mount", "sys-kernel-debug.mount",
	"sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount", "dev-hugepages.mount",
}

// makeDisk mounts the machine's disk and returns the folder that becomes /.
// It is called in the supervisor's mount namespace, which ends with it.
func makeDisk(opts Options) (string, error) {
	if err := unix.Mount("disk", diskMount, "tmpfs", unix.MS_NODEV, diskOptions); err != nil {
		return "", fmt.Errorf("cannot mount a tmpfs for the disk: %w", err)
	}
	root := filepath.Join(diskMount, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return "", err
	}
	// Clear of the caller's umask: the modes here are meant.
	defer syscall.Umask(syscall.Umask(0))
	for _, f := range fresh {
		if err := os.Mkdir(filepath.Join(root, f.path), f.mode); err != nil {
			return "", err
		}
		if err := os.Chmod(filepath.Join(root, f.path), f.mode); err != nil {
			return "", err
		}
	}
	for _, pattern := range hidden {
		if err := hide(opts.Root, pattern); err != nil {
			return "", err
		}
	}
	for _, name := range layered {
		if err := layer(opts.Root, root, name); err != nil {
			return "", err
		}
	}
	if err := settle(root, opts); err != nil {
		return "", err
	}
	return root, nil
}

// hide makes an opaque folder in the upper layer for each of base's that
// matches: "fully hides" the lower one (kernel, filesystems/overlayfs.rst,
// "whiteouts and opaque directories").
func hide(base, pattern string) error {
	matches, err := filepath.Glob(filepath.Join(base, pattern))
	if err != nil {
		return fmt.Errorf("cannot hide %s: %w", pattern, err)
	}
	for _, lower := range matches {
		if info, err := os.Lstat(lower); err != nil || !info.IsDir() {
			continue
		}
		path := strings.TrimPrefix(lower, filepath.Clean(base))
		upper := filepath.Join(diskMount, "upper", path)
		if err := mirror(base, path); err != nil {
			return fmt.Errorf("cannot hide %s: %w", lower, err)
		}
		if err := unix.Setxattr(upper, "trusted.overlay.opaque", []byte("y"), 0); err != nil {
			return fmt.Errorf("cannot hide %s: mark it opaque: %w", lower, err)
		}
	}
	return nil
}

// mirror makes the upper layer's folder for a folder of base, and those above
// it, with the same owner and mode.
func mirror(base, path string) error {
	path = filepath.Join("/", path)
	upper := filepath.Join(diskMount, "upper", path)
	if _, err := os.Lstat(upper); err == nil {
		return nil
	}
	if path != "/" {
		if err := mirror(base, filepath.Dir(path)); err != nil {
			return err
		}
	}
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(base, path), &st); err != nil {
		return err
	}
	if err := os.Mkdir(upper, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Chown(upper, int(st.Uid), int(st.Gid)); err != nil {
		return err
	}
	return unix.Chmod(upper, st.Mode&0o7777)
}

// layer gives root one folder of base with a writable layer over it, or the
// link that stands in its place.
func layer(base, root, name string) error {
	lower, target := filepath.Join(base, name), filepath.Join(root, name)
	info, err := os.Lstat(lower)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		link, err := os.Readlink(lower)
		if err != nil {
			return err
		}
		return os.Symlink(link, target)
	}
	if err := mirror(base, name); err != nil {
		return err
	}
	work := filepath.Join(diskMount, "work", name)
	for _, dir := range []string{work, target} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", lower, filepath.Join(diskMount, "upper", name), work)
	if err := unix.Mount("disk", target, "overlay", 0, options); err != nil {
		return fmt.Errorf("cannot mount an overlay of %s: %w", lower, err)
	}
	return nil
}

// settle writes the files that make the disk this machine's.
func settle(root string, opts Options) error {
	for _, path := range absent {
		if err := os.RemoveAll(filepath.Join(root, path)); err != nil {
			return err
		}
	}
	for _, dir := range []string{
		"etc/systemd/system", "etc/systemd/journald.conf.d", "var/log/journal", "var/lib/dbus",
		"var/lib/systemd", "usr/local/bin", "usr/local/sbin", "usr/local/lib",
	} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	files := map[string]string{
		"etc/hostname":    opts.Hostname + "\n",
		"etc/hosts":       "127.0.0.1 localhost " + opts.Hostname + "\n::1 localhost\n",
		"etc/machine-id":  hex.EncodeToString(id[:]) + "\n",
		"etc/fstab":       "",
		"etc/environment": "",
		"etc/resolv.conf": resolvers(opts),
		// Through reboots, without a rate limit: a test reads what was said.
		"etc/systemd/journald.conf.d/machine.conf": "[Journal]\nStorage=persistent\nSystemMaxUse=64M\nRateLimitIntervalSec=0\nForwardToConsole=no\n",
		"root/.profile": "PS1='[\\u@\\h \\w]\\$ '\n",
	}
	for path, text := range files {
		full := filepath.Join(root, path)
		if err := os.RemoveAll(full); err != nil { // it may be a link to the host's
			return err
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			return err
		}
	}
	links := map[string]string{"var/lib/dbus/machine-id": "/etc/machine-id"}
	for _, unit := range masked {
		links["etc/systemd/system/"+unit] = "/dev/null"
	}
	// The name under which Fedora's family enables its bus.
	if target, err := os.Readlink(filepath.Join(opts.Root, "etc/systemd/system/dbus.service")); err == nil {
		links["etc/systemd/system/dbus.service"] = target
	}
	for path, target := range links {
		if err := os.Symlink(target, filepath.Join(root, path)); err != nil {
			return err
		}
	}
	return nil
}

// resolvers is the machine's resolv.conf: the host's where the network is the
// host's, else none.
func resolvers(opts Options) string {
	if opts.Network != Host {
		return ""
	}
	text, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return "" // a host without one resolves nothing either
	}
	return string(text)
}
