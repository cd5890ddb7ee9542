package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/proxy/control"
)

func newUndrain(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "undrain APP[@INSTANCE]...",
		GroupID: groupRun,
		Short:   "Put drained instances back into rotation",
		Long: `Undrain puts instances back into rotation, whoever has drained them, and forgets
their failures. An instance whose unit is stopped stays out until it runs.`,
		Example: `  webstack undrain app@8023
  webstack undrain analysisweb`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			return onInstances(cmd.Context(), out, args, "up", func(ctx context.Context, c *control.Client, id string) (*control.Status, error) {
				return c.Undrain(ctx, control.DrainRequest{Instance: id})
			})
		},
	}
}
