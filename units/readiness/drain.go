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
	Drain(context.Context, control.DrainRequest) (*control.Status, error)
	Undrain(context.Context, control.DrainRequest) (*control.Status, error)
	StatusOf(ctx context.Context, id string) (*control.Status, error)
}

// tellTimeout bounds one call: a proxy that hangs must not keep an app from
// starting or stopping.
const tellTimeout = 2 * time.Second

// A drain asks often whether it is over at first, since most are within a
// moment, and then less: hundreds may do so together.
const (
	firstDrainPause   = 20 * time.Millisecond
	longestDrainPause = 100 * time.Millisecond
)

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

// drainOwner is whose the drain of a stop is.
const drainOwner = "its unit"

// Leaving is an instance that is to be stopped.
type Leaving struct {
	Unit *Unit
	// ID is what the proxy calls it.
	ID string
	// MainPID is as in [Gate].
	MainPID int
	// Timeout bounds the drain, StopTimeout the stop that follows.
	Timeout, StopTimeout time.Duration
	// Woken says that a connection starts it, so that the proxy goes on asking
	// it though it is stopped: until it has ended it takes a drain, too, which
	// [Rest] ends.
	Woken bool
}

// Drain tells the proxy that an instance stops and waits until it has answered
// what it was asked, no longer than its process lives. It returns nil where
// there is nothing to wait for: without a proxy, or one that does not know the
// instance.
func Drain(ctx context.Context, p Proxy, l Leaving) error {
	// Who drained it before the stop, as a rolling restart does, has given its
	// streams their time already.
	l.Timeout -= drainedFor(ctx, p, l.ID)
	known, err := tell(ctx, p, l.ID, control.UnitStopped, "")
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return nil
	case err != nil:
		return err
	case !known, l.MainPID <= 0:
		return nil // a process that is gone answers nothing
	}
	if l.Woken {
		lease := l.Timeout + l.StopTimeout + leaseMargin
		if err := hold(ctx, p.Drain, control.DrainRequest{Instance: l.ID, By: drainOwner, LeaseMS: lease.Milliseconds()}); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	g := Gate{Unit: l.Unit, MainPID: l.MainPID}
	main, err := g.hold()
	if err != nil {
		return nil // it is gone, or nobody's that this unit has
	}
	defer main.close()
	return empty(ctx, p, l.ID, main)
}

// leaseMargin is how long after its stop should be over an instance comes back
// into rotation if nobody says that it is.
const leaseMargin = 30 * time.Second

// empty waits until an instance has nothing in flight. It wants to see that
// twice: a loop that chose the instance just before it was told begins its
// exchange just after.
func empty(ctx context.Context, p Proxy, id string, main *process) error {
	seen := 0
	for pause := firstDrainPause; ; pause = min(2*pause, longestDrainPause) {
		status, err := p.StatusOf(ctx, id)
		if ctx.Err() != nil || errors.Is(err, control.ErrNotRunning) {
			return nil
		}
		if err != nil {
			return err
		}
		seen++
		if i, _ := status.Instance(id); i.InFlight > 0 {
			seen = 0
		} else {
			pause = firstDrainPause
		}
		if seen == 2 {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil // past the deadline the operator wants it stopped all the same
		case <-main.gone:
			return nil
		case <-time.After(pause):
		}
	}
}

// drainedFor is for how long an instance has been drained already.
func drainedFor(ctx context.Context, p Proxy, id string) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	status, err := p.StatusOf(ctx, id)
	if err != nil {
		return 0
	}
	i, _ := status.Instance(id)
	since, err := time.Parse(time.RFC3339, i.Since)
	if i.State != "draining" || err != nil {
		return 0
	}
	return max(0, time.Since(since))
}

// Rest says that an instance has ended and that a connection wakes it.
func Rest(ctx context.Context, p Proxy, id string) error {
	if err := Tell(ctx, p, id, control.UnitUnknown, ""); err != nil {
		return err
	}
	return hold(ctx, p.Undrain, control.DrainRequest{Instance: id, By: drainOwner})
}

// hold asks for a drain or its end; a proxy that does not run has none.
func hold(ctx context.Context, ask func(context.Context, control.DrainRequest) (*control.Status, error), r control.DrainRequest) error {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	if _, err := ask(ctx, r); !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	return nil
}
