package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/webstack/webstack/integration/machine"
)

func main() {
	machine.Main()
	network := flag.String("network", string(machine.Own), "the machine's network: own or host")
	hostname := flag.String("hostname", "machine", "its host name")
	root := flag.String("root", "/", "the installation that it is made of")
	flag.Parse()
	status, err := run(machine.Options{Network: machine.Network(*network), Hostname: *hostname, Root: *root}, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "machine: error:", err)
		os.Exit(1)
	}
	os.Exit(status)
}

func run(opts machine.Options, argv []string) (status int, err error) {
	began := time.Now()
	m, err := machine.Start(context.Background(), opts)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if len(argv) == 0 {
		argv = []string{"sh", "-l"}
		fmt.Fprintf(os.Stderr, "running after %.1f s; leave the shell to end the machine\n", time.Since(began).Seconds())
	}
	cmd, err := m.Command(context.Background(), argv...)
	if err != nil {
		return 0, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return failed.ExitCode(), nil
	}
	return 0, err
}
