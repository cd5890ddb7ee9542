package integration

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/webstack/webstack/integration/deploy"
	"github.com/webstack/webstack/integration/machine"
)

// mainMachine is the machine that verbs mean when they name none.
const mainMachine = "machine"

// named takes "@NAME" off the arguments.
func named(args []string) (string, []string) {
	if len(args) > 0 {
		if name, ok := strings.CutPrefix(args[0], "@"); ok {
			return name, args[1:]
		}
	}
	return mainMachine, args
}

// get returns a machine by name and boots it where it is the first time.
func (s *script) get(ctx context.Context, name string, opts machine.Options) (*machine.Machine, error) {
	if m := s.machines[name]; m != nil {
		return m, nil
	}
	if !s.hasSlot {
		// Once for all machines of a script, or two scripts could wait for
		// each other.
		s.shared.slots <- struct{}{}
		s.hasSlot = true
	}
	opts.Hostname, opts.Root = name, s.shared.root
	m, err := machine.Start(ctx, opts)
	if err != nil {
		return nil, misuse{err.Error()}
	}
	s.machines[name] = m
	return m, nil
}

// machine is the verb for what is done to a machine and in it.
func (s *script) machine(args []string) (printed, error) {
	name, args := named(args)
	exit := 0
	if len(args) > 1 && args[0] == "-exit" {
		var err error
		if exit, err = strconv.Atoi(args[1]); err != nil {
			return printed{}, misused("machine: -exit %s is not a number", args[1])
		}
		args = args[2:]
	}
	if len(args) == 0 {
		return printed{}, misused("usage: machine [@NAME] [-exit N] boot|run|sh|copy-in|copy-out|reboot [ARG...]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	what, args := args[0], args[1:]
	var opts machine.Options
	if what == "boot" && len(args) == 1 {
		opts.Network = machine.Network(args[0])
	}
	m, err := s.get(ctx, name, opts)
	if err != nil {
		return printed{}, err
	}
	switch {
	case what == "boot" && len(args) <= 1:
		return printed{}, nil
	case what == "run" && len(args) > 0:
		return run(ctx, m, exit, args)
	case what == "sh" && len(args) == 1:
		return run(ctx, m, exit, []string{"sh", "-c", args[0]})
	case what == "copy-in" && len(args) == 2:
		return printed{}, m.CopyIn(s.files.MkAbs(args[0]), args[1])
	case what == "copy-out" && len(args) == 2:
		return printed{}, m.CopyOut(args[0], s.files.MkAbs(args[1]))
	case what == "reboot" && len(args) == 0:
		return printed{}, m.Reboot(ctx, machine.Orderly)
	case what == "reboot" && len(args) == 1 && args[0] == "hard":
		return printed{}, m.Reboot(ctx, machine.PowerCut)
	}
	return printed{}, misused("machine: cannot %s %q", what, args)
}

func run(ctx context.Context, m *machine.Machine, exit int, argv []string) (printed, error) {
	out, err := m.Run(ctx, argv...)
	if err == nil && out.Exit != exit {
		err = fmt.Errorf("%s: got exit %d, want %d", argv[0], out.Exit, exit)
	}
	return printed{out.Stdout, out.Stderr}, err
}

// install is webstack-install.
func (s *script) install(args []string) (printed, error) {
	name, args := named(args)
	if len(args) != 0 {
		return printed{}, misused("usage: webstack-install [@NAME]")
	}
	staged, err := s.shared.staged()
	if err != nil {
		return printed{}, misuse{err.Error()}
	}
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return printed{}, err
	}
	return printed{}, deploy.Install(ctx, m, staged)
}

// seedApp is seed-app.
func (s *script) seedApp(args []string) (printed, error) {
	name, args := named(args)
	if len(args) != 0 {
		return printed{}, misused("usage: seed-app [@NAME]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return printed{}, err
	}
	return printed{}, deploy.SeedApp(ctx, m, repository)
}
