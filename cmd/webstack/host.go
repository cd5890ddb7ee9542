package main

import (
	"context"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/bus"
)

// openHost connects to systemd. done closes the connection.
func openHost(ctx context.Context) (h *install.Host, done func(), err error) {
	c, err := bus.Dial(ctx, bus.Options{})
	if err != nil {
		return nil, nil, err
	}
	h = install.NewHost(c, controlClient())
	h.Reached = reached()
	return h, func() { c.Close() }, nil
}

func controlClient() *control.Client { return control.NewClient(control.Socket) }
