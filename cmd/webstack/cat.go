package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// catDocument is what cat --json prints.
type catDocument struct {
	Version int      `json:"version"`
	Keys    []catKey `json:"keys"`
}

type catKey struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	File  string `json:"file"`
	Line  int    `json:"line"`
}

func newCat(out *console) *cobra.Command {
	var etc string
	c := &cobra.Command{
		Use:     "cat [PREFIX]",
		GroupID: groupSee,
		Short:   "Print the spec as it counts, and where each value comes from",
		Long: `Cat prints every key of the merged spec with its value and the file and line
that it comes from, override.d included. Values of env and credentials are
masked.`,
		Example: `  webstack cat
  webstack cat app.analysisweb
  webstack cat --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := readSpec(etc, nil)
			if err != nil {
				return err
			}
			s, err := parseSpec(out, files)
			if err != nil {
				return err
			}
			doc := catDocument{Version: documentVersion, Keys: []catKey{}}
			for _, leaf := range s.Provenance(true) {
				if len(args) == 0 || leaf.Key == args[0] || strings.HasPrefix(leaf.Key, args[0]+".") {
					doc.Keys = append(doc.Keys, catKey{
						Key: leaf.Key, Value: leaf.Value, File: leaf.Position.File, Line: leaf.Position.Line,
					})
				}
			}
			if len(args) > 0 && len(doc.Keys) == 0 {
				return usage(fmt.Errorf("the spec sets no key %q", args[0]), "webstack cat prints all of them")
			}
			if out.json {
				return out.document(doc)
			}
			for _, k := range doc.Keys {
				out.printf("%-60s  # %s:%d\n", k.Key+" = "+k.Value, k.File, k.Line)
			}
			return nil
		},
	}
	specFlag(c, &etc)
	return c
}
