package install

import (
	"context"
	"errors"
)

// StopAll drains and stops instances side by side. They stay down until
// somebody starts them or the machine boots.
func StopAll(ctx context.Context, h *Host, app *App, instances []Instance, whole bool, report func(Event)) error {
	stop := func(s Step) error {
		if s.instance.Socket != "" { // or a connection would start it again
			if err := h.Stop(ctx, s.instance.Socket); err != nil {
				return err
			}
		}
		return stopInstance(ctx, h, s.app, s.instance, wanted, ByStop)
	}
	err := stepsSideBySide(h, asked(StopInstance, app, instances), report, stop)
	if err != nil || !whole {
		return err
	}
	return h.Stop(ctx, app.Target())
}

// fate is what becomes of an instance that is stopped.
type fate bool

const (
	// wanted: the proxy's config names it. It is drained for as long as the
	// stop lasts; afterwards the proxy's own verdict keeps it out.
	wanted fate = false
	// gone: the config that the proxy runs no longer names it, so it gets
	// nothing new and cannot be drained by name. Its unit is forgotten too, or
	// a failed one would stay listed.
	gone fate = true
)

// stopInstance lets an instance finish what it answers, within the app's drain
// timeout, and stops it. by drains one that is wanted.
func stopInstance(ctx context.Context, h *Host, app *App, inst *Instance, f fate, by string) (err error) {
	if f == gone {
		err = waitIdle(ctx, h, inst.ID(), app.DrainTimeout)
	} else {
		var drained bool
		drained, err = drain(ctx, h, app, inst, by)
		if drained {
			defer func() { err = errors.Join(err, undrain(ctx, h, inst.ID(), by)) }()
		}
	}
	if err != nil {
		return err
	}
	if err := h.Stop(ctx, inst.Unit); err != nil {
		return described(ctx, h, inst.Unit, err)
	}
	if f == gone {
		return h.ResetFailed(ctx, inst.Unit)
	}
	return nil
}
