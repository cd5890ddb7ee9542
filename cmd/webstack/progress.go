package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/webstack/webstack/install"
)

// event prints one line for what takes longer than a blink.
func (c *console) event(e install.Event) {
	if e.Begins {
		return // there is a line when it is over
	}
	subject := strings.TrimSuffix(e.Step.Subject, ".service")
	if e.Phase == install.PhaseWatched {
		c.progress("  %-12s  watched for %s\n", "canary", seconds(e.Took))
		return
	}
	if e.Err != nil {
		c.progress("  %-12s  %s\n", subject, c.bad("failed"))
		return
	}
	switch e.Step.Kind {
	case install.StartInstance:
		c.progress("  %-12s  started, answers in %s\n", subject, seconds(e.Took))
	case install.WaitInstance:
		c.progress("  %-12s  answers\n", subject)
	case install.RollInstance, install.ReplaceInstance:
		c.turn(subject, e)
	case install.StopInstance:
		c.progress("  %-12s  drained and stopped in %s\n", subject, seconds(e.Took))
	case install.DeleteRelease:
		c.progress("  %s is deleted: it is kept no longer\n", e.Step.Subject)
	case install.ServeConfig:
		c.progress("  %-12s  %s, %s\n", "proxy", e.Step.Reason, seconds(e.Took))
	case install.OpenListeners, install.OpenSocket:
		c.progress("  %-12s  listening\n", subject)
	}
}

// turn prints a part of an instance's turn, or its end.
func (c *console) turn(subject string, e install.Event) {
	switch {
	case e.Phase == install.PhaseReturned: // said when the turn is over
	case e.Phase != "":
		c.progress("  %-12s  %s %s\n", subject, e.Phase, seconds(e.Took))
	case e.Back:
		c.progress("  %-12s  %s in %s\n", subject, c.warn("turned back"), seconds(e.Took))
	default:
		c.progress("  %-12s  %s in %s\n", subject, c.good("back in rotation"), seconds(e.Took))
	}
}

// rolling is event for whatever rolls: on a terminal a line for each instance,
// redrawn, else a line for each part of its turn.
func (c *console) rolling() func(install.Event) {
	if !c.terminal || c.quiet || c.json {
		return c.event
	}
	return (&rollScreen{out: c}).event
}

// seconds says how long something took, as people say it.
func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
