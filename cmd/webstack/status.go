package main

import (
	"time"

	"github.com/spf13/cobra"
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
			h, done, err := openHost(cmd.Context())
			if err != nil {
				return err
			}
			defer done()
			doc, running, err := readStatus(cmd.Context(), h, args)
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
		},
	}
}
