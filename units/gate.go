package units

import (
	"strings"
	"time"
)

// The gates make "active" mean "answers", and a stop lose nothing: whoever
// starts or stops an instance, by systemctl or a fleet tool, does so in good
// order. They run as root ("+", systemd.service(5)), and so take the app's name
// and "%i", never "%I", which would unescape to anything.

// gateMargin is what systemd's own timeouts leave a gate to say why it gives up
// before it is killed.
const gateMargin = 5 * time.Second

// gateTasks is how many threads a gate may need: it runs in the instance's
// control group and must not fail over a limit that is tight for the app.
const gateTasks = 16

// socketUmask lets the group of the instance's folder, which is the proxy's,
// write to a socket that the app makes there without a mode of its own.
const socketUmask = "0002"

func (a App) gated() bool { return a.Gated && a.Program != "" }

// gate is one command line of a gate; flags are systemd's.
func (a App) gate(b *builder, key, flags, what string) {
	program, err := program(a.Program)
	b.fail(err)
	b.set(key, flags+strings.Join([]string{program, "gate", what, "--app", word(argument(a.Name)), "--", "%i"}, " "))
}

// readyGate fails the start of what does not answer.
func (a App) readyGate(b *builder) {
	if a.gated() {
		a.gate(b, "ExecStartPost", "+", "ready")
	}
}

// drainGate empties the instance before the stop signal. A drain that fails
// must not fail the stop ("-").
func (a App) drainGate(b *builder) {
	if a.gated() {
		a.gate(b, "ExecStop", "-+", "drain")
	}
}

// restGate tells the proxy, when all of an instance is gone, that a connection
// to its address starts it again: systemd holds that.
func (a App) restGate(b *builder) {
	if a.gated() && a.OnDemand && len(a.Sockets) > 0 {
		a.gate(b, "ExecStopPost", "-+", "rest")
	}
}

// folderGate makes the folder of the instance's socket.
func (a App) folderGate(b *builder) {
	if a.SocketFolder && a.Program != "" {
		a.gate(b, "ExecStartPre", "+", "folder")
	}
}

// startTimeout bounds each command of a start (TimeoutStartSec=).
func (a App) startTimeout() time.Duration {
	if !a.gated() || a.StartTimeout == 0 {
		return a.StartTimeout
	}
	return a.StartTimeout + gateMargin
}

// stopTimeout bounds the drain, which TimeoutStopSec= counts too, and then the
// process.
func (a App) stopTimeout() time.Duration {
	if !a.gated() || a.StopTimeout == 0 {
		return a.StopTimeout
	}
	return a.DrainTimeout + a.StopTimeout + gateMargin
}

func (a App) tasks() int {
	if !a.gated() {
		return a.Tasks
	}
	return a.Tasks + gateTasks
}

func (a App) umask() string {
	if a.Umask == "" && a.SocketFolder {
		return socketUmask
	}
	return a.Umask
}
