package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/packaging"
)

func newInit(out *console) *cobra.Command {
	var etc string
	c := &cobra.Command{
		Use:     "init",
		GroupID: groupChange,
		Short:   "Write a first webstack.toml, with comments",
		Long: `Init writes a commented webstack.toml to start from. It never overwrites a file
and changes nothing else.`,
		Example: `  webstack init
  webstack init --spec ./etc`,
		Args: cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			path := filepath.Join(etc, "webstack.toml")
			if err := os.MkdirAll(etc, 0o755); err != nil {
				return fmt.Errorf("cannot make folder %s: %w", etc, err)
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return &statusError{code: exitFailed, err: fmt.Errorf("%s exists and stays as it is", path), hint: "webstack check"}
			}
			if err != nil {
				return err
			}
			_, err = f.Write(packaging.Spec)
			if err == nil {
				err = f.Sync()
			}
			if err := errors.Join(err, f.Close()); err != nil {
				return fmt.Errorf("cannot write %s: %w", path, err)
			}
			out.printf("%s is written. Edit it, then: webstack check, webstack diff, webstack apply\n", path)
			return nil
		},
	}
	specFlag(c, &etc)
	return c
}
