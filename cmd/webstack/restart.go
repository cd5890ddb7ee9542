package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

func newRestart(out *console) *cobra.Command {
	var pace pace
	c := &cobra.Command{
		Use:     "restart APP[@INSTANCE]...",
		GroupID: groupRun,
		Short:   "Restart an app's instances one after another",
		Long: `Restart takes one instance after another out of rotation, waits for what it
still answers, restarts it, waits until it answers again and puts it back. The
first failure stops it and leaves the others untouched. So does Ctrl-C, when the
instance in hand answers again; a second Ctrl-C ends at once.

With --at-once requests wait for the first instance that is back, each as long
as the app's hold.`,
		Example: `  webstack restart analysisweb
  webstack restart analysisweb@8023
  webstack restart analysisweb --max-unavailable 2`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := pace.check(cmd); err != nil {
				return err
			}
			return onTargets(cmd.Context(), out, args, func(ctx context.Context, h *install.Host, t target) error {
				return install.Roll(ctx, h, t.app, t.instances, pace.order(install.ByRestart, len(t.instances)), out.rolling())
			})
		},
	}
	pace.flags(c)
	return c
}

// pace is how fast a roll goes.
type pace struct {
	most   int
	atOnce bool
}

func (p *pace) flags(c *cobra.Command) {
	c.Flags().IntVar(&p.most, "max-unavailable", 1, "how many `instances` may be out at a time")
	c.Flags().BoolVar(&p.atOnce, "at-once", false, "all at a time")
}

func (p *pace) check(c *cobra.Command) error {
	switch {
	case p.most < 1:
		return usage(errors.New("--max-unavailable must be at least 1"), c.CommandPath()+" --help")
	case p.atOnce && c.Flags().Changed("max-unavailable"):
		return usage(errors.New("--at-once says how many already"), "leave --max-unavailable out")
	}
	return nil
}

// order is how so many instances are rolled.
func (p *pace) order(by string, instances int) install.Order {
	if p.atOnce {
		return install.Order{By: by, MaxUnavailable: instances}
	}
	return install.Order{By: by, MaxUnavailable: p.most}
}
