package install

import (
	"context"
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
