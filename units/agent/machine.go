package agent

import (
	"context"
	"log/slog"
	"time"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/agent/keeper"
	"github.com/webstack/webstack/units/bus"
)

// Machine is what the agent asks of the machine that it runs on.
type Machine struct {
	// Mark differs whenever Read would say something else.
	Mark func() (string, error)
	// Read reads the generations that stand.
	Read func() (*install.Standing, error)
	// Watch follows the units that match patterns until ctx is done.
	Watch func(ctx context.Context, patterns []string, changes chan<- bus.Change) error
	// Ask has systemd do something to a unit, and waits until it is done.
	Ask func(ctx context.Context, verb keeper.Verb, unit string) error
	// Report, Status and Events are the proxy's, see control.Client.
	Report func(ctx context.Context, r control.ReportRequest) (*control.ReportResult, error)
	Status func(ctx context.Context) (*control.Status, error)
	Events func(ctx context.Context, each func(control.Event) error) error
	// Run runs a hook's command, Post posts to its URL; input is the event.
	Run  func(ctx context.Context, argv []string, input []byte) error
	Post func(ctx context.Context, url string, input []byte) error
	// Now reads the clock.
	Now func() time.Time
	Log *slog.Logger
}

// NewMachine is this machine, by its bus and its proxy's control socket.
func NewMachine(o bus.Options, paths install.Paths, proxy *control.Client, log *slog.Logger) *Machine {
	return &Machine{
		Mark: func() (string, error) { return install.StandingMark(paths) },
		Read: func() (*install.Standing, error) { return install.ReadStanding(paths) },
		Watch: func(ctx context.Context, patterns []string, changes chan<- bus.Change) error {
			return bus.NewWatcher(o, patterns...).Run(ctx, changes)
		},
		Ask:    func(ctx context.Context, verb keeper.Verb, unit string) error { return ask(ctx, o, verb, unit) },
		Report: proxy.Report,
		Status: proxy.Status,
		Events: proxy.Events,
		Run:    runCommand,
		Post:   post,
		Now:    time.Now,
		Log:    log,
	}
}
