package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/webstack/webstack/install"
)

// target is an app with some or all of its instances.
type target struct {
	app       *install.App
	instances []install.Instance
	whole     bool
}

// errNothingApplied: there is no generation yet.
var errNothingApplied = &statusError{
	code: exitNotRunning,
	err:  errors.New("nothing is applied on this machine"),
	hint: "write /etc/webstack/webstack.toml (webstack init) and run webstack apply",
}

// errFirstApply: an apply has begun, and there was no generation before it.
var errFirstApply = &statusError{
	code: exitNotRunning,
	err:  errors.New("the first apply on this machine has not ended"),
	hint: "`webstack apply` goes on with it, `webstack uninstall` undoes it",
}

// applied reads the current generation.
func applied(p install.Paths) (*install.Generation, error) {
	g, err := install.Applied(p)
	if err != nil || g != nil {
		return g, err
	}
	began, err := install.Unfinished(p)
	switch {
	case err != nil:
		return nil, err
	case began:
		return nil, errFirstApply
	}
	return nil, errNothingApplied
}

// findTarget reads "analysisweb", "analysisweb@8023" or "app@8023", as systemd
// or the spec names them, with or without ".service".
func findTarget(g *install.Generation, arg string) (target, error) {
	name, instance, one := strings.Cut(strings.TrimSuffix(arg, ".service"), "@")
	app := findApp(g, name)
	if app == nil {
		return target{}, usage(fmt.Errorf("no app or instance %q is applied", arg), "the apps are "+appList(g))
	}
	if !one {
		return target{app: app, instances: app.Instances, whole: true}, nil
	}
	for _, inst := range app.Instances {
		if inst.Name == instance {
			return target{app: app, instances: []install.Instance{inst}}, nil
		}
	}
	return target{}, usage(fmt.Errorf("app %q has no instance %q", app.Name, instance),
		fmt.Sprintf("its instances are %s", instanceList(app)))
}

// findApp prefers the app's own name: another app's unit may be called so too.
func findApp(g *install.Generation, name string) *install.App {
	apps := g.Desired.Apps
	i := slices.IndexFunc(apps, func(a install.App) bool { return a.Name == name })
	if i < 0 {
		i = slices.IndexFunc(apps, func(a install.App) bool { return a.Unit == name })
	}
	if i < 0 {
		return nil
	}
	return &apps[i]
}

func findTargets(g *install.Generation, args []string) ([]target, error) {
	var list []target
	for _, arg := range args {
		t, err := findTarget(g, arg)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func appList(g *install.Generation) string {
	var names []string
	for _, a := range g.Desired.Apps {
		names = append(names, a.Name)
	}
	return nameList(names)
}

func nameList(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func instanceList(app *install.App) string {
	ids := make([]string, len(app.Instances))
	for i, inst := range app.Instances {
		ids[i] = inst.ID()
	}
	return fold(ids)
}

// onTargets finds the targets of a verb and does something to each.
func onTargets(ctx context.Context, out *console, args []string, do func(context.Context, *install.Host, target) error) error {
	return withLock(ctx, func(h *install.Host) error {
		g, err := applied(h.Paths)
		if err != nil {
			return err
		}
		targets, err := findTargets(g, args)
		if err != nil {
			return err
		}
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
	})
}
