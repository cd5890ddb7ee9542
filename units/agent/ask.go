package agent

import (
	"context"
	"fmt"

	"github.com/webstack/webstack/units/agent/keeper"
	"github.com/webstack/webstack/units/bus"
)

// ask does one job over a connection of its own: a job may take as long as
// the unit's timeouts, and a connection lasts no longer than the bus.
func ask(ctx context.Context, o bus.Options, verb keeper.Verb, unit string) error {
	c, err := bus.Dial(ctx, o)
	if err != nil {
		return err
	}
	defer c.Close()
	var result bus.Result
	switch verb {
	case keeper.Start:
		result, err = c.Start(ctx, unit)
	case keeper.Stop:
		result, err = c.Stop(ctx, unit)
	case keeper.Restart:
		result, err = c.Restart(ctx, unit)
	case keeper.Reset:
		return c.ResetFailed(ctx, unit)
	default:
		return fmt.Errorf("cannot %s %s: the agent has no such verb", verb, unit)
	}
	switch {
	case err != nil:
		return err
	case result == bus.Done, result == bus.Skipped, result == bus.Canceled:
		// Whoever canceled it wants something else of the unit, which is theirs
		// to want.
		return nil
	}
	return fmt.Errorf("cannot %s %s: the job's result is %q", verb, unit, result)
}
