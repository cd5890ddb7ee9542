package install

import "context"

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

// stop takes an instance out of the proxy's rotation, waits for what it still
// answers, and stops it. The new config no longer names it, so the proxy is
// draining it already; the wait is bounded by the app's drain timeout.
func (x *applier) stop(ctx context.Context, s Step) error {
	if err := waitIdle(ctx, x.h, s.instance.ID(), s.app.DrainTimeout); err != nil {
		return err
	}
	if err := x.h.Stop(ctx, s.Subject); err != nil {
		return describeFailure(ctx, x.h, s.Subject, err)
	}
	// A failed instance of a template that goes away would stay listed.
	return x.h.ResetFailed(ctx, s.Subject)
}
