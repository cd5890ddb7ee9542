package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/units"
)

func newLogs(out *console) *cobra.Command {
	var follow bool
	var lines int
	var since string
	c := &cobra.Command{
		Use:     "logs [APP[@INSTANCE]...]",
		GroupID: groupSee,
		Short:   "Print what apps and the proxy logged, all instances merged",
		Long: `Logs prints the journal of the named apps or instances, merged by time; of all
apps and the proxy where none is named. journalctl does the work.`,
		Example: `  webstack logs analysisweb -f
  webstack logs app@8025 -n 20
  webstack logs --since "10 min ago"`,
		ValidArgsFunction: completeTargets,
		Args:              cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			g, err := applied(install.DefaultPaths())
			if err != nil {
				return err
			}
			argv, err := journalArgs(g, args)
			if err != nil {
				return err
			}
			if follow {
				argv = append(argv, "--follow")
			}
			if cmd.Flags().Changed("lines") {
				argv = append(argv, "--lines="+strconv.Itoa(lines))
			}
			if since != "" {
				argv = append(argv, "--since="+since)
			}
			if out.json {
				argv = append(argv, "--output=json")
			}
			j := exec.CommandContext(cmd.Context(), "journalctl", argv...)
			j.Stdin, j.Stdout, j.Stderr = os.Stdin, out.stdout, out.stderr
			return journalResult(cmd.Context().Err(), j.Run())
		},
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on printing")
	c.Flags().IntVarP(&lines, "lines", "n", 0, "print the last `N` lines")
	c.Flags().StringVar(&since, "since", "", "print from this `time` on, as journalctl reads it")
	return c
}

// journalArgs names the units to journalctl: an app by its pattern, so that
// instances of earlier generations are found too.
func journalArgs(g *install.Generation, args []string) ([]string, error) {
	targets, err := findTargets(g, args)
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		for i := range g.Desired.Apps {
			targets = append(targets, target{app: &g.Desired.Apps[i], whole: true})
		}
	}
	argv := []string{"--no-pager"}
	if len(args) == 0 {
		argv = append(argv, "--unit=webstack.service")
	}
	for _, t := range targets {
		if t.whole {
			argv = append(argv, "--unit="+units.InstancePattern(t.app.Unit))
			continue
		}
		for _, i := range t.instances {
			argv = append(argv, "--unit="+i.Unit)
		}
	}
	return argv, nil
}

// journalResult tells a missing journalctl from one that the user ended.
func journalResult(interrupted, err error) error {
	var status *exec.ExitError
	switch {
	case err == nil || interrupted != nil:
		return nil
	case errors.As(err, &status):
		return exit(exitFailed) // journalctl has said why
	}
	return fmt.Errorf("cannot run journalctl: %w", err)
}
