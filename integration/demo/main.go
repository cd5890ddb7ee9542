package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/webstack/webstack/integration/deploy"
	"github.com/webstack/webstack/integration/machine"
)

// The example's listeners, inside.
const (
	appAddress     = "127.0.0.1:8081"
	reportsAddress = "127.0.0.1:8082"
)

const (
	// answerTimeout bounds the wait for the first answer: eight interpreters
	// start on perhaps one core.
	answerTimeout = 60 * time.Second
	answerPause   = 100 * time.Millisecond
)

func main() {
	machine.Main()
	d := demo{out: os.Stdout}
	flag.IntVar(&d.port, "port", 8081, "port of the host for the first site; the second has the next")
	flag.BoolVar(&d.once, "once", false, "show a handful of requests and exit")
	flag.StringVar(&d.repository, "repository", ".", "folder of webstack's source")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := d.run(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case err == nil, interrupted && !d.once:
		fmt.Fprintln(d.out, "\nThe machine is gone.")
	default:
		fmt.Fprintln(os.Stderr, "demo: error:", err)
		os.Exit(1)
	}
}

// demo is one run of it.
type demo struct {
	port       int
	once       bool
	repository string
	out        io.Writer

	m *machine.Machine
}

func (d *demo) run(ctx context.Context) (err error) {
	if err := machine.Possible(); err != nil {
		return err
	}
	if err := d.checkPorts(); err != nil {
		return err
	}
	stage, err := os.MkdirTemp("", "webstack-demo-")
	if err != nil {
		return fmt.Errorf("cannot make a folder for the build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	staged := filepath.Join(stage, "root")

	if err := d.step("Building webstack", func() error { return deploy.Stage(ctx, d.repository, staged) }); err != nil {
		return err
	}
	err = d.step("Booting a machine with a systemd of its own", func() (err error) {
		d.m, err = machine.Start(ctx, machine.Options{Hostname: "demo"})
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.m.Close()) }()
	if err := d.deploy(ctx, staged); err != nil {
		return errors.Join(err, d.explain())
	}
	for i, address := range []string{appAddress, reportsAddress} {
		f, err := d.m.Forward(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(d.port+i)), address)
		if err != nil {
			return err
		}
		defer f.Close()
	}
	if err := d.step("Waiting for the first answer", func() error { return d.awaitAnswer(ctx) }); err != nil {
		return errors.Join(err, d.explain())
	}
	if d.once {
		if err := d.show(ctx); err != nil {
			return errors.Join(err, d.explain())
		}
		return nil
	}
	return d.stay(ctx)
}

// deploy does what an operator does on a server.
func (d *demo) deploy(ctx context.Context, staged string) error {
	err := d.step("Installing it, and the example application", func() error {
		if err := deploy.Install(ctx, d.m, staged); err != nil {
			return err
		}
		if err := deploy.SeedApp(ctx, d.m, d.repository); err != nil {
			return err
		}
		return deploy.WriteSpec(d.m, d.repository)
	})
	if err != nil {
		return err
	}
	for _, argv := range [][]string{
		{"webstack", "apply"},
		{"systemctl", "start", "webstack.socket"},
	} {
		if err := d.perform(ctx, argv...); err != nil {
			return err
		}
	}
	return nil
}
