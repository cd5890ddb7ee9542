package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

func newStart(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "start APP[@INSTANCE]...",
		GroupID: groupRun,
		Short:   "Start apps or instances and wait until they answer",
		Example: `  webstack start analysisweb
  webstack start analysisweb@8023
  webstack start app@8023`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			return onTargets(cmd.Context(), out, args, func(ctx context.Context, h *install.Host, t target) error {
				return install.StartAll(ctx, h, t.app, t.instances, t.whole, out.event)
			})
		},
	}
}
