package install

import (
	"context"
	"errors"
	"fmt"

	"github.com/webstack/webstack/proxy/control"
)

// serve flips the config link and brings a running proxy to it: by one
// restart where what it inherits or sees changed, else by a reload whose
// refusal flips the link back.
func (x *applier) serve(ctx context.Context) error {
	p := x.h.Paths
	if err := p.flipServing(x.p.Generation); err != nil {
		return err
	}
	if len(x.d.Listeners) == 0 {
		return nil
	}
	proxy, err := x.settledProxy(ctx)
	if err != nil || !proxy.Up() {
		return err
	}
	blind := len(x.h.blind(proxy.MainPID, x.d)) > 0
	if proxy.Crashing() || blind || x.h.UnitHash(proxy.MainPID) != x.d.ProxyHash {
		return described(ctx, x.h, proxyUnit, x.h.Restart(ctx, proxyUnit))
	}
	err = x.h.ProxyReload(ctx)
	if errors.Is(err, control.ErrNotRunning) {
		return nil // it stopped meanwhile, and reads the new config when it starts
	}
	if err != nil && x.a.Serving > 0 {
		return errors.Join(err, p.flipServing(x.a.Serving))
	}
	return err
}

// open makes sure that a socket unit listens. A socket cannot be opened below
// a running service (systemd refuses), so a running proxy is restarted, which
// opens everything that it is to have.
func (x *applier) open(ctx context.Context, unit string) error {
	u, err := x.h.Unit(ctx, unit)
	if err != nil {
		return err
	}
	opens := func(l Listener) bool { return unit == socketUnit || l.Unit == unit }
	if !u.Up() {
		proxy, err := x.settledProxy(ctx)
		if err != nil {
			return err
		}
		if proxy.Up() && unit != socketUnit {
			err = x.h.Restart(ctx, proxyUnit)
		} else {
			err = x.h.Start(ctx, unit)
		}
		if err != nil {
			return described(ctx, x.h, unit, err)
		}
	}
	return x.listening(ctx, opens)
}

// listening checks that listeners are open: the umbrella only wants them, so
// its start succeeds without them.
func (x *applier) listening(ctx context.Context, which func(Listener) bool) error {
	var errs []error
	for _, l := range x.d.Listeners {
		if !which(l) {
			continue
		}
		u, err := x.h.Unit(ctx, l.Unit)
		if err == nil && !u.Up() && !u.Masked() {
			err = fmt.Errorf("cannot listen on %s: %s is %s", l.Address, l.Unit, u.Active)
			if holder := x.h.Holder(l.Network, l.Address); holder != "" {
				err = fmt.Errorf("%w: %s holds the address", err, holder)
			}
			err = described(ctx, x.h, l.Unit, err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
