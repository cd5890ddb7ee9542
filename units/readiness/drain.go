package readiness

import (
	"context"
	"errors"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// Proxy is what the gates ask of the proxy.
type Proxy interface {
	Report(context.Context, control.ReportRequest) (*control.ReportResult, error)
	Status(context.Context) (*control.Status, error)
}

// tellTimeout bounds one call: a proxy that hangs must not keep an app from
// starting or stopping.
const tellTimeout = 2 * time.Second

// drainPause is how often a drain asks whether it is over.
const drainPause = 20 * time.Millisecond

// Tell reports an instance's state to the proxy. One that does not run need
// not know.
func Tell(ctx context.Context, p Proxy, id, state, reason string) error {
	_, err := tell(ctx, p, id, state, reason)
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	return err
}

// tell says whether the proxy knows the instance.
func tell(ctx context.Context, p Proxy, id, state, reason string) (known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	result, err := p.Report(ctx, control.ReportRequest{Reports: []control.InstanceReport{{Instance: id, State: state, Reason: reason}}})
	return err == nil && result.Unknown == 0, err
}

// Drain tells the proxy that an instance stops and waits until it has answered
// what it was asked, at most for timeout, and no longer than its process lives.
// It returns nil where there is nothing to wait for: without a proxy, or one
// that does not know the instance.
func Drain(ctx context.Context, p Proxy, u *Unit, id string, mainPID int, timeout time.Duration) error {
	// Who drained it before the stop, as a rolling restart does, has given its
	// streams their time already.
	timeout -= drainedFor(ctx, p, id)
	known, err := tell(ctx, p, id, control.UnitStopped, "")
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return nil
	case err != nil:
		return err
	case !known, mainPID <= 0:
		return nil // a process that is gone answers nothing
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	g := Gate{Unit: u, MainPID: mainPID}
	main, err := g.hold()
	if err != nil {
		return nil // it is gone, or nobody's that this unit has
	}
	defer main.close()
	for {
		busy, err := inFlight(ctx, p, id)
		if ctx.Err() != nil || errors.Is(err, control.ErrNotRunning) {
			return nil
		}
		if err != nil || busy == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return nil // past the deadline the operator wants it stopped all the same
		case <-main.gone:
			return nil
		case <-time.After(drainPause):
		}
	}
}

// drainedFor is for how long an instance has been drained already.
func drainedFor(ctx context.Context, p Proxy, id string) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	status, err := p.Status(ctx)
	if err != nil {
		return 0
	}
	for _, u := range status.Upstreams {
		for _, i := range u.Instances {
			if i.ID != id || i.State != "draining" {
				continue
			}
			if since, err := time.Parse(time.RFC3339, i.Since); err == nil {
				return max(0, time.Since(since))
			}
		}
	}
	return 0
}

// inFlight is how many exchanges of all upstreams an instance has.
func inFlight(ctx context.Context, p Proxy, id string) (n int, err error) {
	status, err := p.Status(ctx)
	if err != nil {
		return 0, err
	}
	for _, u := range status.Upstreams {
		for _, i := range u.Instances {
			if i.ID == id {
				n += i.InFlight
			}
		}
	}
	return n, nil
}
