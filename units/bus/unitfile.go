package bus

import (
	"context"
	"errors"
)

// Enable makes the links of the unit files' [Install] sections. systemd takes
// notice with the next DaemonReload.
func (c *Conn) Enable(ctx context.Context, units ...string) error {
	var carries bool
	var changes [][]any
	err := c.call(ctx, "EnableUnitFiles", []any{&carries, &changes}, units, false, false)
	return failure("enable "+list(units), err)
}

// Disable removes every link to the unit files. They must still exist: the
// links of a file that is gone stay behind.
func (c *Conn) Disable(ctx context.Context, units ...string) error {
	var changes [][]any
	err := c.call(ctx, "DisableUnitFiles", []any{&changes}, units, false)
	return failure("disable "+list(units), err)
}

// DaemonReload has systemd read every unit file again. It answers when that
// is over.
func (c *Conn) DaemonReload(ctx context.Context) error {
	ctx, cancel := bounded(ctx, reloadTimeout)
	defer cancel()
	return failure("reload systemd's unit files", c.call(ctx, "Reload", nil))
}

// ResetFailed clears the failed state and the restart counters of units. One
// that is not loaded has neither.
func (c *Conn) ResetFailed(ctx context.Context, units ...string) error {
	for _, unit := range units {
		err := failure("reset the failure of "+unit, c.call(ctx, "ResetFailedUnit", nil, unit))
		if err != nil && !errors.Is(err, ErrNoSuchUnit) {
			return err
		}
	}
	return nil
}

// list names units for a message, which one line must hold.
func list(units []string) string {
	switch len(units) {
	case 0:
		return "no units"
	case 1:
		return units[0]
	default:
		return units[0] + " and others"
	}
}
