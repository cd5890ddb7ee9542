package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/webstack/webstack/integration/bench/backend"
	"github.com/webstack/webstack/integration/bench/process"
)

// settings are what a run is asked to do.
type settings struct {
	cases, against []string
	rounds         int
	// seconds that each case is loaded in each round.
	seconds int
	// log turns the access logs on.
	log bool
	// programs by contender: a path, or a name to look up.
	programs map[string]string
	// dir takes everything that is written while it runs.
	dir string
	// proxyCore and loadCore are kept to.
	proxyCore, loadCore int
	// idle connections are held open at once.
	idle int
	// openFiles is the limit of descriptors.
	openFiles uint64
}

// The instances of the application.
const (
	firstBackend = 8020
	backends     = 8
)

// bench is a run, inside the namespace.
type bench struct {
	settings
	out        io.Writer
	cases      []testCase
	contenders []contender
	running    map[string]*process.Process
	result     result
}

// run measures everything. What it started is gone when it returns.
func (b *bench) run(ctx context.Context) (err error) {
	if b.cases, err = selectCases(b.settings.cases); err != nil {
		return err
	}
	if b.contenders, err = selectContenders(b.against); err != nil {
		return err
	}
	if err := writeFiles(b.files()); err != nil {
		return err
	}
	b.result = result{
		Version: resultVersion, Date: time.Now().UTC().Format(time.RFC3339), Machine: describeMachine(ctx),
		Rounds: b.rounds, Seconds: b.seconds, Log: b.log,
	}
	b.running = map[string]*process.Process{}
	defer func() { err = errors.Join(err, b.stopAll()) }()
	if err := b.startBackend(ctx); err != nil {
		return err
	}
	b.muster(ctx)
	if !slices.ContainsFunc(b.contenders, func(c contender) bool { return c.name == webstack }) {
		return fmt.Errorf("webstack cannot be measured: %s", b.result.Contenders[0].Missing)
	}
	for _, c := range b.cases {
		if err := b.measure(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	b.result.Bar = b.result.judgeAll()
	return nil
}

// muster starts each contender once, and leaves out those that do not start:
// their absence is part of the result.
func (b *bench) muster(ctx context.Context) {
	var fit []contender
	for _, c := range b.contenders {
		entry := contenderResult{Name: c.name, Title: c.title, Log: c.log}
		if !b.log && !c.relays {
			entry.Log = "off"
		}
		version, err := c.version(ctx, b.programs[c.name])
		if err == nil {
			entry.Version = version
			err = b.start(ctx, c)
		}
		if err == nil {
			fit = append(fit, c)
		} else {
			entry.Missing = err.Error()
			fmt.Fprintf(b.out, "%s takes no part: %v\n", c.title, err)
		}
		b.result.Contenders = append(b.result.Contenders, entry)
	}
	b.contenders = fit
}

func (b *bench) start(ctx context.Context, c contender) error {
	p, err := c.start(ctx, b.programs[c.name], surroundings{
		Dir: b.dir, Files: b.files(), Backends: backendAddresses(), Log: b.log, OpenFiles: b.openFiles, Connections: b.idle + spareFiles,
	}, b.proxyCore)
	if err != nil {
		return err
	}
	b.running[c.name] = p
	return nil
}

// restart gives a contender that has served nobody.
func (b *bench) restart(ctx context.Context, c contender) error {
	if err := b.running[c.name].Stop(); err != nil {
		return err
	}
	return b.start(ctx, c)
}

func (b *bench) stopAll() error {
	var all []error
	for _, p := range b.running {
		all = append(all, p.Stop())
	}
	return errors.Join(all...)
}

func (b *bench) files() string { return filepath.Join(b.dir, "files") }

func backendAddresses() []string {
	var all []string
	for i := range backends {
		all = append(all, fmt.Sprintf("127.0.0.1:%d", firstBackend+i))
	}
	return all
}

// startBackend starts this program as the application.
func (b *bench) startBackend(ctx context.Context) error {
	p, err := process.Start(process.Spec{
		Name: "the application", Argv: append([]string{b.programs[bare], backendVerb}, backendAddresses()...), Core: b.loadCore,
	})
	if err != nil {
		return err
	}
	b.running["the application"] = p
	return p.AwaitListening(ctx, backendAddresses()...)
}

// writeFiles makes what is served as files.
func writeFiles(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the folder of files: %w", err)
	}
	for name, size := range static {
		if err := os.WriteFile(filepath.Join(dir, name), backend.Body(size), 0o644); err != nil {
			return fmt.Errorf("cannot write a file to serve: %w", err)
		}
	}
	return nil
}

// emptyLogs keeps the disk from filling up: some hundred bytes for each of
// millions of requests.
func (b *bench) emptyLogs() error {
	logs, err := filepath.Glob(filepath.Join(b.dir, "*-access.log"))
	if err != nil {
		return err
	}
	for _, log := range logs {
		if err := os.Truncate(log, 0); err != nil {
			return fmt.Errorf("cannot empty a log: %w", err)
		}
	}
	return nil
}

// checkLogs makes sure that who logs does log: a cost without its log is none.
func (b *bench) checkLogs() error {
	for _, c := range b.contenders {
		if c.relays {
			continue
		}
		logs, err := filepath.Glob(filepath.Join(b.dir, c.name+"-access.*"))
		if err != nil {
			return err
		}
		var size int64
		for _, log := range logs {
			info, err := os.Stat(log)
			if err != nil {
				return fmt.Errorf("cannot look at a log: %w", err)
			}
			size += info.Size()
		}
		switch {
		case b.log && size == 0:
			return fmt.Errorf("%s has written no access log: %s", c.title, strings.Join(logs, " "))
		case !b.log && size > 0:
			return fmt.Errorf("%s has written an access log: %s", c.title, strings.Join(logs, " "))
		}
	}
	return nil
}
