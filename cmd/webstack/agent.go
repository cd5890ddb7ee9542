package main

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/activation"
	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/agent"
	"github.com/webstack/webstack/units/bus"
)

func newAgent(out *console) *cobra.Command {
	var controlPath string
	c := &cobra.Command{
		Use:   "agent",
		Short: "Keep units and proxy in step (webstack-agent.service does)",
		Long: `Agent follows the instances of what is applied over D-Bus and tells the proxy of
every change at once. It restarts what fails its health check (watchdog), starts
apps that a request waits for (start = "on-demand"), stops those that nobody
uses (idle_stop), and tells commands and URLs of events (on_change).

It needs no privilege but the rule for polkit that apply writes, and the group
` + adminGroup + `. Without it everything is served all the same.`,
		Example: `  systemctl status webstack-agent
  systemctl mask --now webstack-agent      # do without it
  webstack doctor                          # is it at work?`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runAgent(cmd.Context(), newLog(out.stderr), controlPath)
		},
	}
	c.Flags().StringVar(&controlPath, "control", control.Socket, "the proxy's control `socket`")
	return c
}

// runAgent ties the agent to the process that it runs in.
func runAgent(ctx context.Context, log *slog.Logger, controlPath string) error {
	env := activation.Process()
	notifier, err := activation.NewNotifier(env)
	if err != nil {
		return err
	}
	watchdog, err := activation.WatchdogInterval(env)
	if err != nil {
		return err
	}
	a := agent.New(agent.NewMachine(bus.Options{}, install.DefaultPaths(), control.NewClient(controlPath), log))
	say := func(err error) {
		if err != nil {
			log.Error("cannot notify systemd", "error", err)
		}
	}
	// The watchdog goes on while the agent stops.
	aside, done := context.WithCancel(context.WithoutCancel(ctx))
	defer done()
	if watchdog > 0 {
		go notifier.RunWatchdog(aside, watchdog, func() error { return a.Alive(watchdog / 4) }, say)
	}
	say(notifier.Ready(""))
	a.Run(ctx)
	say(notifier.Stopping(""))
	return nil
}
