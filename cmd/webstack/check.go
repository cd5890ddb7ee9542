package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/install/spec/load"
)

func newCheck(out *console) *cobra.Command {
	var etc string
	c := &cobra.Command{
		Use:     "check [FILE]",
		GroupID: groupChange,
		Short:   "Check the spec and print everything that is wrong with it",
		Long: `Check reads the spec and prints every mistake with its place and remedy. It
looks at the text alone, never at the machine, and changes nothing.

Exit codes: 0 the spec is good, 78 it is not.`,
		Example: `  webstack check                 # /etc/webstack
  webstack check shop.toml       # one file
  webstack check --json          # for editors and CI`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := readSpec(etc, args)
			if err != nil {
				return err
			}
			s, err := parseSpec(out, files)
			if err != nil {
				return err
			}
			if _, err := install.NewDesired(s, files, install.LocalOf(install.DefaultPaths())); err != nil {
				return &statusError{code: exitSpec, err: err}
			}
			if out.json {
				return out.document(checkDocument{Version: documentVersion, Errors: []problem{}})
			}
			out.printf("The spec is good: %s, %s.\n", count(len(s.Apps), "app"), count(len(s.Sites), "site"))
			return nil
		},
	}
	specFlag(c, &etc)
	return c
}

// specFlag adds --spec, the folder of the operator's text.
func specFlag(c *cobra.Command, etc *string) {
	c.Flags().StringVar(etc, "spec", defaultSpec, "`folder` of the spec")
}

// readSpec reads the folder of the spec, or the one file named.
func readSpec(etc string, args []string) ([]spec.File, error) {
	if len(args) == 1 {
		files, err := load.File(args[0])
		return files, specError(err, "")
	}
	files, err := load.Dir(etc)
	return files, specError(err, fmt.Sprintf("webstack init writes a first %s/webstack.toml", etc))
}

func specError(err error, hint string) error {
	if err == nil || exitCode(err) == exitPermission {
		return err
	}
	return &statusError{code: exitSpec, err: err, hint: hint}
}

// parseSpec parses the spec, or prints all that is wrong with it and ends
// with 78.
func parseSpec(out *console, files []spec.File) (*spec.Spec, error) {
	s, found := spec.Parse(files)
	return s, out.refuse(found)
}

// refuse prints diagnostics, if there are any, and ends with 78.
func (c *console) refuse(found []spec.Diagnostic) error {
	if len(found) == 0 {
		return nil
	}
	if c.json {
		if err := c.document(checkDocument{Version: documentVersion, Errors: problems(found)}); err != nil {
			return err
		}
		return exit(exitSpec)
	}
	c.diagnostics(found)
	return exit(exitSpec)
}
