package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

func newStatus(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "status [APP]...",
		GroupID: groupRun,
		Short:   "Show apps, instances, sites and the proxy",
		Long: `Status shows what is applied and how it runs. It works with the proxy stopped,
and does not start it.

Exit codes: 0 everything that should run does, 3 something does not, 4 it
cannot be told.`,
		Example: `  webstack status
  webstack status analysisweb
  webstack status --json`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withHost(cmd.Context(), func(h *install.Host) error {
				return printStatus(cmd.Context(), out, h, args)
			})
		},
	}
}

// printStatus gathers and prints, and ends with the code of what it found.
func printStatus(ctx context.Context, out *console, h *install.Host, args []string) error {
	doc, running, err := readStatus(ctx, h, args)
	if err != nil {
		if exitCode(err) == exitFailed {
			err = &statusError{code: exitUnknown, err: err}
		}
		return err
	}
	if out.json {
		err = out.document(doc)
	} else {
		out.status(doc, len(args) > 0, time.Now())
	}
	if err == nil && !running {
		err = exit(exitNotRunning)
	}
	return err
}
