package install

import (
	"context"
	"time"
)

// StartAll starts instances side by side and waits until each answers. whole
// says that they are all of the app, whose target then comes up too.
func StartAll(ctx context.Context, h *Host, app *App, instances []Instance, whole bool, report func(Event)) error {
	var steps []Step
	for i := range instances {
		steps = append(steps, Step{Kind: StartInstance, Subject: instances[i].Unit, Reason: "asked for", app: app, instance: &instances[i]})
	}
	if err := sideBySide(h, steps, report, func(s Step) error { return bringUp(ctx, h, s) }); err != nil {
		return err
	}
	if !whole {
		return nil
	}
	return h.Start(ctx, app.Target())
}

// StopAll drains and stops instances side by side. They stay down until
// somebody starts them or the machine boots.
func StopAll(ctx context.Context, h *Host, app *App, instances []Instance, whole bool, report func(Event)) error {
	var steps []Step
	for i := range instances {
		steps = append(steps, Step{Kind: StopInstance, Subject: instances[i].Unit, Reason: "asked for", app: app, instance: &instances[i]})
	}
	err := sideBySide(h, steps, report, func(s Step) error { return drainAndStop(ctx, h, s) })
	if err != nil || !whole {
		return err
	}
	return h.Stop(ctx, app.Target())
}

// drainAndStop takes an instance out of rotation for as long as its stop
// lasts. Afterwards the proxy's own verdict keeps it out.
func drainAndStop(ctx context.Context, h *Host, s Step) error {
	drained, err := drain(ctx, h, s)
	if drained {
		defer undrain(ctx, h, s)
	}
	if err != nil {
		return err
	}
	if err := h.Stop(ctx, s.Subject); err != nil {
		return describeFailure(ctx, h, s.Subject, err)
	}
	return nil
}

// undrainTimeout bounds the way back into rotation of an instance whose roll
// was interrupted: the caller's context is over by then.
const undrainTimeout = 5 * time.Second
