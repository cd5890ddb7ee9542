package install

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/webstack/webstack/install/rollout"
	"github.com/webstack/webstack/units"
)

// name is what an action is called when it is over.
func (r *roller) name(a rollout.Action) string {
	switch a.Verb {
	case rollout.Drain:
		return PhaseDrained
	case rollout.Change:
		return r.phase(r.turns[a.Instance].step)
	case rollout.Await:
		return PhaseReady
	case rollout.Return:
		return PhaseReturned
	}
	return PhaseWatched
}

// act carries out one action, within the time that a whole turn may take.
func (r *roller) act(ctx context.Context, a rollout.Action) error {
	if a.Verb == rollout.Watch {
		return r.watch(ctx)
	}
	t := r.turns[a.Instance]
	s := t.step
	if bound := s.app.lease(); s.app.StopTimeout > 0 && s.app.StartTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, bound, fmt.Errorf("it takes longer than %v", bound))
		defer cancel()
	}
	var err error
	switch a.Verb {
	case rollout.Drain:
		t.drained, err = drain(ctx, r.h, s.app, s.instance, r.by)
	case rollout.Change:
		err = r.restart(ctx, s)
	case rollout.Await:
		if err = waitReady(ctx, r.h, s.app, s.instance); err == nil {
			err = reportUp(ctx, r.h, s.instance)
		}
	case rollout.Return:
		if t.drained {
			err = undrain(ctx, r.h, s.instance.ID(), r.by)
		}
		if err == nil && t.err == nil && t.changed {
			err = waitInRotation(ctx, r.h, s.app, s.instance)
		}
	}
	return err
}

// lost looks for instances that had their turn and did not stay up.
func (r *roller) lost(ctx context.Context) []int {
	var list []int
	loaded, err := r.h.Loaded(ctx, units.InstancePattern(r.turns[0].step.app.Unit))
	if err != nil {
		return nil // whoever has its turn next says so
	}
	for i, t := range r.turns {
		ill := slices.ContainsFunc(loaded, func(u Unit) bool {
			return u.Name == t.step.Subject && (u.Active == "failed" || u.Crashing())
		})
		if !t.well || !ill {
			continue
		}
		t.well = false
		u, err := r.h.Unit(ctx, t.step.Subject)
		err = errors.Join(err, fmt.Errorf("%s did not stay up: %s", t.step.Subject, u.Outcome()))
		t.err = described(ctx, r.h, t.step.Subject, err)
		r.errs = append(r.errs, t.err)
		list = append(list, i)
	}
	return list
}

// restartOrReplace ends what an instance runs and starts what its unit says,
// or lets it take its predecessor's place.
func restartOrReplace(ctx context.Context, h *Host, s Step) error {
	switch {
	case s.socket.any():
		return restartWithSocket(ctx, h, s)
	case s.predecessor == nil:
		return cameUp(ctx, h, s.app, s.instance, h.Restart(ctx, s.Subject))
	}
	if err := stopInstance(ctx, h, s.app, s.predecessor, gone, ""); err != nil {
		return err
	}
	return cameUp(ctx, h, s.app, s.instance, startInstance(ctx, h, s.Subject))
}

// restartWithSocket changes an instance's socket unit while the instance is
// down.
func restartWithSocket(ctx context.Context, h *Host, s Step) error {
	err := h.Stop(ctx, s.Subject)
	if err == nil && s.socket.close != "" {
		err = h.Stop(ctx, s.socket.close)
	}
	if err == nil && s.socket.open != "" {
		err = described(ctx, h, s.socket.open, h.Start(ctx, s.socket.open))
	}
	// Started in any case: a socket that does not open must not keep it down.
	return errors.Join(err, cameUp(ctx, h, s.app, s.instance, h.Start(ctx, s.Subject)))
}
