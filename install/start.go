package install

import (
	"context"
	"errors"
	"time"
)

// StartAll starts instances side by side and waits until each answers. whole
// says that they are all of the app, whose target then comes up too.
func StartAll(ctx context.Context, h *Host, app *App, instances []Instance, whole bool, report func(Event)) error {
	x := &applier{h: h, report: report}
	var steps []Step
	for i := range instances {
		steps = append(steps, Step{Kind: StartInstance, Subject: instances[i].Unit, Reason: "asked for", app: app, instance: &instances[i]})
	}
	if err := x.start(ctx, steps); err != nil {
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
	done := make(chan Event)
	for i := range instances {
		s := Step{Kind: StopInstance, Subject: instances[i].Unit, Reason: "asked for", app: app, instance: &instances[i]}
		go func() {
			began := h.Now()
			err := drainAndStop(ctx, h, s)
			done <- Event{Step: s, Took: h.Now().Sub(began), Err: err}
		}()
	}
	var errs []error
	for range instances {
		e := <-done
		report(e)
		errs = append(errs, e.Err)
	}
	if whole {
		errs = append(errs, h.Stop(ctx, app.Target()))
	}
	return errors.Join(errs...)
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
