package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
)

func newPause(out *console) *cobra.Command {
	var lasts time.Duration
	c := &cobra.Command{
		Use:     "pause APP...",
		GroupID: groupRun,
		Short:   "Have an app's requests wait, each up to its hold",
		Long: `Pause has the proxy keep an app's new requests until resume, each as long as the
app's hold, and answer 503 to those that have waited longer. What is in flight
is finished. It is for what takes seconds: moving a database, a change that all
instances must see at once. Named upstreams can be paused, too.`,
		Example: `  webstack pause analysisweb --for 5s
  webstack resume analysisweb`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			ms, err := leaseOf(cmd, lasts)
			if err != nil {
				return err
			}
			return onUpstreams(cmd.Context(), out, args, "paused", func(ctx context.Context, c *control.Client, name string) (*control.Status, error) {
				return c.Pause(ctx, control.PauseRequest{Upstream: name, LeaseMS: ms})
			})
		},
	}
	leaseFlag(c, &lasts)
	return c
}

// onUpstreams does something about each upstream in the running proxy. An app
// may be named as systemd names it; what is no app's name may be a named
// upstream's, and the proxy knows those.
func onUpstreams(ctx context.Context, out *console, args []string, what string, do func(context.Context, *control.Client, string) (*control.Status, error)) error {
	g, err := applied(install.DefaultPaths())
	if err != nil {
		return err
	}
	names := make([]string, len(args))
	for i, arg := range args {
		if strings.Contains(arg, "@") {
			return usage(fmt.Errorf("%q is an instance, and this is for a whole app", arg), "webstack drain "+arg)
		}
		names[i] = arg
		if app := findApp(g, arg); app != nil {
			names[i] = app.Name
		}
	}
	proxy := controlClient()
	doc := upstreamsDocument{Version: documentVersion, Upstreams: []string{}}
	for _, name := range names {
		st, err := do(ctx, proxy, name)
		if err != nil {
			return notRunning(err)
		}
		out.progress("  %-12s  %s\n", name, upstreamLine(what, st, name))
		doc.Upstreams = append(doc.Upstreams, name)
	}
	if out.json {
		return out.document(doc)
	}
	return nil
}

// upstreamLine says how many wait for what was paused or resumed.
func upstreamLine(what string, st *control.Status, name string) string {
	for _, u := range st.Upstreams {
		if u.Name == name && u.Held > 0 {
			return fmt.Sprintf("%s, %d waiting", what, u.Held)
		}
	}
	return what
}

// completeApp is for the verbs that take one app.
func completeApp(cmd *cobra.Command, args []string, to string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeApps(cmd, args, to)
}

// completeApps offers the apps of the applied generation.
func completeApps(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return completeNames(args, func(g *install.Generation) (names []string) {
		for _, a := range g.Desired.Apps {
			names = append(names, a.Name)
		}
		return names
	})
}
