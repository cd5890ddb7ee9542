package main

import (
	"context"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/bus"
)

// withHost does something with this machine, for as long as it has a
// connection to systemd.
func withHost(ctx context.Context, do func(*install.Host) error) error {
	c, err := bus.Dial(ctx, bus.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	h := install.NewHost(c, controlClient())
	h.Reached = reached()
	h.Finish = finishing(ctx)
	return do(h)
}

// withLock is withHost for what changes the machine: two at a time would undo
// each other's work.
func withLock(ctx context.Context, do func(*install.Host) error) error {
	return withHost(ctx, func(h *install.Host) error {
		lock, err := install.TakeLock(h.Paths)
		if err != nil {
			return err
		}
		defer lock.Release()
		return do(h)
	})
}

func controlClient() *control.Client { return control.NewClient(control.Socket) }
