package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/proxy/control"
)

func newResume(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "resume APP...",
		GroupID: groupRun,
		Short:   "Give a paused app its requests",
		Example: `  webstack resume analysisweb`,
		Args:    cobra.MinimumNArgs(1),

		ValidArgsFunction: completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			return onUpstreams(cmd.Context(), out, args, "resumed", func(ctx context.Context, c *control.Client, name string) (*control.Status, error) {
				return c.Resume(ctx, control.PauseRequest{Upstream: name})
			})
		},
	}
}
