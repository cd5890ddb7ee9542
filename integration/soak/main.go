package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/webstack/webstack/integration/bench/namespace"
)

// instanceVerb makes this program an instance of the application.
const instanceVerb = "instance"

// descriptors are for some forty clients and as many again behind each.
const descriptors = 4096

func main() {
	err := run(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak: error:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	if len(args) == 2 && args[0] == instanceVerb {
		return serveInstance(args[1])
	}
	s := soak{out: os.Stdout}
	f := flag.NewFlagSet("soak", flag.ContinueOnError)
	f.DurationVar(&s.length, "for", 5*time.Minute, "`time` under load")
	f.Uint64Var(&s.seed, "seed", 0, "what the actors do; 0 takes one by chance")
	f.StringVar(&s.program, "binary", "bin/webstack", "webstack's `program`")
	f.StringVar(&s.dir, "work", "", "") // the outside's word to the inside
	if err := f.Parse(args); err != nil {
		return err
	}
	if s.program, err = filepath.Abs(s.program); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if namespace.Inside() {
		if err := namespace.Prepare(); err != nil {
			return err
		}
		if _, err := namespace.AllowOpenFiles(descriptors); err != nil {
			return err
		}
		return s.run(ctx)
	}
	if s.seed == 0 {
		s.seed = rand.Uint64()
		args = append(args, "-seed", strconv.FormatUint(s.seed, 10))
	}
	fmt.Printf("soaking for %s with -seed %d\n", s.length, s.seed)
	dir, err := os.MkdirTemp("", "webstack-soak-")
	if err != nil {
		return fmt.Errorf("cannot make a folder to work in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	err = namespace.Run(ctx, append(args, "-work", dir)...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("the soak failed, as it says above; -seed %d makes it again", s.seed)
	}
	return err
}
