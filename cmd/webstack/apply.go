package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

func newApply(out *console) *cobra.Command {
	var etc string
	c := &cobra.Command{
		Use:     "apply",
		GroupID: groupChange,
		Short:   "Make the machine what the spec says",
		Long: `Apply compares the spec with the machine and carries out the difference: only
what changed is started, stopped or restarted. It stops at the first error and
leaves the rest as it is; running it again continues. webstack diff prints what
it would do.

Exit codes: 0 done or nothing to do, 1 a step failed, 75 another webstack is at
work, 78 the spec is bad.`,
		Example: `  webstack apply
  webstack apply --quiet
  webstack apply --json          # {"changed": true, ...}`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, done, err := openHost(cmd.Context())
			if err != nil {
				return err
			}
			defer done()
			lock, err := install.TakeLock(h.Paths)
			if err != nil {
				return err
			}
			defer lock.Release()
			w, err := planSpec(cmd.Context(), out, h, etc)
			if err != nil {
				return err
			}
			return carryOut(cmd.Context(), out, h, w, "Applied", "webstack apply")
		},
	}
	specFlag(c, &etc)
	return c
}

// carryOut applies a plan, tells how it goes on, and says what came of it.
// again is what to type where it stopped on the way.
func carryOut(ctx context.Context, out *console, h *install.Host, w *work, verb, again string) error {
	began := time.Now()
	for _, note := range w.plan.Notes {
		out.progress("  %s\n", note)
	}
	if err := install.Apply(ctx, h, w.desired, w.actual, w.plan, out.event); err != nil {
		return stopped(err, again)
	}
	if out.json {
		return out.document(newPlanDocument(w.plan))
	}
	if out.quiet {
		return nil
	}
	if w.plan.Empty() {
		out.printf("Nothing to do: generation %d is applied.\n", w.plan.Generation)
		return nil
	}
	out.printf("%s generation %d in %s.%s\n", verb, w.plan.Generation, seconds(time.Since(began)), firstURL(w.desired))
	return nil
}

// stopped says what a failure left behind and how to go on.
func stopped(err error, again string) error {
	var stage *install.StageError
	if errors.As(err, &stage) {
		return &statusError{code: exitCode(err), err: err, hint: "nothing was changed"}
	}
	hint := fmt.Sprintf("what was done stays; `%s` goes on from there, `webstack diff` shows what is left", again)
	return &statusError{code: exitCode(err), err: err, hint: hint}
}

// event prints one line for what takes longer than a blink.
func (c *console) event(e install.Event) {
	subject := strings.TrimSuffix(e.Step.Subject, ".service")
	if e.Err != nil {
		c.progress("  %-12s  %s\n", subject, c.bad("failed"))
		return
	}
	switch e.Step.Kind {
	case install.StartInstance:
		c.progress("  %-12s  started, answers in %s\n", subject, seconds(e.Took))
	case install.WaitInstance:
		c.progress("  %-12s  answers\n", subject)
	case install.RollInstance, install.ReplaceInstance:
		if e.Phase != "" {
			c.progress("  %-12s  %s %s\n", subject, e.Phase, seconds(e.Took))
			return
		}
		c.progress("  %-12s  %s in %s\n", subject, c.good("back in rotation"), seconds(e.Took))
	case install.StopInstance:
		c.progress("  %-12s  drained and stopped in %s\n", subject, seconds(e.Took))
	case install.ServeConfig:
		c.progress("  %-12s  %s, %s\n", "proxy", e.Step.Reason, seconds(e.Took))
	case install.OpenListeners:
		c.progress("  %-12s  listening\n", subject)
	}
}

// seconds says how long something took, as people say it.
func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// firstURL is where to look now, "" where nothing listens on a port.
func firstURL(d *install.Desired) string {
	for _, l := range d.Listeners {
		if l.Network != "tcp" {
			continue
		}
		host, port, ok := cutLast(l.Address, ":")
		if !ok {
			continue
		}
		if host == "0.0.0.0" || host == "[::]" {
			host = "localhost"
		}
		return " http://" + host + ":" + port + "/"
	}
	return ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
