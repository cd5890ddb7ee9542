package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
)

// deployFlags are what deploy takes.
type deployFlags struct {
	release  string
	rollback bool
	spec     string
	pace     pace
}

func newDeploy(out *console) *cobra.Command {
	var f deployFlags
	c := &cobra.Command{
		Use:     "deploy APP (--release DIR | --rollback)",
		GroupID: groupRun,
		Short:   "Bring an app's instances to another release, or back",
		Long: `Deploy runs the app's "before" once in the new release, switches its canaries,
watches them, and then switches the others one after another: drained, restarted
in the new folder, back in rotation. Where something fails, what was switched
is brought back and deploy exits 1. Killed, it goes on when it is run again.
Releases that were deployed before, and lie beside the new one, are deleted but
for the last few (deploy.keep). Routes with files go on serving what they name.

--rollback undoes a deploy that did not end, or returns to the release before.
An instance runs in its release's folder instead of the spec's directory, so
what the command names relative to it comes from there.`,
		Example: `  webstack deploy analysisweb --release /srv/analysisweb/2026-11-23
  webstack deploy analysisweb --rollback`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeApp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			return withLock(cmd.Context(), func(h *install.Host) error {
				return deploy(cmd.Context(), out, h, args[0], &f)
			})
		},
	}
	c.Flags().StringVar(&f.release, "release", "", "`folder` of the release")
	c.Flags().BoolVar(&f.rollback, "rollback", false, "go back")
	f.pace.flags(c)
	specFlag(c, &f.spec)
	return c
}

func (f *deployFlags) check(c *cobra.Command) error {
	switch {
	case f.rollback == (f.release != ""):
		return usage(errors.New("deploy needs --release DIR or --rollback, one of the two"), c.CommandPath()+" --help")
	case !f.rollback && !filepath.IsAbs(f.release):
		return usage(fmt.Errorf("--release %q is no absolute path", f.release), "the instances find it by this path")
	}
	return f.pace.check(c)
}

func deploy(ctx context.Context, out *console, h *install.Host, name string, f *deployFlags) error {
	app, err := deployable(h, name)
	if err != nil {
		return err
	}
	d := install.Deployment{Order: f.pace.order(install.ByDeploy, len(app.Instances))}
	if !f.rollback {
		// Where a link leads may change; what was deployed must not.
		if d.Release, err = filepath.EvalSymlinks(f.release); err != nil {
			return fmt.Errorf("cannot deploy %s: %w", f.release, err)
		}
		if app, err = adopted(ctx, out, h, app, f.spec); err != nil {
			return err
		}
		if d.Before, err = before(h, app, out); err != nil {
			return err
		}
	}
	if err := install.Deploy(ctx, h, app, d, out.rolling()); err != nil {
		return deployFailed(err, app, f)
	}
	return deployDone(out, h, app)
}

// deployable is the applied app of that name.
func deployable(h *install.Host, name string) (*install.App, error) {
	g, err := applied(h.Paths)
	if err != nil {
		return nil, err
	}
	app := findApp(g, name)
	if app == nil {
		return nil, usage(fmt.Errorf("no app %q is applied", name), "the apps are "+appList(g))
	}
	return app, nil
}

// adopted is the app with units that start from its releases. Before the first
// deploy they start in the spec's directory: that folder becomes the first
// release, and an apply rolls the instances onto their links.
func adopted(ctx context.Context, out *console, h *install.Host, app *install.App, etc string) (*install.App, error) {
	if app.Releases != "" {
		return app, nil
	}
	record, err := install.ReadReleases(h.Paths, app.Unit)
	if err != nil {
		return nil, err
	}
	undeployed := install.LocalOf(h.Paths)
	undeployed.Releases = func(unit string) string {
		if unit == app.Unit {
			return ""
		}
		return install.LocalOf(h.Paths).Releases(unit)
	}
	w, err := planLocal(ctx, out, h, etc, undeployed)
	if err != nil {
		return nil, err
	}
	began := record != nil && len(w.actual.Pending) > 0 // and was killed
	if !w.plan.Empty() && !began {
		return nil, &statusError{
			code: exitFailed, err: errors.New("cannot deploy: the spec has changes that are not applied"),
			hint: "webstack diff prints them; webstack apply makes them",
		}
	}
	if record == nil {
		if err := install.Adopt(h, app); err != nil {
			return nil, err
		}
	}
	if w, err = planSpec(ctx, out, h, etc); err != nil {
		return nil, err
	}
	out.progress("The first deploy of %s: its instances move to links of their own, %s/NAME.\n", app.Name, h.Paths.Releases(app.Unit))
	if err := install.Apply(ctx, h, w.desired, w.actual, w.plan, out.rolling()); err != nil {
		return nil, stopped(err, "webstack apply", "webstack rollback")
	}
	return deployable(h, app.Name)
}

// before is what runs in the new release first, nil for nothing.
func before(h *install.Host, app *install.App, out *console) (func(context.Context, string) error, error) {
	hook, err := install.NewHook(h.Paths, app, func(line string) { out.progress("    %s\n", clip(printable(line))) })
	if hook == nil || err != nil {
		return nil, err
	}
	return func(ctx context.Context, folder string) error {
		out.progress("  before        %s\n", hook.Command[0])
		return hook.Run(ctx, folder)
	}, nil
}

// deployFailed says what is left, and what to do about it.
func deployFailed(err error, app *install.App, f *deployFlags) error {
	var back *install.RolledBack
	hint := fmt.Sprintf("webstack deploy %s --rollback brings all instances back", app.Name)
	switch {
	case errors.As(err, &back):
		hint = "rolled back: every instance runs " + back.To
	case errors.Is(err, install.ErrNoRelease):
		hint = "webstack deploy " + app.Name + " --release DIR brings it to any folder"
	case f.rollback:
		hint = "run it again to go on"
	case errors.Is(err, install.ErrNothingSwitched):
		hint = ""
	default:
		hint = "run it again to go on; " + hint
	}
	return &statusError{code: exitCode(err), err: err, hint: hint}
}

// deployDocument is what deploy prints.
type deployDocument struct {
	Version int    `json:"version"`
	App     string `json:"app"`
	Release string `json:"release"`
	// Previous is what --rollback would return to, "" for nothing.
	Previous string `json:"previous,omitempty"`
}

func deployDone(out *console, h *install.Host, app *install.App) error {
	record, err := install.ReadReleases(h.Paths, app.Unit)
	if err != nil {
		return err
	}
	if out.json {
		return out.document(deployDocument{
			Version: documentVersion, App: app.Name, Release: record.Current, Previous: record.Previous(),
		})
	}
	if !out.quiet {
		out.printf("Every instance of %s runs %s.\n", app.Name, record.Current)
	}
	return nil
}
