package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/webstack/webstack/integration/bench/backend"
	"github.com/webstack/webstack/integration/bench/floor"
	"github.com/webstack/webstack/integration/bench/namespace"
	"github.com/webstack/webstack/integration/bench/process"
)

// What this program is besides.
const (
	// backendVerb: the application behind the proxies.
	backendVerb = "backend"
	// floorVerb: a relay that does nothing else.
	floorVerb = "floor"
)

func main() {
	err := run(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 1 && (args[0] == backendVerb || args[0] == floorVerb) {
		return serve(args[0], args[1:])
	}
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if namespace.Inside() {
		return o.inside(ctx)
	}
	return o.outside(ctx, args)
}

func serve(verb string, addresses []string) error {
	var all []netip.AddrPort
	for _, s := range addresses {
		address, err := netip.ParseAddrPort(s)
		if err != nil {
			return err
		}
		all = append(all, address)
	}
	if verb == floorVerb {
		return floor.Serve(all[0], all[1:])
	}
	return backend.Serve(all)
}

// options are the command line's.
type options struct {
	settings
	// out is the folder of the results; "" writes none.
	out string
	// nice is the bench's weight for the scheduler.
	nice int
	// insist makes a row that is not held an error.
	insist bool
}

func parseOptions(args []string) (options, error) {
	var o options
	var cases, against, binary, caddyBinary string
	var duration time.Duration
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&cases, "cases", "", "comma-separated `names`: only these cases")
	f.StringVar(&against, "against", "", "comma-separated `names`: only these beside webstack")
	f.IntVar(&o.rounds, "rounds", 5, "rounds of each case")
	f.DurationVar(&duration, "duration", 3*time.Second, "whole seconds of each case in each round")
	f.BoolVar(&o.log, "log", true, "access logs, of all or of none")
	f.StringVar(&binary, "binary", "bin/webstack", "webstack's `program`")
	f.StringVar(&caddyBinary, "caddy", "bin/caddy", "Caddy's `program`")
	f.IntVar(&o.proxyCore, "proxy-core", 0, "core of whoever is measured")
	f.IntVar(&o.loadCore, "load-core", 1, "core of the load and of the application")
	f.IntVar(&o.nice, "nice", 0, "from -20 to 19: weight of the bench on a machine that does other things too")
	f.IntVar(&o.idle, "idle", 10_000, "idle connections to hold open")
	f.StringVar(&o.out, "out", "", "`folder` for results.md, results.json and chart.svg")
	f.BoolVar(&o.insist, "bar", false, "fail when a row of the bar is not held")
	f.StringVar(&o.dir, "work", "", "") // the outside's word to the inside
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not understood", f.Arg(0))
	}
	o.settings.cases, o.against = list(cases), list(against)
	o.seconds = int(duration / time.Second)
	if o.rounds < 1 || o.seconds < 1 || duration%time.Second != 0 {
		return o, errors.New("at least one round of whole seconds is needed")
	}
	if _, err := selectCases(o.settings.cases); err != nil {
		return o, err
	}
	if _, err := selectContenders(o.against); err != nil {
		return o, err
	}
	self, err := os.Executable()
	if err != nil {
		return o, fmt.Errorf("cannot find this program: %w", err)
	}
	o.programs = map[string]string{nginx: "nginx", untuned: "nginx", haproxy: "haproxy", bare: self}
	for name, program := range map[string]string{webstack: binary, caddy: caddyBinary} {
		path, err := filepath.Abs(program)
		if err != nil {
			return o, err
		}
		o.programs[name] = path
	}
	return o, nil
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// outside makes the namespace and what has to be there before it.
func (o options) outside(ctx context.Context, args []string) (err error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("there is no wrk: sh integration/bench/deps.sh installs what is compared")
	}
	if err := o.checkCores(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "webstack-bench-")
	if err != nil {
		return fmt.Errorf("cannot make a folder to work in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// Everything in there that is not a contender's shares the load's core.
	// The child inherits it from this thread.
	runtime.LockOSThread()
	if err := process.Pin(0, o.loadCore); err != nil {
		return err
	}
	err = namespace.Run(ctx, append(args, "-work", dir)...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return errors.New("the run ended early, or missed the bar, as it says above")
	}
	return err
}

func (o options) checkCores() error {
	cores, err := process.Cores()
	if err != nil {
		return err
	}
	has := map[int]bool{}
	for _, core := range cores {
		has[core] = true
	}
	if o.proxyCore == o.loadCore || !has[o.proxyCore] || !has[o.loadCore] {
		return fmt.Errorf("two cores are needed, one for the proxies and one for the load: %d and %d are not two of %v", o.proxyCore, o.loadCore, cores)
	}
	return nil
}

// inside measures.
func (o options) inside(ctx context.Context) error {
	if err := namespace.Prepare(); err != nil {
		return err
	}
	if err := namespace.Nice(o.nice); err != nil {
		return err
	}
	var err error
	if o.openFiles, err = namespace.AllowOpenFiles(uint64(o.idle + spareFiles)); err != nil {
		return err
	}
	b := bench{settings: o.settings, out: os.Stdout}
	if err := b.run(ctx); err != nil {
		return err
	}
	fmt.Print(terminal(&b.result))
	if o.out != "" {
		if err := writeResults(o.out, &b.result); err != nil {
			return err
		}
	}
	if rows := missed(b.result.Bar); len(rows) > 0 && o.insist {
		return fmt.Errorf("%d rows of the bar are not held", len(rows))
	}
	return nil
}
