package agent

import (
	"context"
	"errors"
	"strings"

	"github.com/webstack/webstack/units/agent/keeper"
	"github.com/webstack/webstack/units/bus"
)

// watch is one run of following units. What it brings after another has taken
// its place no longer counts.
type watch struct{ cancel context.CancelFunc }

// followUnits begins to follow the units of the generation, in place of those
// of the one before. All are told again.
func (a *Agent) followUnits(ctx context.Context) {
	if a.watch != nil {
		a.watch.cancel()
		a.watch = nil
	}
	a.k.Forget()
	patterns := a.g.patterns
	if len(patterns) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{cancel: cancel}
	a.watch = w
	changes := make(chan bus.Change)
	a.spawn(func() {
		// It ends only where systemd does not let us watch.
		for {
			err := a.m.Watch(ctx, patterns, changes)
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				err = errors.New("the watch over units ended by itself")
			}
			a.m.Log.Error(err.Error())
			if !pause(ctx, retryBus) {
				return
			}
		}
	})
	a.spawn(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case c := <-changes:
				a.post(ctx, func(context.Context) { a.change(w, c) })
			}
		}
	})
}

// change is one thing that a watch has seen.
func (a *Agent) change(w *watch, c bus.Change) {
	if w != a.watch {
		return
	}
	now := a.m.Now()
	switch {
	case c.Unit != nil:
		a.k.Unit(now, strings.TrimSuffix(c.Unit.Name, ".service"), unitOf(c.Unit))
	case c.Whole:
		a.k.Whole(now)
		a.m.Log.Info("the bus has told of every unit")
	case c.Lost != nil:
		a.k.BusLost()
		a.m.Log.Warn(c.Lost.Error())
	}
}

func unitOf(p *bus.Properties) keeper.Unit {
	return keeper.Unit{
		Active: p.ActiveState, Sub: p.SubState, Result: p.Result, MainPID: p.MainPID,
		MainCode: p.MainCode, MainStatus: p.MainStatus, Restarts: p.Restarts,
	}
}
