package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
)

// work is a plan with both of its sides.
type work struct {
	desired *install.Desired
	actual  *install.Actual
	plan    *install.Plan
}

// planSpec reads the spec and the machine and compares them; a bad spec, or
// one that this machine cannot carry out, has been printed.
func planSpec(ctx context.Context, out *console, h *install.Host, etc string) (*work, error) {
	return planLocal(ctx, out, h, etc, install.LocalOf(h.Paths))
}

// planLocal is planSpec for a machine of which something else is known.
func planLocal(ctx context.Context, out *console, h *install.Host, etc string, local install.Local) (*work, error) {
	files, err := readSpec(etc, nil)
	if err != nil {
		return nil, err
	}
	s, err := parseSpec(out, files)
	if err != nil {
		return nil, err
	}
	return planText(ctx, out, h, files, s, local)
}

// planText compares a spec, and the text that it was read from, with the
// machine.
func planText(ctx context.Context, out *console, h *install.Host, files []spec.File, s *spec.Spec, local install.Local) (*work, error) {
	d, err := install.NewDesired(s, files, local)
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
