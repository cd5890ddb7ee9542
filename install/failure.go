package install

import (
	"context"
	"fmt"
	"strings"
)

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

// cameUp explains the failure of an instance's start: its process ended, or
// its gate gave up waiting for it. nil stays nil.
func cameUp(ctx context.Context, h *Host, app *App, inst *Instance, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	u, uErr := h.Unit(ctx, inst.Unit)
	ended := u.ExitStatus != 0 && !u.Signalled || u.Result == "signal" || u.Result == "core-dump"
	switch {
	case uErr != nil || u.Active != "failed" && !u.Crashing():
	case ended:
		err = fmt.Errorf("%s did not stay up: %s", inst.Unit, u.Outcome())
	case inst.Address != "" && (u.Result == "exit-code" || u.Result == "timeout"):
		err = fmt.Errorf("%s does not answer on %s within %v", inst.Unit, inst.Address, app.readyWithin())
	}
	return described(ctx, h, inst.Unit, err)
}

// failureLines is how much of a failed unit's log is shown: enough for a
// traceback's end, little enough to stay on the screen.
const failureLines = 10

// described adds a failed unit's last log lines to an error; nil stays nil.
func described(ctx context.Context, h *Host, unit string, err error) error {
	if err == nil || ctx.Err() != nil {
		return err // interrupted: no failure of the unit's, and no time to lose
	}
	var lines []string
	for _, l := range h.LogTail(ctx, unit, failureLines) {
		if l = strings.TrimRight(l, " \t"); l != "" {
			lines = append(lines, l)
		}
	}
	return &UnitError{Unit: unit, Err: err, Log: lines}
}
