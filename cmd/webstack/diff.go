package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

func newDiff(out *console) *cobra.Command {
	var etc string
	c := &cobra.Command{
		Use:     "diff",
		GroupID: groupChange,
		Short:   "Print exactly what apply would do, and why",
		Long: `Diff compares the spec with the machine and prints the steps that apply would
take, in their order, each with its reason. It changes nothing.

Exit codes: 0 nothing to do, 2 there is something, 78 the spec is bad.`,
		Example: `  webstack diff
  webstack diff --json           # for config management
  webstack diff --spec ./etc     # another folder's spec`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if os.Geteuid() != 0 {
				return fmt.Errorf("cannot compare the spec with the machine: only root sees what runs: %w", fs.ErrPermission)
			}
			return withHost(cmd.Context(), func(h *install.Host) error {
				return printDiff(cmd.Context(), out, h, etc)
			})
		},
	}
	specFlag(c, &etc)
	return c
}

// printDiff plans and prints.
func printDiff(ctx context.Context, out *console, h *install.Host, etc string) error {
	w, err := planSpec(ctx, out, h, etc)
	if err != nil {
		return err
	}
	if out.json {
		err = out.document(newPlanDocument(w.plan))
	} else {
		out.plan(w.plan)
		if n := changes(w.plan); n > 0 {
			out.printf("%s. `webstack apply` makes %s.\n", count(n, "change"), themOrIt(n))
		}
	}
	if err == nil && !w.plan.Empty() {
		err = exit(exitPending)
	}
	return err
}

func themOrIt(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
