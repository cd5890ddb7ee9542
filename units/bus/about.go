package bus

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// About is what the manager says of itself.
type About struct {
	// Version is systemd's, as it was packaged: "252 (252.39-1~deb12u2)".
	Version string
	// State is "running", "degraded" (a unit has failed), "starting", ...
	State string
	// Failed is how many units have failed.
	Failed int
}

// About asks the manager of itself.
func (c *Conn) About(ctx context.Context) (About, error) {
	var a About
	var values [3]dbus.Variant
	for i, name := range []string{"Version", "SystemState", "NFailedUnits"} {
		err := c.callObject(ctx, managerPath, properties+".Get", []any{&values[i]}, manager, name)
		if err != nil {
			return a, failure("ask systemd of itself", err)
		}
	}
	a.Version, a.State, a.Failed = text(values[0]), text(values[1]), int(number(values[2]))
	return a, nil
}

// polkit's authority on the bus, see polkit(8).
const (
	polkit          = "org.freedesktop.PolicyKit1"
	polkitAuthority = dbus.ObjectPath("/org/freedesktop/PolicyKit1/Authority")
)

// PolkitVersion is that of the polkit which decides what users may ask of
// systemd. The bus starts it where it does not run; ErrUnavailable where there
// is none.
func (c *Conn) PolkitVersion(ctx context.Context) (string, error) {
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	var v dbus.Variant
	call := c.conn.Object(polkit, polkitAuthority).CallWithContext(ctx, properties+".Get", 0, polkit+".Authority", "BackendVersion")
	err := call.Err
	if err == nil {
		err = call.Store(&v)
	}
	return text(v), failure("ask polkit for its version", err)
}

// Allowed asks polkit whether a process may ask systemd for verb on unit. Only
// root may ask that of others.
func (c *Conn) Allowed(ctx context.Context, pid int, verb, unit string) (bool, error) {
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	// A start time of 0 has polkit look it up.
	subject := struct {
		Kind    string
		Details map[string]dbus.Variant
	}{"unix-process", map[string]dbus.Variant{"pid": dbus.MakeVariant(uint32(pid)), "start-time": dbus.MakeVariant(uint64(0))}}
	details := map[string]string{"unit": unit, "verb": verb}
	var answer struct {
		Allowed, Challenge bool
		Details            map[string]string
	}
	call := c.conn.Object(polkit, polkitAuthority).CallWithContext(ctx, polkit+".Authority.CheckAuthorization", 0,
		subject, service+".manage-units", details, uint32(0), "")
	err := call.Err
	if err == nil {
		err = call.Store(&answer)
	}
	return answer.Allowed, failure("ask polkit for a permission", err)
}
