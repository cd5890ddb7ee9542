package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/proxy/control"
)

func newReload(out *console) *cobra.Command {
	var wait bool
	c := &cobra.Command{
		Use:     "reload",
		GroupID: groupRun,
		Short:   "Make the proxy read its config again",
		Long: `Reload asks the running proxy to read its config again and says whether it took
it. A rejected config changes nothing; the reason is printed. webstack apply
does this by itself.`,
		Example: `  webstack reload
  systemctl reload webstack      # the same`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := controlClient().Reload(cmd.Context())
			if err != nil {
				return notRunning(err)
			}
			if out.json {
				return out.document(result)
			}
			out.progress("The proxy runs generation %d.\n", result.Generation)
			return nil
		},
	}
	c.Flags().BoolVar(&wait, "wait", true, "wait for the proxy's verdict")
	if err := c.Flags().MarkHidden("wait"); err != nil {
		panic(fmt.Sprintf("cannot hide a flag that was just added: %v", err))
	}
	return c
}

// notRunning turns the state "no proxy" into an error with its remedy.
func notRunning(err error) error {
	if !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	return &statusError{code: exitNotRunning, err: errors.New("the proxy is not running"), hint: "the first request starts it, once webstack.socket is up"}
}
