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

// failureLines is how much of a failed unit's log is shown: enough for a
// traceback's end, little enough to stay on the screen.
const failureLines = 10

// waitReady waits until an instance is active and, where it has an address,
// answers there. It fails at once when the process is gone.
func waitReady(ctx context.Context, h *Host, app *App, inst *Instance) error {
	deadline := h.Now().Add(app.StartTimeout)
	first, err := h.Unit(ctx, inst.Unit)
	if err != nil {
		return err
	}
	for {
		u, err := h.Unit(ctx, inst.Unit)
		if err != nil {
			return err
		}
		if u.Active == "failed" || u.Active == "inactive" || u.Restarts != first.Restarts || u.Crashing() {
			return describeFailure(ctx, h, inst.Unit, fmt.Errorf("%s did not stay up: %s", inst.Unit, u.Outcome()))
		}
		if u.Active == "active" {
			if inst.Address == "" {
				return nil
			}
			network, address := splitAddress(inst.Address)
			if err = h.Connect(ctx, network, address); err == nil {
				return nil
			}
		}
		if h.Now().After(deadline) {
			if err == nil {
				err = fmt.Errorf("it is still %s", u.Active)
			}
			return describeFailure(ctx, h, inst.Unit, fmt.Errorf("%s does not answer on %s within %v: %w", inst.Unit, inst.Address, app.StartTimeout, err))
		}
		if err := h.pause(ctx); err != nil {
			return err
		}
	}
}

// waitIdle waits until the proxy has no exchange in flight on an instance, or
// the deadline; past it the instance is stopped all the same, as the operator
// said. Without a proxy there is nothing to wait for.
func waitIdle(ctx context.Context, h *Host, id string, timeout time.Duration) error {
	deadline := h.Now().Add(timeout)
	for {
		status, err := h.ProxyStatus(ctx)
		if errors.Is(err, control.ErrNotRunning) {
			return nil
		}
		if err != nil {
			return err
		}
		if inFlight(status, id) == 0 || h.Now().After(deadline) {
			return nil
		}
		if err := h.pause(ctx); err != nil {
			return err
		}
	}
}

// proxied are what the proxy says of an instance, once for each upstream that
// has it.
func proxied(s *control.Status, id string) []control.InstanceStatus {
	var list []control.InstanceStatus
	for _, u := range s.Upstreams {
		for _, i := range u.Instances {
			if i.ID == id {
				list = append(list, i)
			}
		}
	}
	return list
}

func inFlight(s *control.Status, id string) int {
	n := 0
	for _, i := range proxied(s, id) {
		n += i.InFlight
	}
	return n
}

// outOfRotation says that the proxy knows an instance and gives it nothing.
func outOfRotation(s *control.Status, id string) bool {
	return slices.ContainsFunc(proxied(s, id), func(i control.InstanceStatus) bool {
		return i.State == "down" || i.State == "draining"
	})
}

// UnitError is a failed unit with what it logged last.
type UnitError struct {
	Unit string
	Err  error
	// Log are the unit's last lines, oldest first.
	Log []string
}

func (e *UnitError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UnitError) Unwrap() error { return e.Err }

// described is nil for nil.
func described(ctx context.Context, h *Host, unit string, err error) error {
	if err == nil {
		return nil
	}
	return describeFailure(ctx, h, unit, err)
}

// describeFailure adds a failed unit's last log lines to an error.
func describeFailure(ctx context.Context, h *Host, unit string, err error) error {
	var lines []string
	for _, l := range h.LogTail(ctx, unit, failureLines) {
		if l = strings.TrimRight(l, " \t"); l != "" {
			lines = append(lines, l)
		}
	}
	return &UnitError{Unit: unit, Err: err, Log: lines}
}
