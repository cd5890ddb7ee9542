package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/proxy/control"
)

// anewAfter is the pause before a proxy that has gone is asked again.
const anewAfter = 500 * time.Millisecond

func newEvents(out *console) *cobra.Command {
	return &cobra.Command{
		Use:     "events [APP[@INSTANCE]]...",
		GroupID: groupSee,
		Short:   "Print what happens to instances, as it happens",
		Long: `Events prints what the proxy sees: instances that leave the rotation and come
back, with why, pauses, maintenance, reloads and stops. It begins with how
things are, and goes on over restarts of the proxy until it is interrupted.

With --json each line is one event, in the form of the control API.`,
		Example: `  webstack events
  webstack events analysisweb
  webstack events --json | jq 'select(.state == "down")'`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			show, err := filterOf(args)
			if err != nil {
				return err
			}
			v := &viewer{out: out, show: show, known: map[[2]string]string{}}
			return v.follow(cmd.Context(), controlClient())
		},
	}
}

// filterOf says which events are of the targets; all where none is named.
func filterOf(args []string) (func(control.Event) bool, error) {
	if len(args) == 0 {
		return func(control.Event) bool { return true }, nil
	}
	g, err := applied(install.DefaultPaths())
	if err != nil {
		return nil, err
	}
	targets, err := findTargets(g, args)
	if err != nil {
		return nil, err
	}
	return func(e control.Event) bool {
		return slices.ContainsFunc(targets, func(t target) bool { return isOf(e, t) })
	}, nil
}

func isOf(e control.Event, t target) bool {
	if t.whole {
		return e.App == t.app.Name
	}
	return e.Instance != "" && slices.ContainsFunc(t.instances, func(i install.Instance) bool { return i.ID() == e.Instance })
}

// viewer prints events.
type viewer struct {
	out  *console
	show func(control.Event) bool
	// known is the last state of each upstream's instances that was printed: a
	// proxy that comes back tells of all again.
	known map[[2]string]string
}

// follow goes on until ctx is done, also when the proxy is restarted.
func (v *viewer) follow(ctx context.Context, proxy *control.Client) error {
	heard, said := false, false
	for {
		err := proxy.Events(ctx, func(e control.Event) error {
			heard, said = true, false
			return v.print(e)
		})
		switch {
		case ctx.Err() != nil:
			return nil
		case !heard, errors.Is(err, control.ErrNotPermitted), errors.Is(err, errOutput):
			return notRunning(err)
		}
		if !said {
			said = true
			if err != nil && !errors.Is(err, control.ErrNotRunning) {
				v.out.progress("%v\n", printable(err.Error()))
			}
			v.out.progress("waiting for the proxy\n")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(anewAfter):
		}
	}
}

// errOutput: nobody reads what is printed.
var errOutput = errors.New("cannot print")

func (v *viewer) print(e control.Event) error {
	if !v.show(e) || v.stale(e) {
		return nil
	}
	if !v.out.json {
		v.out.printf("%s\n", printable(v.line(e)))
		return nil
	}
	if err := json.NewEncoder(v.out.stdout).Encode(e); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

// stale says that an event repeats what was printed.
func (v *viewer) stale(e control.Event) bool {
	if e.Kind != control.EventInstance {
		return false
	}
	key := [2]string{e.Upstream, e.Instance}
	before := v.known[key]
	v.known[key] = e.State + e.Probe + e.Reason
	return e.Now && before == v.known[key]
}

// line is an event for people: when, who, what, why.
func (v *viewer) line(e control.Event) string {
	at := e.Time
	if t, err := time.Parse(time.RFC3339, e.Time); err == nil {
		at = t.Local().Format("15:04:05.000")
		if time.Since(t) > 12*time.Hour {
			at = t.Local().Format("02 Jan 15:04")
		}
	}
	who, what := eventWords(e)
	line := fmt.Sprintf("%-12s  %-16s %s", at, who, what)
	if e.Reason != "" {
		line += ": " + e.Reason
	}
	return line
}

func eventWords(e control.Event) (who, what string) {
	switch e.Kind {
	case control.EventInstance:
		switch e.From {
		case "":
			return e.Instance, e.State
		case e.State:
			return e.Instance, e.State + ", its checks say " + e.Probe
		}
		return e.Instance, e.From + " → " + e.State
	case control.EventWanted:
		return e.Upstream, "is wanted: requests wait for it"
	case control.EventPause:
		return e.Upstream, map[string]string{"on": "paused", "off": "resumed"}[e.State]
	case control.EventMaintenance:
		return e.Site, "maintenance " + e.State
	case control.EventReload:
		if e.Reason != "" {
			return "proxy", fmt.Sprintf("stays with generation %d", e.Generation)
		}
		return "proxy", fmt.Sprintf("serves generation %d", e.Generation)
	case control.EventStop:
		return "proxy", "stops"
	}
	return e.Upstream, e.Kind
}
