package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
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

func newRestart(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "restart APP[@INSTANCE]...",
		GroupID: groupRun,
		Short:   "Restart an app's instances one after another",
		Long: `Restart takes one instance after another out of rotation, waits for what it
still answers, restarts it, waits until it answers again and puts it back. The
first failure stops it and leaves the others untouched.`,
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

// onTargets finds the targets of a verb and does something to each, under the
// machine's lock: an apply at the same time would undo it or be undone.
func onTargets(ctx context.Context, out *console, args []string, do func(context.Context, *install.Host, target) error) error {
	h, done, err := openHost(ctx)
	if err != nil {
		return err
	}
	defer done()
	g, err := applied(h.Paths)
	if err != nil {
		return err
	}
	targets, err := findTargets(g, args)
	if err != nil {
		return err
	}
	lock, err := install.TakeLock(h.Paths)
	if err != nil {
		return err
	}
	defer lock.Release()
	doc := instancesDocument{Version: documentVersion, Instances: []string{}}
	for _, t := range targets {
		if err := do(ctx, h, t); err != nil {
			return err
		}
		for _, i := range t.instances {
			doc.Instances = append(doc.Instances, i.ID())
		}
	}
	if out.json {
		return out.document(doc)
	}
	return nil
}

func newReload(out *console) *cobra.Command {
	var wait bool
	c := &cobra.Command{
		Use:     "reload",
		GroupID: groupRun,
		Short:   "Make the proxy read its config again",
		Long: `Reload asks the running proxy to read its config again and says whether it took
it. A rejected config changes nothing; the reason is printed. webstack apply
does this by itself.`,
		Example: `  webstack reload
  systemctl reload webstack      # the same`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := controlClient().Reload(cmd.Context())
			if err != nil {
				return notRunning(err)
			}
			if out.json {
				return out.document(result)
			}
			out.progress("The proxy runs generation %d.\n", result.Generation)
			return nil
		},
	}
	c.Flags().BoolVar(&wait, "wait", true, "wait for the proxy's verdict")
	if err := c.Flags().MarkHidden("wait"); err != nil {
		panic(fmt.Sprintf("cannot hide a flag that was just added: %v", err))
	}
	return c
}

// notRunning turns the state "no proxy" into an error with its remedy.
func notRunning(err error) error {
	if !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	return &statusError{code: exitNotRunning, err: errors.New("the proxy is not running"), hint: "the first request starts it, once webstack.socket is up"}
}
