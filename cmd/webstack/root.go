package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

// The headings under which `webstack help` lists the verbs.
const (
	groupChange = "change"
	groupRun    = "run"
	groupSee    = "see"
)

// columns is how wide a help text may be: a terminal's least.
const columns = 80

// defaultSpec is the folder of the operator's spec.
const defaultSpec = "/etc/webstack"

func newRoot(out *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "webstack",
		Short: "Run web apps under systemd behind a socket-activated proxy",
		Long: `webstack runs a web app as N instances under systemd behind a
socket-activated front proxy. /etc/webstack/webstack.toml says what is to run;
"webstack apply" makes it so.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		// Distance 2 finds "stauts" and "aply".
		SuggestionsMinimumDistance: 2,
		Args:                       knownVerb,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(out.stdout)
	root.SetErr(out.stderr)
	flags := root.PersistentFlags()
	flags.BoolVar(&out.json, "json", false, "print JSON")
	flags.BoolVarP(&out.quiet, "quiet", "q", false, "print no progress")
	flags.BoolVar(&out.noColor, "no-color", false, "print no colours (as NO_COLOR does)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// The cause that strconv gives speaks to programmers.
		text, _, _ := strings.Cut(err.Error(), ": strconv.")
		return usage(errors.New(text), cmd.CommandPath()+" --help")
	})
	// Flags with their defaults would run over the edge of a terminal.
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", columns)))
	root.AddGroup(
		&cobra.Group{ID: groupChange, Title: "Change:"},
		&cobra.Group{ID: groupRun, Title: "Run:"},
		&cobra.Group{ID: groupSee, Title: "See:"},
	)
	root.AddCommand(
		newInit(out), newImport(out), newCheck(out), newDiff(out), newApply(out), newRollback(out), newUninstall(out),
		newStatus(out), newStart(out), newStop(out), newRestart(out), newDeploy(out), newScale(out), newReload(out),
		newDrain(out), newUndrain(out), newPause(out), newResume(out), newMaintain(out), newEvents(out),
		newLogs(out), newCat(out), newSchema(out), newVersion(out), newServe(out), newAgent(out), newDoctor(out), newGate(out),
	)
	root.AddCommand(newManual(out)) // hidden: for who builds a package
	for _, c := range root.Commands() {
		c.Args = usageArgs(c.Args)
	}
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error { return knownTopic(root, args) }
		case "completion":
			c.Args = func(_ *cobra.Command, args []string) error {
				return knownTopic(root, append([]string{"completion"}, args...))
			}
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
	return root
}

// knownTopic refuses what names no verb; cobra would print the general help.
func knownTopic(root *cobra.Command, path []string) error {
	if c, rest, err := root.Find(path); err != nil || len(rest) > 0 {
		return usage(fmt.Errorf("there is no verb %q", strings.Join(path, " ")), c.CommandPath()+" --help")
	}
	return nil
}

// knownVerb is reached with arguments only where no verb is called so.
func knownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "webstack --help"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(fmt.Errorf("there is no verb %q", args[0]), hint)
}

// usageArgs makes wrong arguments a usage error (64), in our words.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check(cmd, args) == nil {
			return nil
		}
		if tooFew(check, cmd, args) {
			_, needs, _ := strings.Cut(cmd.Use, " ")
			if strings.HasPrefix(needs, "APP[@INSTANCE]") {
				needs = "the name of an app or an instance"
			}
			return usage(fmt.Errorf("%s needs %s", cmd.Name(), needs), cmd.CommandPath()+" --help")
		}
		return usage(fmt.Errorf("%s does not take %q", cmd.Name(), args[len(args)-1]), cmd.CommandPath()+" --help")
	}
}

// tooFew says that wrong arguments would be right if there were one or two more.
func tooFew(check cobra.PositionalArgs, cmd *cobra.Command, args []string) bool {
	more := append(slices.Clone(args), "", "")
	return check(cmd, more[:len(more)-1]) == nil || check(cmd, more) == nil
}

// completeTargets offers the apps and instances of the applied generation.
func completeTargets(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return completeNames(args, func(g *install.Generation) (names []string) {
		for _, app := range g.Desired.Apps {
			names = append(names, app.Name)
			for _, i := range app.Instances {
				names = append(names, i.ID())
			}
		}
		return names
	})
}

// completeNames offers names of the applied generation that are not there yet.
func completeNames(args []string, of func(*install.Generation) []string) ([]string, cobra.ShellCompDirective) {
	g, err := applied(install.DefaultPaths())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := slices.DeleteFunc(of(g), func(n string) bool { return slices.Contains(args, n) })
	return names, cobra.ShellCompDirectiveNoFileComp
}
