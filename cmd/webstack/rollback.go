package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
)

func newRollback(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "rollback",
		GroupID: groupChange,
		Short:   "Return to the previous generation",
		Long: `Rollback brings the machine back to what was applied before the current
generation: units, sites and the proxy's config. Where an apply has not ended,
it undoes that one and returns to the current generation. It never touches the
spec in /etc/webstack, so webstack diff shows afterwards what an apply would do
again.`,
		Example: `  webstack rollback
  webstack rollback --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLock(cmd.Context(), func(h *install.Host) error {
				return rollBack(cmd.Context(), out, h)
			})
		},
	}
}

// rollBack brings the machine back to the generation before.
func rollBack(ctx context.Context, out *console, h *install.Host) error {
	g, err := applied(h.Paths)
	if err != nil {
		return err
	}
	number, err := install.RollbackTarget(h.Paths, g)
	if err != nil {
		return err
	}
	if number == 0 {
		return fmt.Errorf("cannot roll back: nothing was applied before generation %d", g.Number)
	}
	old, err := install.LoadGeneration(h.Paths, number)
	if err != nil {
		return fmt.Errorf("cannot roll back: %w", err)
	}
	w, err := compare(ctx, h, &old.Desired, old.Number)
	if err != nil {
		return err
	}
	if err := preflightStored(ctx, out, h, w); err != nil {
		return err
	}
	if err := carryOut(ctx, out, h, w, "Rolled back to", "webstack rollback"); err != nil {
		return err
	}
	out.progress("The spec of this generation is in %s/generations/%d/spec; %s stays as it is.\n",
		h.Paths.State, old.Number, defaultSpec)
	return nil
}

// preflightStored checks what a stored generation needs of the machine: its
// folders, programs and accounts may be gone since. A spec that this release
// no longer reads cannot be checked, and keeps nobody from going back.
func preflightStored(ctx context.Context, out *console, h *install.Host, w *work) error {
	s, found := spec.Parse(w.desired.Spec)
	if len(found) > 0 {
		out.progress("  its spec is of another release: the machine is not checked for what it needs\n")
		return nil
	}
	return out.refuse(install.Preflight(ctx, h, s, w.desired, w.actual))
}
