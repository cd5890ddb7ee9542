package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/packaging"
	"github.com/webstack/webstack/packaging/man"
)

// newManual is for who builds a package: nobody else types it.
func newManual(out *console) *cobra.Command {
	var epoch int64
	c := &cobra.Command{
		Use:    "manual FOLDER",
		Hidden: true,
		Short:  "Write the manual pages and the shell completions into a folder",
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := manual(cmd.Root(), time.Unix(epoch, 0))
			if err != nil {
				return err
			}
			for _, f := range files {
				path := filepath.Join(args[0], f.Path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return fmt.Errorf("cannot write the manual: %w", err)
				}
				if err := os.WriteFile(path, f.Text, 0o644); err != nil {
					return fmt.Errorf("cannot write the manual: %w", err)
				}
			}
			return nil
		},
	}
	c.Flags().Int64Var(&epoch, "date", 0, "the `seconds` since 1970 that the pages are dated by")
	return c
}

// manual is all that is written from the command and the spec themselves.
func manual(root *cobra.Command, date time.Time) ([]man.File, error) {
	files := man.Commands(root, overview(), date)
	files = append(files, man.Spec(string(packaging.Spec), date))
	for _, shell := range []struct {
		path  string
		write func(*bytes.Buffer) error
	}{
		{"completions/webstack.bash", func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) }},
		{"completions/webstack.zsh", func(b *bytes.Buffer) error { return root.GenZshCompletion(b) }},
		{"completions/webstack.fish", func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) }},
	} {
		var b bytes.Buffer
		if err := shell.write(&b); err != nil {
			return nil, fmt.Errorf("cannot write %s: %w", shell.path, err)
		}
		files = append(files, man.File{Path: shell.path, Text: b.Bytes()})
	}
	return files, nil
}

// overview is what webstack(8) says beyond the verbs.
func overview() man.Overview {
	status := func(code int, is string) man.Entry { return man.Entry{Name: strconv.Itoa(code), Is: is} }
	return man.Overview{
		Environment: []man.Entry{
			{Name: "NO_COLOR", Is: "Set to anything, it turns colours off"},
			{Name: "TERM", Is: "With `dumb` nothing is drawn anew and nothing is coloured"},
			{Name: "LC_ALL", Is: "This, `LC_CTYPE` or `LANG` says whether the terminal has UTF-8; ASCII is printed otherwise"},
		},
		Files: []man.Entry{
			{Name: "/etc/webstack/webstack.toml", Is: "The spec, with `conf.d/*.toml` and `override.d/*.toml` beside it: webstack.toml(5)"},
			{Name: "/usr/local/lib/systemd/system", Is: "The units that `webstack apply` writes; a drop-in in `/etc/systemd/system` changes one"},
			{Name: "/var/lib/webstack", Is: "What was applied: the generations, and the config that the proxy runs"},
			{Name: "/var/log/webstack/access.log", Is: "The requests, in the combined form"},
			{Name: "/run/webstack/control.sock", Is: "The running proxy's control socket, for root and the group `webstack-admin`"},
		},
		Exits: []man.Entry{
			status(0, "It did what it says"),
			status(exitFailed, "Something did not work"),
			status(exitPending, "`webstack diff` found something to do"),
			status(exitNotRunning, "`webstack status`: something that should run does not"),
			status(exitUnknown, "`webstack status`: it cannot be told"),
			status(exitUsage, "The command line is wrong"),
			status(exitNoSystemd, "There is no systemd, or no bus to it"),
			status(exitLocked, "Another webstack is at work"),
			status(exitPermission, "It is not allowed"),
			status(exitSpec, "The spec is wrong"),
		},
	}
}
