package main

import (
	"runtime"

	"github.com/spf13/cobra"
)

// version is set by the linker from the Makefile's VERSION.
var version = "devel"

// versionDocument is what version --json prints.
type versionDocument struct {
	Version int    `json:"version"`
	Release string `json:"release"`
	Go      string `json:"go"`
}

func newVersion(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		GroupID: groupSee,
		Short:   "Print the version",
		Example: `  webstack version`,
		Args:    cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			if out.json {
				return out.document(versionDocument{Version: documentVersion, Release: version, Go: runtime.Version()})
			}
			out.printf("webstack %s (%s)\n", version, runtime.Version())
			return nil
		},
	}
}
