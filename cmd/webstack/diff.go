package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

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
			h, done, err := openHost(cmd.Context())
			if err != nil {
				return err
			}
			defer done()
			w, err := planSpec(cmd.Context(), out, h, etc)
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
		},
	}
	specFlag(c, &etc)
	return c
}

func themOrIt(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// work is a plan with both of its sides.
type work struct {
	desired *install.Desired
	actual  *install.Actual
	plan    *install.Plan
}

// planSpec reads the spec and the machine and compares them; a bad spec, or
// one that this machine cannot carry out, has been printed.
func planSpec(ctx context.Context, out *console, h *install.Host, etc string) (*work, error) {
	files, err := readSpec(etc, nil)
	if err != nil {
		return nil, err
	}
	s, err := parseSpec(out, files)
	if err != nil {
		return nil, err
	}
	d, err := install.NewDesired(s, files, install.ThroughLinks)
	if err != nil {
		return nil, err
	}
	w, err := compare(ctx, h, d, 0)
	if err != nil {
		return nil, err
	}
	return w, out.refuse(install.Preflight(ctx, h, s, d, w.actual))
}

// compare makes the plan that brings the machine to d.
func compare(ctx context.Context, h *install.Host, d *install.Desired, number int) (*work, error) {
	a, err := install.ReadActual(ctx, h, d)
	if err != nil {
		return nil, err
	}
	next, err := install.NextGeneration(h.Paths)
	if err != nil {
		return nil, err
	}
	w := &work{desired: d, actual: a, plan: install.MakePlan(d, a, number, next)}
	if foreign := install.ForeignFiles(h, w.plan); len(foreign) > 0 {
		return nil, &statusError{
			code: exitSpec,
			err:  fmt.Errorf("%s was not written by webstack and stays as it is", strings.Join(foreign, ", ")),
			hint: "move it away, or give the app another unit name",
		}
	}
	return w, nil
}

// changes counts the steps that people think of as changes: not the
// daemon-reload and the commit that follow from them, nor a wait.
func changes(p *install.Plan) int {
	n := 0
	for _, s := range p.Steps {
		switch s.Kind {
		case install.DaemonReload, install.Commit, install.WaitInstance:
		default:
			n++
		}
	}
	if n == 0 {
		n = len(p.Steps)
	}
	return n
}

// plan prints a plan, neighbours of one kind folded into a line.
func (c *console) plan(p *install.Plan) {
	for i := 0; i < len(p.Steps); {
		n := foldable(p.Steps[i:])
		s := p.Steps[i]
		ids := make([]string, n)
		for j := range n {
			ids[j] = strings.TrimSuffix(p.Steps[i+j].Subject, ".service")
		}
		subject, reason := s.Subject, s.Reason
		if n > 1 {
			subject = fold(ids)
		}
		switch s.Kind {
		case install.StartInstance:
			reason = fmt.Sprintf("start %s: %s", count(n, "instance"), s.Reason)
		case install.WaitInstance:
			reason = fmt.Sprintf("wait until %s: %s", answers(n), s.Reason)
		case install.RollInstance:
			reason = fmt.Sprintf("restart %s, one after another: %s", count(n, "instance"), s.Reason)
		case install.ReplaceInstance:
			reason = fmt.Sprintf("replace %s, one after another: %s", count(n, "instance"), s.Reason)
		case install.StopInstance:
			reason = fmt.Sprintf("drain and stop %s: %s", count(n, "instance"), s.Reason)
		case install.UndrainInstance:
			reason = fmt.Sprintf("put %s back in rotation: %s", count(n, "instance"), s.Reason)
		case install.DaemonReload, install.Enable, install.Disable, install.Commit:
			reason = fmt.Sprintf("%s: %s", s.Kind, s.Reason)
		case install.MakeFolder:
			reason = "make the folder: " + s.Reason
		case install.StopListener, install.StopTarget:
			reason = "stop: " + s.Reason
		}
		c.printf("%s %-30s  %s\n", c.mark(s), c.characters(subject), reason)
		i += n
	}
	for _, note := range p.Notes {
		c.printf("  %s\n", note)
	}
	if p.Empty() {
		c.printf("Nothing to do.\n")
	}
}

func answers(n int) string {
	if n == 1 {
		return "it answers"
	}
	return fmt.Sprintf("all %d answer", n)
}

// foldable is how many steps from the first on differ only in the instance.
func foldable(steps []install.Step) int {
	switch steps[0].Kind {
	case install.StartInstance, install.WaitInstance, install.RollInstance, install.ReplaceInstance, install.StopInstance, install.UndrainInstance:
	default:
		return 1
	}
	n := 1
	app, _, _ := strings.Cut(steps[0].Subject, "@")
	for n < len(steps) && steps[n].Kind == steps[0].Kind && steps[n].Reason == steps[0].Reason &&
		strings.HasPrefix(steps[n].Subject, app+"@") {
		n++
	}
	return n
}

// mark is the sign before a step: added, changed, taken away, or done to the
// machine as a whole.
func (c *console) mark(s install.Step) string {
	switch s.Kind {
	case install.WriteFile:
		if s.Reason == install.ReasonNew {
			return c.good("+")
		}
		return c.warn("~")
	case install.MakeFolder, install.StartInstance, install.StartTarget, install.Enable, install.OpenListeners, install.UndrainInstance:
		return c.good("+")
	case install.RollInstance, install.ReplaceInstance, install.ServeConfig:
		return c.warn("~")
	case install.StopListener, install.StopInstance, install.StopTarget, install.Disable, install.DeleteFile:
		return c.bad("-")
	}
	return "*"
}
