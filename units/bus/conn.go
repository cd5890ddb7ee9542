package bus

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	service    = "org.freedesktop.systemd1"
	manager    = service + ".Manager"
	properties = "org.freedesktop.DBus.Properties"

	managerPath = dbus.ObjectPath("/org/freedesktop/systemd1")

	// systemBus is where the system bus listens, unless the environment says
	// otherwise (D-Bus specification, "Well-known Message Bus Instances").
	systemBus         = "unix:path=/var/run/dbus/system_bus_socket"
	systemBusVariable = "DBUS_SYSTEM_BUS_ADDRESS"

	// callTimeout bounds a call whose context has no deadline, as sd-bus does.
	callTimeout = 25 * time.Second
	// reloadTimeout is for daemon-reload, which reads every unit file again.
	reloadTimeout = 90 * time.Second
	// signalBuffer takes a burst without a hand-over; more is queued.
	signalBuffer = 64
)

// Options say which manager to speak to. Zero is the system's.
type Options struct {
	// Address is the bus's; "" the system bus.
	Address string
	// User speaks to the user's own manager over the session bus.
	User bool
}

// Conn is a connection to systemd's manager.
type Conn struct {
	conn *dbus.Conn
	jobs jobs
}

// Dial connects and subscribes to the manager's signals. The connection is
// read in the background until Close.
func Dial(ctx context.Context, o Options) (*Conn, error) {
	conn, err := connect(ctx, o)
	if err != nil {
		return nil, failure("reach systemd", err)
	}
	c := &Conn{conn: conn, jobs: newJobs()}
	signals := make(chan *dbus.Signal, signalBuffer)
	conn.Signal(signals)
	go c.jobs.follow(signals)

	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(service),
		dbus.WithMatchInterface(manager), dbus.WithMatchMember("JobRemoved"))
	if err == nil {
		// Without it the manager sends no signals.
		err = c.call(ctx, "Subscribe", nil)
	}
	if err != nil {
		return nil, errors.Join(failure("reach systemd", err), c.Close())
	}
	return c, nil
}

// connect opens and authenticates a connection. Its signals come in order.
func connect(ctx context.Context, o Options) (*dbus.Conn, error) {
	// The address lookup and the handshake of godbus take no context; the
	// peer is a local socket. What hangs is ended by closing.
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	conn, err := dial(o)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func dial(o Options) (*dbus.Conn, error) {
	inOrder := dbus.WithSignalHandler(dbus.NewSequentialSignalHandler())
	address := o.Address
	switch {
	case address != "":
	case o.User:
		return dbus.SessionBusPrivateNoAutoStartup(inOrder)
	case os.Getenv(systemBusVariable) != "":
		address = os.Getenv(systemBusVariable)
	default:
		address = systemBus
	}
	return dbus.Dial(address, inOrder)
}

// Close ends the connection and every wait on it.
func (c *Conn) Close() error { return c.conn.Close() }

// bounded gives ctx a deadline where it has none.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

// call calls a method of the manager and stores its answer in out.
func (c *Conn) call(ctx context.Context, method string, out []any, args ...any) error {
	return c.callObject(ctx, managerPath, manager+"."+method, out, args...)
}

func (c *Conn) callObject(ctx context.Context, path dbus.ObjectPath, method string, out []any, args ...any) error {
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	// The bus would start "systemd" through a stand-in that always fails.
	call := c.conn.Object(service, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
	if call.Err != nil {
		return call.Err
	}
	return call.Store(out...)
}
