package install

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units"
)

// Host is the machine as install sees it: what it asks of systemd, of the
// running proxy and of the operating system, and nothing else.
type Host struct {
	Paths Paths

	// Unit asks for all of one unit, loaded or not.
	Unit func(ctx context.Context, name string) (Unit, error)
	// Units asks for as much of many units, loaded or not, as a plan needs:
	// systemd's words; the process of a service that runs; the FileState of a
	// target; and all of what is neither simply active nor inactive.
	Units func(ctx context.Context, names []string) ([]Unit, error)
	// StartedAt tells when a service's main process was started.
	StartedAt func(ctx context.Context, unit string) (time.Time, error)
	// Loaded lists loaded units by pattern, in systemd's words alone.
	Loaded func(ctx context.Context, patterns ...string) ([]Unit, error)

	// Start, Stop and Restart enqueue a job and wait for its result; anything
	// but "done" (and "skipped" for Stop) is an error.
	Start   func(ctx context.Context, unit string) error
	Stop    func(ctx context.Context, unit string) error
	Restart func(ctx context.Context, unit string) error

	DaemonReload func(ctx context.Context) error
	Enable       func(ctx context.Context, unitFile string) error
	Disable      func(ctx context.Context, unitFile string) error
	ResetFailed  func(ctx context.Context, unit string) error

	// ProxyStatus returns control.ErrNotRunning where no proxy runs.
	ProxyStatus func(ctx context.Context) (*control.Status, error)
	ProxyReload func(ctx context.Context) error
	Drain       func(ctx context.Context, d control.DrainRequest) error
	Undrain     func(ctx context.Context, d control.DrainRequest) error
	// ReportUp tells the proxy that an instance is ready, which ends what its
	// failures have earned it.
	ReportUp func(ctx context.Context, instance string) error

	// ProcessMemory is a process's share of the memory that it maps, 0 where it
	// may not be read.
	ProcessMemory func(pid int) int64
	// UnitHash reads the hash that a running process was started with, ""
	// where it does not tell.
	UnitHash func(pid int) string
	// Sees says whether a process's view of a folder is the machine's own: the
	// same folder, or missing in both.
	Sees func(pid int, path string) bool
	// Verify runs systemd-analyze verify over rendered unit files that stand
	// in folder.
	Verify func(ctx context.Context, folder string, unitFiles []string) error
	// Connect opens and closes a connection: somebody answers there.
	Connect func(ctx context.Context, network, address string) error
	// Holder names the process that listens on an address ("nginx (pid 812)"),
	// "" where it is free or cannot be told.
	Holder func(network, address string) string
	// LookupUser and LookupGroup say whether an account exists.
	LookupUser  func(ctx context.Context, name string) bool
	LookupGroup func(ctx context.Context, name string) bool
	// LogTail returns the last lines that a unit logged.
	LogTail func(ctx context.Context, unit string, lines int) []string

	// Now reads the clock; After is time.After.
	Now   func() time.Time
	After func(d time.Duration) <-chan time.Time
	// Finish makes the context of what must not stop halfway: it outlives an
	// interruption of ctx until the operator insists. nil never ends it.
	Finish func(ctx context.Context) (context.Context, context.CancelFunc)
	// Reached is called before each step with its name. Tests end the process
	// there.
	Reached func(step string)
}

// Paths are the folders that install works in.
type Paths struct {
	// Units is where generated units live (/usr/local/lib/systemd/system).
	Units string
	// State is /var/lib/webstack: generations, current, pending, the lock.
	State string
	// UnitPath are the folders that systemd reads units from, in its order.
	UnitPath []string
	// PolkitRules is the folder of polkit's rules, "" where nobody uses any.
	PolkitRules string
	// AgentGroup is the group that may read what hooks are told; "" for root's.
	AgentGroup string
	// ConfigGroup is the group that may read the proxy's config; "" for root's.
	ConfigGroup string
	// Program is webstack itself where no installed service says where it is,
	// see InstalledProgram.
	Program string
}

// DefaultPaths are those of an installed webstack (systemd.unit(5), "UNIT
// FILE LOAD PATH").
func DefaultPaths() Paths {
	return Paths{
		Units: "/usr/local/lib/systemd/system",
		State: "/var/lib/webstack",
		UnitPath: []string{
			"/run/systemd/transient", "/etc/systemd/system", "/run/systemd/system",
			"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
		},
		PolkitRules: "/etc/polkit-1/rules.d",
		AgentGroup:  AgentUser,
		ConfigGroup: "webstack",
		Program:     "/usr/bin/webstack",
	}
}

// Unit is what install needs to know of one unit.
type Unit struct {
	Name string
	// Load, Active, Sub and FileState are systemd's words.
	Load, Active, Sub, FileState string
	MainPID                      int
	StartedAt                    time.Time
	Restarts                     uint32
	Result                       string
	// ExitStatus is the main process's last; Signalled says that it is the
	// number of the signal that ended it.
	ExitStatus int32
	Signalled  bool
	// MemoryBytes is the cgroup's, 0 where it is not accounted; ProcessMemory
	// tells more then.
	MemoryBytes int64
}

// Up says that the unit runs or is on its way there.
func (u Unit) Up() bool {
	switch u.Active {
	case "active", "activating", "reloading":
		return true
	}
	return false
}

// Crashing says that the process is gone and systemd will start another one
// after a while ("auto-restart" of systemd.service(5), Restart=). The unit is
// on its way up by systemd's reckoning, and may be so for ever.
func (u Unit) Crashing() bool {
	return u.Active == "activating" && strings.HasPrefix(u.Sub, "auto-restart")
}

// Outcome says how the unit's last run ended.
func (u Unit) Outcome() string {
	switch u.Result {
	case "", "success":
		return "it ended"
	case "exit-code":
		if u.ExitStatus == 0 || u.Signalled {
			return "it did not get ready" // its gate's exit
		}
		return units.Ending(units.Exited, int(u.ExitStatus))
	case "signal":
		return units.Ending(units.Killed, int(u.ExitStatus))
	case "core-dump":
		return units.Ending(units.Dumped, int(u.ExitStatus))
	}
	return "result " + u.Result
}

// Masked says that the operator has forbidden the unit.
func (u Unit) Masked() bool { return u.Load == "masked" || u.FileState == "masked" }

// Errors that the command turns into exit codes.
var (
	// ErrLocked: another webstack is changing this machine (75).
	ErrLocked = errors.New("another webstack is at work")
	// ErrState: the record of what is applied cannot be used.
	ErrState = errors.New("the record of what is applied cannot be used")
)
