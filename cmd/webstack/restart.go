package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

func newRestart(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "restart APP[@INSTANCE]...",
		GroupID: groupRun,
		Short:   "Restart an app's instances one after another",
		Long: `Restart takes one instance after another out of rotation, waits for what it
still answers, restarts it, waits until it answers again and puts it back. The
first failure stops it and leaves the others untouched. So does Ctrl-C, when the
instance in hand answers again; a second Ctrl-C ends at once.`,
		Example: `  webstack restart analysisweb
  webstack restart analysisweb@8023`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			return onTargets(cmd.Context(), out, args, func(ctx context.Context, h *install.Host, t target) error {
				return install.Roll(ctx, h, t.app, t.instances, out.event)
			})
		},
	}
}
