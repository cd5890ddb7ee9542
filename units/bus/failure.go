package bus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/godbus/dbus/v5"
)

var (
	// ErrUnavailable: there is no bus, or no systemd on it, or it went away.
	ErrUnavailable = errors.New("systemd does not answer")
	// ErrPermission: systemd, polkit or the bus does not let this user.
	ErrPermission = errors.New("permission denied")
	// ErrNoSuchUnit: systemd knows no unit or unit file of that name.
	ErrNoSuchUnit = errors.New("there is no such unit")
)

// kinds are the errors of the wire that somebody branches on.
var kinds = map[string]error{
	"org.freedesktop.DBus.Error.AccessDenied":                     ErrPermission,
	"org.freedesktop.DBus.Error.AuthFailed":                       ErrPermission,
	"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": ErrPermission,
	"org.freedesktop.DBus.Error.ServiceUnknown":                   ErrUnavailable,
	"org.freedesktop.DBus.Error.NameHasNoOwner":                   ErrUnavailable,
	"org.freedesktop.DBus.Error.NoReply":                          ErrUnavailable,
	"org.freedesktop.DBus.Error.Disconnected":                     ErrUnavailable,
	"org.freedesktop.systemd1.NoSuchUnit":                         ErrNoSuchUnit,
	"org.freedesktop.DBus.Error.FileNotFound":                     ErrNoSuchUnit,
}

// failure says what could not be done, with the kind of err in its chain.
func failure(what string, err error) error {
	var wire dbus.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wire):
		if kind := kinds[wire.Name]; kind != nil {
			return fmt.Errorf("cannot %s: %w: %s", what, kind, wire.Error())
		}
		// The manager's own words, without the name of the error.
		return fmt.Errorf("cannot %s: %w", what, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("cannot %s: %w", what, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("cannot %s: %w: %w", what, ErrPermission, err)
	case errors.Is(err, dbus.ErrClosed):
		// The library's words blame the user.
		return fmt.Errorf("cannot %s: %w: the connection to the bus broke", what, ErrUnavailable)
	default:
		// What is not an answer is the connection's.
		return fmt.Errorf("cannot %s: %w: %w", what, ErrUnavailable, err)
	}
}
