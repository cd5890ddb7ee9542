package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/proxy/health"
	"github.com/webstack/webstack/units"
	"github.com/webstack/webstack/units/bus"
	"github.com/webstack/webstack/units/readiness"
)

// proxyUser is who runs the proxy, and has to reach an instance's unix socket.
const proxyUser = "webstack"

// connectTimeout bounds the connect that a gate makes where an app has no
// health check.
const connectTimeout = 2 * time.Second

// endingTimeout bounds the question how a process ended, which is for the
// message alone.
const endingTimeout = 2 * time.Second

// newGate is what the units of instances run around a start and a stop, as
// root. It has no word in the help: nobody runs it by hand.
func newGate(out *console) *cobra.Command {
	c := &cobra.Command{
		Use:    "gate",
		Short:  "Stand around an instance's start and stop (its unit runs it)",
		Hidden: true,
		Args:   cobra.NoArgs,
	}
	for _, g := range []struct {
		name, short string
		run         func(context.Context, *gate) error
	}{
		{"folder", "Make the folder of the instance's socket", makeSocketFolder},
		{"ready", "Wait until the instance answers", ready},
		{"drain", "Wait until the instance has answered what it was asked", drained},
		{"rest", "Tell the proxy that a connection wakes the instance", rest},
	} {
		var app string
		sub := &cobra.Command{
			Use:   g.name + " --app APP -- INSTANCE",
			Short: g.short,
			Args:  cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				said := heard()
				s, err := standAt(app, args[0], said)
				if err == nil {
					s.out = out
					err = g.run(cmd.Context(), s)
				}
				if err != nil && (g.name == "drain" || g.name == "rest") {
					// The stop goes on: nothing that is wrong here is worth an
					// instance that cannot be stopped.
					out.complain(out.bad("error:"), err.Error())
					return nil
				}
				return err
			},
		}
		sub.Flags().StringVar(&app, "app", "", "the `app`")
		c.AddCommand(sub)
	}
	return c
}

// hearsay is what the environment says. The app's own env_file is in it, so
// none of it is believed: each is checked where it is used, and everything
// else is forgotten.
type hearsay struct {
	mainPID int
	hash    string
}

func heard() hearsay {
	pid, err := strconv.Atoi(os.Getenv("MAINPID"))
	if err != nil {
		pid = 0
	}
	h := hearsay{mainPID: pid, hash: os.Getenv(units.HashVariable)}
	os.Clearenv()
	return h
}

// gate is one gate at work.
type gate struct {
	out   *console
	app   *install.App
	inst  *install.Instance
	unit  *readiness.Unit
	proxy *control.Client
	hearsay
}

// standAt finds the instance that a gate is for, which a generation of root's
// must name, and makes sure that its unit runs the gate.
func standAt(app, instance string, said hearsay) (*gate, error) {
	a, i, err := install.Named(install.DefaultPaths(), app, instance, said.hash)
	if err != nil {
		return nil, err
	}
	u, err := readiness.OwnUnit(i.Unit)
	if err != nil {
		return nil, err
	}
	return &gate{app: a, inst: i, unit: u, proxy: controlClient(), hearsay: said}, nil
}

// tell reports a state; that it cannot be told fails no start.
func (g *gate) tell(ctx context.Context, state, reason string) {
	if err := readiness.Tell(ctx, g.proxy, g.inst.ID(), state, reason); err != nil {
		g.out.complain("note:", fmt.Sprintf("the proxy does not know that %s is %s: %v", g.inst.ID(), state, err))
	}
}

// ready ends when the instance answers, or fails with why it does not.
func ready(ctx context.Context, g *gate) error {
	g.tell(ctx, control.UnitStarting, "")
	network, address := g.inst.Endpoint()
	wait := readiness.Gate{
		Unit: g.unit, MainPID: g.mainPID, Network: network, Address: address,
		Check:   func(ctx context.Context) error { return health.Check(ctx, network, address, check(g.app.Health)) },
		Client:  proxyAccount(),
		Timeout: g.app.StartTimeout,
	}
	err := wait.Wait(ctx)
	// What is told from here on is told in spite of a signal.
	after := context.WithoutCancel(ctx)
	var gone *readiness.Gone
	how := "" // it ended
	if errors.As(err, &gone) {
		how = ending(ctx, g.inst.Unit)
	}
	switch {
	case err == nil:
		g.record()
		g.tell(after, control.UnitUp, "")
		return nil
	case ctx.Err() != nil:
		// systemd stops the unit while it starts: that is no failure, also where
		// the process was quicker to end than this.
		g.tell(after, control.UnitStopped, "")
		return nil
	case gone != nil:
		g.tell(after, control.UnitDown, how)
		return fmt.Errorf("%w: %s", err, how)
	}
	g.tell(after, control.UnitDown, err.Error())
	return err
}

// check is an app's health check; a connect where it has none.
func check(h *config.Health) config.Health {
	if h == nil {
		return config.Health{Timeout: config.Duration(connectTimeout)}
	}
	return *h
}

// record notes what the process was started from, for one that hides it.
func (g *gate) record() {
	if g.mainPID <= 0 || g.hash != g.app.Hash {
		return // what the environment says is known to be true, or not said on
	}
	if err := readiness.WriteRecord(units.RunFolder, g.inst.ID(), g.mainPID, g.hash); err != nil {
		g.out.complain("note:", err.Error())
	}
}

// ending says how a main process ended, as systemd knows it. It ends with ctx:
// systemd signals a gate together with the process that it stops.
func ending(ctx context.Context, unit string) string {
	const unknown = "systemctl status tells how"
	ctx, cancel := context.WithTimeout(ctx, endingTimeout)
	defer cancel()
	c, err := bus.Dial(ctx, bus.Options{})
	if err != nil {
		return unknown
	}
	defer c.Close()
	for {
		p, err := c.Properties(ctx, unit)
		switch {
		case err != nil:
			return unknown
		case p.MainPID != 0: // systemd has not looked yet
		case p.ActiveState != "activating": // it stops the unit: its signal is on the way
		default:
			return units.Ending(p.MainCode, p.MainStatus)
		}
		select {
		case <-ctx.Done():
			return unknown
		case <-time.After(endingPause):
		}
	}
}

// endingPause is between two looks at a process that systemd has not reaped.
const endingPause = 5 * time.Millisecond

// drained waits until the instance has answered what it was asked.
func drained(ctx context.Context, g *gate) error {
	return readiness.Drain(ctx, g.proxy, readiness.Leaving{
		Unit: g.unit, ID: g.inst.ID(), MainPID: g.mainPID, Woken: g.app.Woken(),
		Timeout: g.app.DrainTimeout, StopTimeout: g.app.StopTimeout,
	})
}

// rest says that the instance has ended and that a connection wakes it.
func rest(ctx context.Context, g *gate) error {
	return readiness.Rest(ctx, g.proxy, g.inst.ID())
}

// makeSocketFolder makes the folder of the instance's unix socket, for the
// app's user and the proxy.
func makeSocketFolder(ctx context.Context, g *gate) error {
	uid, err := install.UserID(ctx, g.app.User)
	if err != nil {
		return err
	}
	gid, err := install.GroupID(units.ProxyGroup)
	if err != nil {
		return err
	}
	return readiness.MakeFolder(units.FolderOf(g.app.Unit, g.inst.Name), uid, gid)
}

// proxyAccount is the proxy's user, nil where there is none.
func proxyAccount() *readiness.Account {
	u, err := user.Lookup(proxyUser)
	if err != nil {
		return nil
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil
	}
	a := &readiness.Account{Name: u.Username, UID: uid}
	ids, err := u.GroupIds()
	if err != nil {
		ids = []string{u.Gid}
	}
	for _, id := range ids {
		if gid, err := strconv.Atoi(id); err == nil {
			a.Groups = append(a.Groups, gid)
		}
	}
	return a
}
