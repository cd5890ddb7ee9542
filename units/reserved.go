package units

import (
	"fmt"
	"slices"
	"strings"
)

// maxUnit leaves room in systemd's 255 bytes of a unit's name for
// "@INSTANCE.service".
const maxUnit = 200

// reserved are names whose template, target or slice belongs to systemd, to a
// distribution or to webstack itself. What else is taken on a machine is for
// the installer to find on its disk.
var reserved = []string{
	// systemd's targets, and the slices it makes.
	"basic", "bluetooth", "boot-complete", "cryptsetup", "default", "emergency",
	"exit", "final", "first-boot-complete", "getty", "getty-pre", "graphical",
	"halt", "hibernate", "hybrid-sleep", "init", "integritysetup", "kexec",
	"local-fs", "local-fs-pre", "machine", "machines", "multi-user", "network",
	"network-online", "network-pre", "nss-lookup", "nss-user-lookup", "paths",
	"poweroff", "printer", "reboot", "remote-cryptsetup", "remote-fs",
	"remote-fs-pre", "rescue", "rpcbind", "session", "shutdown", "sigpwr",
	"sleep", "slices", "smartcard", "sockets", "sound", "suspend",
	"suspend-then-hibernate", "swap", "sysinit", "system", "system-update",
	"time-set", "time-sync", "timers", "umount", "usb-gadget", "user",
	"veritysetup",
	// Templates and services of systemd and of distributions.
	"autovt", "chrony", "chronyd", "console-getty", "container-getty",
	"container-shell", "cron", "crond", "cups", "dbus", "dbus-broker",
	"debug-shell", "dm-event", "firewalld", "fsck", "getty-static", "ifup",
	"kmod", "lvm2-pvscan", "modprobe", "networking", "nftables", "openvpn",
	"polkit", "postgresql", "quotaon", "rc-local", "redis-server", "rsyslog",
	"serial-getty", "snapd", "ssh", "sshd", "sshd-keygen", "syslog", "ufw",
	"user-runtime-dir", "wg-quick", "wpa_supplicant",
}

// reservedPrefixes open whole families of such names.
var reservedPrefixes = []string{
	"systemd-", "dbus-org.", "initrd-", "runlevel",
	"system-", "user-", "machine-", "webstack-",
}

// CheckName says why unit cannot be the name of an app's units, or nil.
func CheckName(unit string) error {
	switch {
	case unit == "":
		return fmt.Errorf("a unit needs a name")
	case len(unit) > maxUnit:
		return fmt.Errorf("unit %q is longer than %d bytes", unit, maxUnit)
	case unit[0] == '-' || unit[0] == '.':
		return fmt.Errorf("unit %q must begin with a letter, a digit or an underscore", unit)
	}
	for i := 0; i < len(unit); i++ {
		if !isNameByte(unit[i]) {
			return fmt.Errorf("unit %q may hold letters, digits and \"_.-\" alone", unit)
		}
	}
	if unit == "webstack" {
		return fmt.Errorf("unit %q is the proxy's own", unit)
	}
	if slices.Contains(reserved, unit) || hasAnyPrefix(unit, reservedPrefixes) {
		return fmt.Errorf("unit %q belongs to the system", unit)
	}
	return nil
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func isNameByte(c byte) bool {
	return isAlphanumeric(c) || c == '_' || c == '.' || c == '-'
}

// maxUnitFile is the longest name of a unit (UNIT_NAME_MAX).
const maxUnitFile = 255

// checkInstance keeps to names that are the same escaped and unescaped, %i
// and %I (systemd.unit(5)): a dash would become a slash.
func checkInstance(unit, name string) error {
	for i := 0; i < len(name); i++ {
		if c := name[i]; !isAlphanumeric(c) && c != '_' && c != '.' {
			return fmt.Errorf("instance %q may hold letters, digits and \"_.\" alone", name)
		}
	}
	if name == "" || len(InstanceUnit(unit, name)) > maxUnitFile {
		return fmt.Errorf("instance %q of unit %q has a name that is empty or too long", name, unit)
	}
	return nil
}
