package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/webstack/webstack/integration/lossless"
	"github.com/webstack/webstack/integration/machine"
)

const (
	// fullVariable asks for the counts of the whole table, which takes half an
	// hour; without it each row has a short form.
	fullVariable = "WEBSTACK_LOSSLESS"
	// rowsVariable names a file to which each row is added.
	rowsVariable = "WEBSTACK_ROWS"
)

// full says that the counts of the whole table are asked for: [full] in
// scripts.
func full() bool { return os.Getenv(fullVariable) == "full" }

// storm is a storm that blows, and the watch beside it.
type storm struct {
	clients *lossless.Storm
	watch   *lossless.Watch
	began   time.Time
	marks   []lossless.Event
}

// site is the verb that makes the lossless tests' site: the application, and
// with webstack its spec, applied.
func (s *script) site(args []string) (printed, error) {
	name, args := named(args)
	spec := filepath.Join(repository, "integration/lossless/site/webstack.toml")
	alone := len(args) == 1 && args[0] == "alone"
	if len(args) == 1 && !alone {
		spec = s.files.MkAbs(args[0])
	}
	if len(args) > 1 {
		return printed{}, misused("usage: lossless-site [@NAME] [SPEC|alone]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return printed{}, err
	}
	if err := lossless.Install(ctx, m, repository); err != nil {
		return printed{}, err
	}
	if alone {
		return printed{}, nil
	}
	if out, err := s.install([]string{"@" + name}); err != nil {
		return out, err
	}
	if err := m.CopyIn(spec, "/etc/webstack/webstack.toml"); err != nil {
		return printed{}, err
	}
	return run(ctx, m, 0, []string{"sh", "-c", "webstack apply && systemctl start webstack.service"})
}

// storm is the verb for all kinds of clients at once.
func (s *script) storm(args []string) (printed, error) {
	const usage = "usage: storm start [@NAME] [-rate N] [-streams N] [-sockets N] | storm hung INSTANCE | storm stop [@NAME] [-drain D] [-grace D] [-hang D] [-lossy] ROW"
	if len(args) == 0 {
		return printed{}, misused(usage)
	}
	what, args := args[0], args[1:]
	switch {
	case what == "start" && s.blows == nil:
		return printed{}, s.startStorm(args)
	case what == "hung" && s.blows != nil && len(args) == 1:
		s.blows.marks = append(s.blows.marks, lossless.Event{At: time.Now(), Unit: args[0], What: lossless.Hung})
		return printed{}, nil
	case what == "stop" && s.blows != nil:
		return s.stopStorm(args)
	}
	return printed{}, misused(usage)
}

func (s *script) startStorm(args []string) error {
	name, args := named(args)
	opts := lossless.Options{Address: "127.0.0.1:8081"}
	flags := newFlags("storm")
	flags.Float64Var(&opts.Rate, "rate", 0, "")
	flags.IntVar(&opts.Streams, "streams", 8, "")
	flags.IntVar(&opts.Sockets, "sockets", 8, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return misused("storm: wrong flags %q: %v", args, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return err
	}
	if err := lossless.Forget(ctx, m); err != nil {
		return err
	}
	opts.Dial = m.Dial
	blows := &storm{began: time.Now(), watch: lossless.NewWatch("site", m.Dial)}
	if blows.clients, err = lossless.Start(opts); err != nil {
		blows.watch.Stop()
		return err
	}
	s.blows = blows
	return nil
}

// stopStorm ends the storm, prints its row and fails where something was lost.
func (s *script) stopStorm(args []string) (printed, error) {
	name, args := named(args)
	terms := lossless.Terms{Unit: "app"}
	flags := newFlags("storm")
	flags.DurationVar(&terms.Drain, "drain", 2*time.Second, "")
	flags.DurationVar(&terms.Grace, "grace", time.Second, "")
	flags.DurationVar(&terms.Hang, "hang", 0, "")
	lossy := flags.Bool("lossy", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 {
		return printed{}, misused("storm: wrong flags %q: %v", args, err)
	}
	tally, sight := s.endStorm()
	marks := s.blows.marks
	s.blows = nil
	ctx, cancel := context.WithTimeout(context.Background(), verbTimeout)
	defer cancel()
	m, err := s.get(ctx, name, machine.Options{})
	if err != nil {
		return printed{}, err
	}
	// A minute before: what began then may have its deadline in the storm.
	history, err := lossless.ReadHistory(ctx, m, tally.Began.Add(-time.Minute))
	if err != nil {
		return printed{}, err
	}
	history = history.Sorted(append(marks, sight.Drained...))
	notes, err := lossless.ReadNotes(ctx, m)
	if err != nil {
		return printed{}, err
	}
	row := lossless.NewRow(flags.Arg(0), tally, terms, history, sight, lossless.NewAudit(notes, tally.Answered))
	if err := publish(row.String()); err != nil {
		return printed{}, err
	}
	if err = row.Err(); *lossy && row.Attempts > 0 {
		err = nil
	}
	return printed{stdout: row.String() + "\n" + row.Explain(history)}, err
}

// endStorm stops the clients and the watch.
func (s *script) endStorm() (lossless.Tally, lossless.Sight) {
	return s.blows.clients.Stop(), s.blows.watch.Stop()
}

// publish adds a row to the file that is named for them.
func publish(row string) error {
	name := os.Getenv(rowsVariable)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("cannot publish a row: %w", err)
	}
	defer file.Close()
	if _, err := fmt.Fprintln(file, row); err != nil {
		return fmt.Errorf("cannot publish a row: %w", err)
	}
	return nil
}

func TestAWrongStormVerbIsMisuse(t *testing.T) {
	for _, args := range [][]string{{}, {"stop", "a row"}, {"hung", "8020"}, {"start", "-rate", "many"}} {
		_, err := new(script).storm(args)
		if _, wrong := err.(misuse); !wrong {
			t.Errorf("storm %q: got %v, want a misuse", args, err)
		}
	}
}
