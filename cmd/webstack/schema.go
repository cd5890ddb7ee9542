package main

import (
	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install/spec"
)

func newSchema(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		GroupID: groupSee,
		Short:   "Print the JSON schema of the spec, for editors",
		Example: `  webstack schema > webstack.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			_, err := out.stdout.Write(spec.JSONSchema())
			return err
		},
	}
}
