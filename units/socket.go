package units

import (
	"fmt"
	"strings"
)

// RunFolder holds what the gates and systemd make for instances: root's own,
// so that nobody can put a link where root will write.
const RunFolder = "/run/webstack-instances"

// ProxyGroup is the group of the proxy's user, and of nobody else.
const ProxyGroup = "webstack"

// maxSocketPath is the longest path of a unix socket (sun_path of unix(7),
// less its NUL).
const maxSocketPath = 107

// FolderOf is the folder in which an instance that binds its unix socket
// itself makes it. It is the app's user's, so root never follows a path in it.
func FolderOf(unit, name string) string { return RunFolder + "/" + unit + "@" + name }

// SocketPath is where an instance has its unix socket: in its own folder where
// the app binds it, beside those folders where systemd does.
func SocketPath(unit, name string, held bool) string {
	if held {
		return FolderOf(unit, name) + ".sock"
	}
	return FolderOf(unit, name) + "/socket"
}

// socket is what {socket} means in the template, "" for nothing.
func (a App) socket() string {
	switch {
	case a.SocketFolder:
		return SocketPath(a.Unit, "%i", false)
	case len(a.Sockets) > 0 && a.Sockets[0].Network == "unix":
		return SocketPath(a.Unit, "%i", true)
	}
	return ""
}

// checkSocketPath refuses a path that no socket can have.
func checkSocketPath(path string) error {
	if len(path) > maxSocketPath {
		return fmt.Errorf("socket %q has a path longer than %d bytes: give the app a shorter unit", path, maxSocketPath)
	}
	return nil
}

// renderInstanceSocket renders the socket unit that holds an instance's
// address. It outlives the instance: while that is restarted or crashes,
// connections wait in its backlog.
func renderInstanceSocket(a App, s InstanceSocket) (File, error) {
	var b builder
	a.header(&b)
	b.section("Unit")
	b.setDescription(a.Name, " "+s.Instance+": its address")
	// Stopping the target closes the addresses too, or a connection would wake
	// what was stopped.
	b.setText("PartOf", TargetUnit(a.Unit))
	b.set("StartLimitIntervalSec", "0")

	b.section("Socket")
	b.setText("ListenStream", s.Address)
	switch s.Network {
	case "tcp":
		b.fail(literalAddress(s.Address))
	case "unix":
		b.fail(absolute("ListenStream", s.Address))
		b.fail(checkSocketPath(s.Address))
		if !strings.HasPrefix(s.Address, RunFolder+"/") {
			b.fail(fmt.Errorf("socket %q is not in %s", s.Address, RunFolder))
		}
		b.set("SocketMode", "0660")
		b.set("SocketGroup", ProxyGroup)
	default:
		b.fail(fmt.Errorf("network %q of instance %s is neither tcp nor unix", s.Network, s.Instance))
	}
	b.set("FileDescriptorName", s.Instance)
	b.setText("Service", InstanceUnit(a.Unit, s.Instance))
	// An instance that crashes in a loop must not close its address.
	b.set("TriggerLimitIntervalSec", "0")
	return b.file(InstanceSocketUnit(a.Unit, s.Instance))
}
