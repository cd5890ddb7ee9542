package install

import (
	"context"
	"errors"
)

// Roll restarts instances one after another and stops at the first failure,
// the rest untouched. An interruption ends it between two instances.
func Roll(ctx context.Context, h *Host, app *App, instances []Instance, report func(Event)) error {
	steps := asked(RollInstance, app, instances)
	for i, s := range steps {
		if ctx.Err() != nil {
			return interrupted(steps, i)
		}
		if err := roll(ctx, h, s, report); err != nil {
			return err
		}
	}
	return nil
}

// roll reports one instance's turn as a whole.
func roll(ctx context.Context, h *Host, s Step, report func(Event)) error {
	began := h.Now()
	err := rollInstance(ctx, h, s, report)
	report(Event{Step: s, Took: h.Now().Sub(began), Err: err})
	return err
}

// rollInstance takes one instance out of rotation, restarts it or lets it take
// its predecessor's place, waits until it answers and puts it back. Once begun
// it goes on through an interruption: each of its waits is bounded. Whatever
// happens it does not stay drained: a failed instance is kept out by the
// proxy's own verdict.
func rollInstance(ctx context.Context, h *Host, s Step, report func(Event)) (err error) {
	ctx, done := h.finish(ctx)
	defer done()
	phase := func(name string, f func() error) {
		if err != nil {
			return
		}
		h.reached(s.Subject + " is to be " + name)
		began := h.Now()
		if err = f(); err == nil {
			report(Event{Step: s, Phase: name, Took: h.Now().Sub(began)})
		}
	}
	drained := false
	defer func() {
		if drained {
			err = errors.Join(err, undrain(ctx, h, s.instance))
		}
	}()
	phase("drained", func() (err error) {
		drained, err = drain(ctx, h, s.app, s.instance)
		return err
	})
	if s.predecessor != nil {
		phase("replaced", func() error { return takePlace(ctx, h, s) })
	} else {
		phase("restarted", func() error { return described(ctx, h, s.Subject, h.Restart(ctx, s.Subject)) })
	}
	phase("ready", func() error { return waitReady(ctx, h, s.app, s.instance) })
	return err
}

// takePlace stops an instance's predecessor, which answers under its own name
// what it was asked before the config had the new one, and starts the instance.
func takePlace(ctx context.Context, h *Host, s Step) error {
	if err := stopInstance(ctx, h, s.app, s.predecessor, gone); err != nil {
		return err
	}
	return described(ctx, h, s.Subject, startInstance(ctx, h, s.Subject))
}
