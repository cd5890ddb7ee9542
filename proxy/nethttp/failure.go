package nethttp

import (
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/webstack/webstack/proxy/balance"
)

// failure is why a try came to nothing.
type failure struct {
	phase balance.Phase
	err   error
	// ours says that it was the proxy's own want of descriptors, ports or
	// memory: no verdict on the instance, and no better elsewhere.
	ours bool
	// over says that the client had gone, or that the exchange was ended by
	// the stop: there is nobody to answer and nothing to blame.
	over bool
}

// connectFailure tells a failed dial's phases apart.
func connectFailure(err error) *failure {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) {
		return &failure{phase: balance.ConnectTimeout, err: err}
	}
	ours := outOfFiles(err)
	for _, own := range []error{syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		ours = ours || errors.Is(err, own)
	}
	return &failure{phase: balance.Unreached, err: err, ours: ours}
}

// outOfFiles says that there was no descriptor left, in the process or on the
// machine.
func outOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// writeFailure is a request head of which n bytes were sent.
func writeFailure(b *backend, n int, err error) *failure {
	switch {
	case b.reused:
		return &failure{phase: balance.Stale, err: err}
	case n == 0:
		return &failure{phase: balance.Unreached, err: err}
	}
	return &failure{phase: balance.Died, err: err}
}

// headFailure is an answer's head that could not be read. begun says that
// there was an interim answer before.
func headFailure(b *backend, begun bool, err error) *failure {
	var cut cutError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &failure{phase: balance.AnswerTimeout, err: err}
	case errors.Is(err, errGarbage):
		return &failure{phase: balance.Garbage, err: err}
	case errors.As(err, &cut) || begun:
		return &failure{phase: balance.CutHead, err: err}
	case b.reused:
		return &failure{phase: balance.Stale, err: err}
	}
	return &failure{phase: balance.Died, err: err}
}

// verdict is what the failure says of the instance. A stale connection says
// nothing: whoever closes an idle connection is well.
func (f *failure) verdict() (balance.Outcome, string) {
	if f.ours || f.over || f.phase == balance.Stale {
		return balance.Abandoned, ""
	}
	return balance.Failed, f.phase.String() + ": " + errno(f.err)
}

// errno is an error as the log and the status have it: the kernel's own word
// where there is one, and no addresses.
func errno(err error) string {
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "timed out"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "ended too early"
	case errors.Is(err, io.EOF):
		return "connection closed"
	}
	return err.Error()
}
