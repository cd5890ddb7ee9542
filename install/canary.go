package install

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/webstack/webstack/install/rollout"
	"github.com/webstack/webstack/proxy/control"
)

// watchInterval is how often canaries are looked at.
const watchInterval = 250 * time.Millisecond

// canaryWatch looks at the instances that run a release first: that they stay
// up, that the proxy keeps them in rotation, and that they do not answer with
// more errors than the others.
type canaryWatch struct {
	h        *Host
	app      *App
	canaries []*Instance
	// before is what the app was asked until the deploy began.
	before rollout.Traffic
}

// lookBefore counts what the app was asked until now.
func (w *canaryWatch) lookBefore(ctx context.Context) error {
	s, err := w.status(ctx)
	if err != nil {
		return err
	}
	for i := range w.app.Instances {
		w.before = w.before.Add(traffic(s, &w.app.Instances[i]))
	}
	return nil
}

// run watches until the app's watch is over; its error is why the release is
// not to be trusted.
func (w *canaryWatch) run(ctx context.Context) error {
	began := map[string]Unit{}
	for _, inst := range w.canaries {
		u, err := w.h.Unit(ctx, inst.Unit)
		if err != nil {
			return err
		}
		began[inst.Unit] = u
	}
	base, err := w.status(ctx)
	if err != nil {
		return err
	}
	for deadline := w.h.Now().Add(w.app.Deploy.Watch); ; {
		for _, inst := range w.canaries {
			if err := w.up(ctx, inst, began[inst.Unit]); err != nil {
				return err
			}
		}
		now, err := w.status(ctx)
		if err != nil {
			return err
		}
		if err := w.judge(ctx, base, now); err != nil {
			return err
		}
		if !w.h.Now().Before(deadline) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-w.h.After(watchInterval):
		}
	}
}

// status is the proxy's, nil where none runs.
func (w *canaryWatch) status(ctx context.Context) (*control.Status, error) {
	s, err := w.h.ProxyStatus(ctx)
	if errors.Is(err, control.ErrNotRunning) {
		return nil, nil
	}
	return s, err
}

// up says that an instance's process is the one that it was.
func (w *canaryWatch) up(ctx context.Context, inst *Instance, was Unit) error {
	u, err := w.h.Unit(ctx, inst.Unit)
	if err != nil {
		return err
	}
	if u.Active == "active" && u.MainPID == was.MainPID && u.Restarts == was.Restarts {
		return nil
	}
	how := u.Outcome()
	if u.Active == "active" {
		how = "its process ended and was started again"
	}
	return described(ctx, w.h, inst.Unit, fmt.Errorf("%s did not stay up under the new release: %s", inst.ID(), how))
}

// judge compares what the canaries answered since the watch began with what
// the others did.
func (w *canaryWatch) judge(ctx context.Context, base, now *control.Status) error {
	var canaries, others rollout.Traffic
	for i := range w.app.Instances {
		inst := &w.app.Instances[i]
		status, _ := now.Instance(inst.ID())
		since := traffic(now, inst).Since(traffic(base, inst))
		if !slices.ContainsFunc(w.canaries, func(c *Instance) bool { return c.Unit == inst.Unit }) {
			others = others.Add(since)
			continue
		}
		canaries = canaries.Add(since)
		if status.State == "down" {
			return described(ctx, w.h, inst.Unit, fmt.Errorf("%s is down under the new release: %s", inst.ID(), status.Reason))
		}
	}
	if rollout.Worse(canaries, others, w.before) {
		first := w.canaries[0]
		return described(ctx, w.h, first.Unit, fmt.Errorf("%d of %d answers of the new release are errors (status 500 or above), and %d of %d of the others",
			canaries.Errors, canaries.Requests, others.Errors, others.Requests))
	}
	return nil
}

// traffic is what a proxy has counted of an instance.
func traffic(s *control.Status, inst *Instance) rollout.Traffic {
	i, _ := s.Instance(inst.ID())
	return rollout.Traffic{Requests: i.Requests, Errors: i.Errors}
}
