package install

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// pollInterval is how often a state that systemd or the proxy does not
// announce to us is asked for.
const pollInterval = 50 * time.Millisecond

// settleTimeout bounds the wait for a proxy that is just starting or stopping.
const settleTimeout = 30 * time.Second

// undrainTimeout bounds the way back into rotation, which is one call to the
// proxy: the caller's context may be over by then.
const undrainTimeout = 5 * time.Second

// unboundedReady bounds the wait for an instance of an app whose start has no
// bound of its own.
const unboundedReady = 10 * time.Minute

// readyWithin is how long an instance may take until it is ready.
func (a *App) readyWithin() time.Duration {
	if a.StartTimeout > 0 {
		return a.StartTimeout
	}
	return unboundedReady
}

// waitReady waits until an instance is active and, where it has an address,
// answers there. It fails at once when the process is gone.
func waitReady(ctx context.Context, h *Host, app *App, inst *Instance) error {
	deadline := h.Now().Add(app.readyWithin())
	first, err := h.Unit(ctx, inst.Unit)
	for u := first; ; u, err = h.Unit(ctx, inst.Unit) {
		if err != nil {
			return err
		}
		if u.Active == "failed" || u.Active == "inactive" || u.Restarts != first.Restarts || u.Crashing() {
			return described(ctx, h, inst.Unit, fmt.Errorf("%s did not stay up: %s", inst.Unit, u.Outcome()))
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
			return described(ctx, h, inst.Unit, fmt.Errorf("%s does not answer on %s within %v: %w", inst.Unit, inst.Address, app.readyWithin(), err))
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
		if i, _ := status.Instance(id); i.InFlight == 0 || h.Now().After(deadline) {
			return nil
		}
		if err := h.pause(ctx); err != nil {
			return err
		}
	}
}

// settledProxy waits until the proxy is up or down for good, or between two
// attempts to start: one that is starting may have read the old config.
func (x *applier) settledProxy(ctx context.Context) (Unit, error) {
	deadline := x.h.Now().Add(settleTimeout)
	for {
		u, err := x.h.Unit(ctx, proxyUnit)
		if err != nil || u.Crashing() || (u.Active != "activating" && u.Active != "deactivating") {
			return u, err
		}
		if x.h.Now().After(deadline) {
			return u, fmt.Errorf("%s is %s for %v already", proxyUnit, u.Active, settleTimeout)
		}
		if err := x.h.pause(ctx); err != nil {
			return u, err
		}
	}
}

// pause waits for one poll interval.
func (h *Host) pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("stopped waiting: %w", context.Cause(ctx))
	case <-h.After(pollInterval):
		return nil
	}
}
