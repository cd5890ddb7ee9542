package install

import "context"

// What a turn's phases are called when they are over.
const (
	PhaseDrained   = "drained"
	PhaseRestarted = "restarted"
	PhaseReplaced  = "replaced"
	PhaseSwitched  = "switched"
	PhaseReady     = "ready"
	PhaseReturned  = "in rotation"
	// PhaseWatched is of the canaries together.
	PhaseWatched = "watched"
)

// Order is how instances are to be rolled.
type Order struct {
	// By is who does it, as the proxy and people are told.
	By string
	// MaxUnavailable is how many instances may be out at a time; 0 is one.
	MaxUnavailable int
}

// Roll restarts instances one after another, or a few at a time, and stops at
// the first failure, the rest untouched. An interruption ends it between two
// instances.
func Roll(ctx context.Context, h *Host, app *App, instances []Instance, o Order, report func(Event)) error {
	instances, err := toRestart(ctx, h, app, instances)
	if err != nil {
		return err
	}
	r := newRoller(h, o.By, asked(RollInstance, app, instances), report)
	r.set.MaxUnavailable = o.MaxUnavailable
	_, err = r.run(ctx)
	return err
}

// toRestart are those of an app's instances that a restart is for: what is
// started on demand and does not run is left to the first request.
func toRestart(ctx context.Context, h *Host, app *App, instances []Instance) ([]Instance, error) {
	if app.Start != "on-demand" {
		return instances, nil
	}
	var list []Instance
	for _, inst := range instances {
		u, err := h.Unit(ctx, inst.Unit)
		if err != nil {
			return nil, err
		}
		if u.Up() {
			list = append(list, inst)
		}
	}
	return list, nil
}

// rolls says that a step is an instance's turn of a roll.
func (s Step) rolls() bool { return s.Kind == RollInstance || s.Kind == ReplaceInstance }
