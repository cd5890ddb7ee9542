package units

import (
	"fmt"
	"slices"
	"strings"
)

// maxUnit leaves room in systemd's 255 bytes of a unit's name for
// "@INSTANCE.service".
const maxUnit = 200

// reserved are names whose template, target or slice is systemd's, or in
// nearly every distribution (systemd.special(7), and what Debian and Fedora
// ship). What else is taken on a machine is for the installer to find on its
// disk: that somebody may have redis installed is no reason to refuse an app of
// that name to everybody.
var reserved = []string{
	"autovt", "background", "basic", "blockdev", "bluetooth", "boot-complete",
	"console-getty", "container-getty", "cron", "crond", "cryptsetup", "cryptsetup-pre",
	"ctrl-alt-del", "dbus", "dbus-broker", "debug-shell", "default", "emergency",
	"exit", "factory-reset", "final", "first-boot-complete", "getty", "getty-pre",
	"graphical", "graphical-session", "halt", "hibernate", "hybrid-sleep", "init",
	"initrd", "integritysetup", "kexec", "kmod", "local-fs", "local-fs-pre", "machine",
	"machines", "modprobe", "multi-user", "network", "network-online", "network-pre",
	"nss-lookup", "nss-user-lookup", "paths", "polkit", "poweroff", "printer", "proc",
	"quotaon", "reboot", "remote-cryptsetup", "remote-fs", "remote-fs-pre", "rescue",
	"root", "rpcbind", "runlevel", "serial-getty", "session", "shutdown", "sigpwr",
	"sleep", "slices", "smartcard", "sockets", "soft-reboot", "sound", "ssh", "sshd",
	"suspend", "suspend-then-hibernate", "swap", "sysinit", "syslog", "system",
	"system-update", "time-set", "time-sync", "timers", "udev", "umount", "usb-gadget",
	"user", "user-runtime-dir", "user-sessions", "veritysetup", "vlock",
}

// reservedPrefixes open whole families of such names.
var reservedPrefixes = []string{
	"dbus-org.", "runlevel", "system-", "user-", "machine-",
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
	if whose := Owner(unit); whose != "" {
		return fmt.Errorf("unit %q is %s", unit, whose)
	}
	return nil
}

// Owner says whose a unit name is already ("systemd's own"), or "".
func Owner(unit string) string {
	switch {
	case unit == "webstack" || strings.HasPrefix(unit, "webstack-"):
		return "webstack's own"
	case unit == "systemd" || strings.HasPrefix(unit, "systemd-") || strings.HasPrefix(unit, "initrd-"):
		return "systemd's own"
	case slices.Contains(reserved, unit) || hasAnyPrefix(unit, reservedPrefixes):
		return "a unit of the system"
	}
	return ""
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
