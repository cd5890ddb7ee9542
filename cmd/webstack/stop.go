package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

func newStop(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "stop APP[@INSTANCE]...",
		GroupID: groupRun,
		Short:   "Drain and stop apps or instances until the next start or boot",
		Example: `  webstack stop analysisweb@8023
  webstack stop analysisweb`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			return onTargets(cmd.Context(), out, args, func(ctx context.Context, h *install.Host, t target) error {
				return install.StopAll(ctx, h, t.app, t.instances, t.whole, out.event)
			})
		},
	}
}
