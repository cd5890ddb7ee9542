package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// searchPath is PATH in the machine and for what runs around it.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// systemdPaths are where distributions keep systemd itself.
var systemdPaths = []string{"/usr/lib/systemd/systemd", "/lib/systemd/systemd"}

// Possible returns nil where this process can start machines, and else what
// is missing and how to get it.
func Possible() error { return possible("/") }

// possible is Possible for machines made of root.
func possible(root string) error {
	if os.Geteuid() != 0 {
		return errors.New("cannot start a machine: namespaces, mounts and a PID 1 need root (run it with sudo)")
	}
	if _, err := systemdPath(root); err != nil {
		return fmt.Errorf("cannot start a machine: %w", err)
	}
	needed := []struct{ file, of string }{
		{"/usr/bin/dbus-daemon", "dbus"},
		{"/usr/share/dbus-1/system.conf", "dbus"},
		{"/usr/bin/systemctl", "systemd"},
	}
	for _, n := range needed {
		file := filepath.Join(root, n.file)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && !dbusBroker(root, n.file) {
			return fmt.Errorf("cannot start a machine: %s is not installed: no %s (`make deps` installs it)", n.of, file)
		}
	}
	if _, err := exec.LookPath("nsenter"); err != nil {
		return errors.New("cannot start a machine: util-linux is not installed: no nsenter (`make deps` installs it)")
	}
	if _, err := cgroupBase(); err != nil {
		return fmt.Errorf("cannot start a machine: %w", err)
	}
	return nil
}

// dbusBroker tells whether the other bus implementation stands in for file.
func dbusBroker(root, file string) bool {
	if file != "/usr/bin/dbus-daemon" {
		return false
	}
	_, err := os.Stat(filepath.Join(root, "/usr/bin/dbus-broker-launch"))
	return err == nil
}

// systemdPath is where systemd is below root.
func systemdPath(root string) (string, error) {
	for _, path := range systemdPaths {
		if _, err := os.Stat(filepath.Join(root, path)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("systemd is not installed: no %s (`make deps` installs it)", systemdPaths[0])
}
