package keeper

import (
	"strings"

	"github.com/webstack/webstack/units"
)

// State is what the proxy is told of an instance's unit, in its words.
type State string

const (
	// Starting: it runs and is not ready, or it is about to be started.
	Starting State = "starting"
	// Up: it is ready.
	Up State = "up"
	// Stopped: it was stopped, or is being stopped.
	Stopped State = "stopped"
	// Down: its process is gone by itself.
	Down State = "down"
	// Unknown takes back what was said: a connection is worth a try.
	Unknown State = "unknown"
)

// Unit is what systemd says of an instance's unit, in its words.
type Unit struct {
	// Active is ActiveState, Sub is SubState.
	Active, Sub string
	// Result is why the last run ended: "success", "exit-code", "signal", ...
	Result  string
	MainPID int
	// MainCode is how the last main process ended (units.Exited and so on, 0
	// where none has), MainStatus its exit status or signal.
	MainCode, MainStatus int
	// Restarts counts systemd's own since the counter was last cleared.
	Restarts int
}

// inactive is a unit that systemd has not even loaded.
var inactive = Unit{Active: "inactive", Sub: "dead"}

// crashing says that the process is gone and systemd starts another one after
// a while, whatever anybody asks of it meanwhile.
func (u Unit) crashing() bool {
	return u.Active == "activating" && strings.HasPrefix(u.Sub, "auto-restart")
}

// state is what the proxy is to know of u, with a reason for people. woken
// says that a connection starts the instance.
func (u Unit) state(woken bool) (State, string) {
	switch u.Active {
	case "active", "reloading", "refreshing":
		return Up, ""
	case "activating":
		// A main process that dies in start-post leaves the unit there until
		// its start-post commands end.
		if u.crashing() || u.Sub == "start-post" && u.MainPID == 0 {
			return Down, u.end()
		}
		return Starting, ""
	case "deactivating":
		if u.failed() {
			return Down, u.end()
		}
		return Stopped, ""
	case "failed":
		return Down, u.end()
	}
	if woken {
		return Unknown, ""
	}
	return Stopped, ""
}

// failed says that the last run did not end because somebody ended it.
func (u Unit) failed() bool { return u.Result != "" && u.Result != "success" }

// end says how the last run ended.
func (u Unit) end() string {
	switch {
	case u.Result == "oom-kill":
		return "out of memory"
	case u.Result == "timeout":
		return "it took too long"
	case u.MainPID != 0 || u.MainCode == 0:
		// The main process is not what failed: one of the unit's other commands
		// is, such as the gate that waits for it.
		switch {
		case u.Result == "signal":
			return "killed"
		case u.failed():
			return "result " + u.Result
		}
		return ""
	}
	return units.Ending(u.MainCode, u.MainStatus)
}
