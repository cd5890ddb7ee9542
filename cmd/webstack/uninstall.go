package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/webstack/webstack/install"
)

func newUninstall(out *console) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:     "uninstall",
		GroupID: groupChange,
		Short:   "Stop and remove everything that apply made",
		Long: `Uninstall stops every instance and the proxy, closes the listeners and removes
every unit, link and generation that apply made. The spec in /etc/webstack, log
folders, the apps' own files and the webstack package stay.`,
		Example: `  webstack uninstall
  webstack uninstall --yes       # without a question`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLock(cmd.Context(), func(h *install.Host) error {
				return removeAll(cmd.Context(), out, h, yes)
			})
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// removeAll plans the empty machine, asks, and carries it out.
func removeAll(ctx context.Context, out *console, h *install.Host, yes bool) error {
	w, err := compare(ctx, h, install.NothingDesired(), 0)
	if err != nil {
		return err
	}
	if !w.actual.Owns() {
		w.plan = &install.Plan{} // no generation is stored to say that there is none
	}
	if !yes && !w.plan.Empty() {
		if !out.json {
			out.plan(w.plan)
		}
		if err := confirm(ctx, out, "Remove all of this?"); err != nil {
			return err
		}
	}
	if err := install.Uninstall(ctx, h, w.desired, w.actual, w.plan, out.event); err != nil {
		return stopped(err, "webstack uninstall", "")
	}
	if out.json {
		return out.document(newPlanDocument(w.plan))
	}
	switch {
	case out.quiet:
	case w.plan.Empty():
		out.printf("Nothing to remove: nothing is applied on this machine.\n")
	default:
		out.printf("Everything that apply made is removed. %s stays.\n", defaultSpec)
	}
	return nil
}

// confirm asks on the terminal; without one --yes has to answer.
func confirm(ctx context.Context, out *console, question string) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return usage(errors.New("nobody is there to answer a question"), "say --yes")
	}
	fmt.Fprintf(out.stderr, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n') // no answer is a no
		answers <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: nothing was changed", context.Cause(ctx))
	case answer := <-answers:
		if answer == "y" || answer == "yes" {
			return nil
		}
		return errors.New("nothing was changed")
	}
}
