package install

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// Who drains on the way to a change (control.DrainRequest.By). Under the
// machine's lock a drain of theirs that nobody ends is left by a process that
// was killed. An operator's own drain is by somebody else, and stays.
const (
	ByApply   = "webstack apply"
	ByRestart = "webstack restart"
	ByDeploy  = "webstack deploy"
	ByStop    = "webstack stop"
)

// leaseMargin is what a drain lasts longer than the turn that it is for: time
// for what lies between its parts.
const leaseMargin = 30 * time.Second

// lease is how long a drain lasts by itself: as long as an instance's turn
// may, so that nothing stays drained for ever by a process that was killed.
func (a *App) lease() time.Duration {
	return a.DrainTimeout + a.StopTimeout + a.StartTimeout + leaseMargin
}

// drain takes an instance out of rotation and waits for what it still
// answers. It says whether there is something to undo: a worker is in no
// rotation, and without a proxy there is none.
func drain(ctx context.Context, h *Host, app *App, inst *Instance, by string) (drained bool, err error) {
	if inst.Address == "" {
		return false, nil
	}
	err = h.Drain(ctx, control.DrainRequest{Instance: inst.ID(), By: by, LeaseMS: app.lease().Milliseconds()})
	if errors.Is(err, control.ErrNotRunning) {
		return false, nil
	}
	if err != nil {
		return ctx.Err() != nil, err // the proxy may have heard it all the same
	}
	return true, waitIdle(ctx, h, inst.ID(), app.DrainTimeout)
}

// undrain ends a drain, also when ctx is over.
func undrain(ctx context.Context, h *Host, id, by string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undrainTimeout)
	defer cancel()
	err := h.Undrain(ctx, control.DrainRequest{Instance: id, By: by})
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	return err
}

// leftDrained are those that a killed process left an instance drained by.
func leftDrained(s *control.Status, id string) []string {
	i, _ := s.Instance(id)
	if i.State != "draining" {
		return nil
	}
	var by []string
	for _, who := range strings.Split(i.DrainedBy, ", ") {
		if slices.Contains([]string{ByApply, ByRestart, ByDeploy, ByStop}, who) {
			by = append(by, who)
		}
	}
	return by
}

// takeBack ends what a killed process left drained, before another instance is
// taken out for the same reason.
func takeBack(ctx context.Context, h *Host, instances []Instance) error {
	status, err := h.ProxyStatus(ctx)
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	for _, inst := range instances {
		for _, by := range leftDrained(status, inst.ID()) {
			err = errors.Join(err, undrain(ctx, h, inst.ID(), by))
		}
	}
	return err
}

// waitInRotation waits until the proxy gives a ready instance requests. It may
// keep it out because its own check has not passed yet. Who is drained by an
// operator, and who is in no upstream, is not waited for.
func waitInRotation(ctx context.Context, h *Host, app *App, inst *Instance) error {
	deadline := h.Now().Add(app.readyWithin())
	for {
		status, err := h.ProxyStatus(ctx)
		if errors.Is(err, control.ErrNotRunning) {
			return nil
		}
		if err != nil {
			return err
		}
		i, known := status.Instance(inst.ID())
		if !known || i.State == "up" || i.State == "draining" || i.State == "removed" {
			return nil
		}
		if h.Now().After(deadline) {
			why := i.State
			if i.Reason != "" {
				why += ": " + i.Reason
			}
			return described(ctx, h, inst.Unit, fmt.Errorf("%s is ready, and the proxy keeps it out for %v already (%s)", inst.ID(), app.readyWithin(), why))
		}
		if err := h.pause(ctx); err != nil {
			return err
		}
	}
}
