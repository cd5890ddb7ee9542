package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
)

// drainedByHand is who drains where somebody typed it.
const drainedByHand = "webstack drain"

func newDrain(out *console) *cobra.Command {
	var lasts time.Duration
	c := &cobra.Command{
		Use:     "drain APP[@INSTANCE]...",
		GroupID: groupRun,
		Short:   "Give instances nothing new; what runs is finished",
		Long: `Drain takes instances out of rotation: the proxy gives them nothing new, and
what they have in hand is finished. They go on running. It lasts until undrain,
over reloads and restarts of the proxy, or as long as --for says. While every
instance of an app is drained, its requests wait up to the app's hold.`,
		Example: `  webstack drain app@8023
  webstack drain app@8023 --for 10m
  webstack undrain app@8023`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			ms, err := leaseOf(cmd, lasts)
			if err != nil {
				return err
			}
			return onInstances(cmd.Context(), out, args, "draining", func(ctx context.Context, c *control.Client, id string) (*control.Status, error) {
				return c.Drain(ctx, control.DrainRequest{Instance: id, By: drainedByHand, LeaseMS: ms})
			})
		},
	}
	leaseFlag(c, &lasts)
	return c
}

// leaseFlag adds --for.
func leaseFlag(c *cobra.Command, lasts *time.Duration) {
	c.Flags().DurationVar(lasts, "for", 0, "end it by itself after this `duration`")
}

// leaseOf is --for in milliseconds, 0 where it is not there.
func leaseOf(cmd *cobra.Command, lasts time.Duration) (int64, error) {
	if !cmd.Flags().Changed("for") {
		return 0, nil
	}
	if lasts < time.Millisecond {
		return 0, usage(fmt.Errorf("--for is %s, and would be over at once", lasts), "--for 10m")
	}
	return lasts.Milliseconds(), nil
}

// onInstances does something about each target's instances in the running proxy.
// Nothing is asked of systemd, and no lock is taken: it works beside an apply.
func onInstances(ctx context.Context, out *console, args []string, what string, do func(context.Context, *control.Client, string) (*control.Status, error)) error {
	g, err := applied(install.DefaultPaths())
	if err != nil {
		return err
	}
	targets, err := findTargets(g, args)
	if err != nil {
		return err
	}
	proxy := controlClient()
	doc := instancesDocument{Version: documentVersion, Instances: []string{}}
	for _, t := range targets {
		for _, in := range t.instances {
			if in.Address == "" {
				return usage(fmt.Errorf("app %q has no address: the proxy gives it nothing", t.app.Name), "webstack stop "+in.ID())
			}
			st, err := do(ctx, proxy, in.ID())
			if err != nil {
				return fmt.Errorf("%s: %w", in.ID(), notRunning(err))
			}
			now, _ := st.Instance(in.ID())
			out.progress("  %-12s  %s\n", in.ID(), rotationLine(what, now))
			doc.Instances = append(doc.Instances, in.ID())
		}
	}
	if out.json {
		return out.document(doc)
	}
	return nil
}

// rotationLine says what has become of an instance, in the proxy's words where
// that is not what was asked for: others may drain it, too.
func rotationLine(what string, now control.InstanceStatus) string {
	if now.State != what {
		what = printable(stateReason(now.State, now.Reason, now.DrainedBy))
	}
	if now.InFlight > 0 {
		what += fmt.Sprintf(", %d in flight", now.InFlight)
	}
	return what
}

// stateReason is a state with why it is so.
func stateReason(state, reason, drainedBy string) string {
	switch {
	case drainedBy != "":
		return state + " by " + drainedBy
	case reason != "":
		return state + ": " + reason
	}
	return state
}
