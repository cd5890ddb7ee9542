package install

import (
	"context"
	"errors"

	"github.com/webstack/webstack/proxy/control"
)

// StartAll starts instances side by side and waits until each answers. whole
// says that they are all of the app, whose target then comes up too.
func StartAll(ctx context.Context, h *Host, app *App, instances []Instance, whole bool, report func(Event)) error {
	err := stepsSideBySide(h, asked(StartInstance, app, instances), report, func(s Step) error { return bringUp(ctx, h, s) })
	if err != nil || !whole {
		return err
	}
	return h.Start(ctx, app.Target())
}

// asked are the steps of a verb that was given instances.
func asked(kind StepKind, app *App, instances []Instance) []Step {
	var steps []Step
	for i := range instances {
		steps = append(steps, Step{Kind: kind, Subject: instances[i].Unit, Reason: "asked for", app: app, instance: &instances[i]})
	}
	return steps
}

// bringUp starts an instance unless it is only waited for, waits until it
// answers, and tells the proxy, which may keep it out.
func bringUp(ctx context.Context, h *Host, s Step) error {
	if s.Kind == StartInstance {
		if err := startInstance(ctx, h, s.Subject); err != nil {
			return cameUp(ctx, h, s.app, s.instance, err)
		}
	}
	if err := waitReady(ctx, h, s.app, s.instance); err != nil {
		return err
	}
	if err := reportUp(ctx, h, s.instance); err != nil {
		return err
	}
	return takeBack(ctx, h, []Instance{*s.instance})
}

// reportUp tells the proxy that an instance is ready. Its unit's own gate does
// so too, but not every unit has one: an older generation's has none.
func reportUp(ctx context.Context, h *Host, inst *Instance) error {
	if inst.Address == "" {
		return nil
	}
	err := h.ReportUp(ctx, inst.ID())
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	return err
}

// startInstance starts a unit now: a start of one that systemd is about to
// start again would wait for its RestartSec=.
func startInstance(ctx context.Context, h *Host, unit string) error {
	u, err := h.Unit(ctx, unit)
	if err != nil {
		return err
	}
	if u.Crashing() {
		return h.Restart(ctx, unit)
	}
	return h.Start(ctx, unit)
}
