package main

import (
	"errors"
	"io/fs"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/units/bus"
)

// Exit codes. 3 and 4 are the LSB's for status, those from 64 on are
// sysexits.h's.
const (
	exitFailed     = 1  // something did not work
	exitPending    = 2  // diff found something to do
	exitNotRunning = 3  // status: something that should run does not
	exitUnknown    = 4  // status: it cannot be told
	exitUsage      = 64 // the command line
	exitNoSystemd  = 69 // no systemd, or no bus to it
	exitLocked     = 75 // another webstack is at work
	exitPermission = 77 // not allowed
	exitSpec       = 78 // the spec
)

// statusError ends the process with a code of its own.
type statusError struct {
	code int
	err  error  // nil: everything has been said
	hint string // the remedy, "" for none
}

func (e *statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// exit ends with a code when everything has been said.
func exit(code int) error { return &statusError{code: code} }

func usage(err error, hint string) error {
	return &statusError{code: exitUsage, err: err, hint: hint}
}

// exitCode maps an error to the documented code.
func exitCode(err error) int {
	var status *statusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return status.code
	case errors.Is(err, install.ErrLocked):
		return exitLocked
	case errors.Is(err, bus.ErrUnavailable):
		return exitNoSystemd
	case errors.Is(err, bus.ErrPermission), errors.Is(err, fs.ErrPermission):
		return exitPermission
	}
	return exitFailed
}
