package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
)

func newScale(out *console) *cobra.Command {
	var etc string
	c := &cobra.Command{
		Use:     "scale APP N|+N|-N",
		GroupID: groupRun,
		Short:   "Change how many instances an app has",
		Long: `Scale writes the new number to override.d/50-scale-APP.toml, so that nobody's
own file is edited, and applies the spec. Those that stay are not touched: new
instances get the ports after the largest, and the last ones go first, drained.

webstack cat shows where the number comes from; without the file the spec's own
counts again, after an apply.`,
		Example: `  webstack scale analysisweb 12
  webstack scale analysisweb +2
  webstack scale analysisweb -1`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeApp,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withLock(cmd.Context(), func(h *install.Host) error {
				return scale(cmd.Context(), out, h, etc, args[0], args[1])
			})
		},
	}
	specFlag(c, &etc)
	return c
}

// scale checks the spec with the override before it writes it.
func scale(ctx context.Context, out *console, h *install.Host, etc, name, number string) error {
	files, err := readSpec(etc, nil)
	if err != nil {
		return err
	}
	s, err := parseSpec(out, files)
	if err != nil {
		return err
	}
	app := specApp(s, name)
	if app == nil {
		return usage(fmt.Errorf("no app %q is in the spec", name), "the apps are "+specApps(s))
	}
	name = app.Name
	want, err := newNumber(number, install.InstanceCount(app))
	if err != nil {
		return err
	}
	override, files, err := install.Scale(etc, s, files, app, want)
	var full *install.NoPort
	if errors.As(err, &full) {
		return &statusError{code: exitFailed, err: err, hint: "name other ports in the spec, such as ports = [8020, 8100], and webstack apply"}
	}
	if err != nil {
		return err
	}
	if s, err = parseSpec(out, files); err != nil {
		return err
	}
	if got := install.InstanceCount(specApp(s, name)); got != want {
		return fmt.Errorf("cannot scale %s to %d: another file of override.d, which comes after %s, gives it %d", name, want, override.Name, got)
	}
	w, err := planText(ctx, out, h, files, s, install.LocalOf(h.Paths))
	if err != nil {
		return err
	}
	undo, err := install.WriteOverride(override)
	if err != nil {
		return err
	}
	err = carryOut(ctx, out, h, w, "Applied", "webstack apply")
	var stage *install.StageError
	if errors.As(err, &stage) {
		// Nothing was changed, and the next apply is not to change it either.
		err = errors.Join(err, undo())
	}
	return err
}

// specApp finds an app as findApp does, and in the spec.
func specApp(s *spec.Spec, name string) *spec.App {
	i := slices.IndexFunc(s.Apps, func(a *spec.App) bool { return a.Name == name })
	if i < 0 {
		i = slices.IndexFunc(s.Apps, func(a *spec.App) bool { return a.Unit == name })
	}
	if i < 0 {
		return nil
	}
	return s.Apps[i]
}

func specApps(s *spec.Spec) string {
	var names []string
	for _, a := range s.Apps {
		names = append(names, a.Name)
	}
	return nameList(names)
}

// newNumber reads "12", "+2" or "-1".
func newNumber(text string, has int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, usage(fmt.Errorf("%q is no number of instances", text), "12, +2 or -1")
	}
	if strings.ContainsAny(text[:1], "+-") {
		n += has
	}
	if n < 1 {
		return 0, usage(fmt.Errorf("an app has at least one instance, and this would leave %d", n), "webstack stop stops all of an app")
	}
	return n, nil
}

// negative is a number, and would be a flag to the parser.
var negative = regexp.MustCompile(`^-[0-9]+$`)

// numbersLast puts scale's "-1" behind a "--", where it is no flag.
func numbersLast(args []string) []string {
	verb := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "-") })
	if verb < 0 || args[verb] != "scale" || slices.Contains(args, "--") {
		return args
	}
	i := slices.IndexFunc(args, negative.MatchString)
	if i < 0 {
		return args
	}
	return append(slices.Delete(slices.Clone(args), i, i+1), "--", args[i])
}
