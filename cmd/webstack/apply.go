package main

import (
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
			return withLock(cmd.Context(), func(h *install.Host) error {
				w, err := planSpec(cmd.Context(), out, h, etc)
				if err != nil {
					return err
				}
				return carryOut(cmd.Context(), out, h, w, "Applied", "webstack apply")
			})
		},
	}
	specFlag(c, &etc)
	return c
}
