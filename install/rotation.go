package install

import (
	"context"
	"errors"

	"github.com/webstack/webstack/proxy/control"
)

// InRotation is what a proxy says of an instance, all upstreams together: the
// traffic is summed, the state is the one that keeps it out. known is false
// where no upstream has it; s may be nil.
func InRotation(s *control.Status, id string) (sum control.InstanceStatus, known bool) {
	if s == nil {
		return sum, false
	}
	for _, u := range s.Upstreams {
		for _, i := range u.Instances {
			if i.ID != id {
				continue
			}
			if !known || keepsOut(i.State) > keepsOut(sum.State) {
				sum.ID, sum.Address, sum.State, sum.LastError = i.ID, i.Address, i.State, i.LastError
			}
			sum.InFlight += i.InFlight
			sum.Requests += i.Requests
			sum.Failed += i.Failed
			known = true
		}
	}
	return sum, known
}

// keepsOut orders the states of an instance by how much they say of it, see
// control.InstanceStatus.
func keepsOut(state string) int {
	switch state {
	case "draining":
		return 3
	case "down":
		return 2
	case "up":
		return 1
	}
	return 0
}

// drain takes an instance out of rotation and waits for what it still
// answers. It says whether there is something to undo: a worker is in no
// rotation, and without a proxy there is none.
func drain(ctx context.Context, h *Host, app *App, inst *Instance) (drained bool, err error) {
	if inst.Address == "" {
		return false, nil
	}
	err = h.Drain(ctx, inst.ID())
	if errors.Is(err, control.ErrNotRunning) {
		return false, nil
	}
	if err != nil {
		return ctx.Err() != nil, err // the proxy may have heard it all the same
	}
	return true, waitIdle(ctx, h, inst.ID(), app.DrainTimeout)
}

// undrain puts an instance back into rotation, also when ctx is over.
func undrain(ctx context.Context, h *Host, inst *Instance) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undrainTimeout)
	defer cancel()
	err := h.Undrain(ctx, inst.ID())
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	return err
}
