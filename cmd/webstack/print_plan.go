package main

import (
	"fmt"
	"strings"

	"github.com/webstack/webstack/install"
)

// plan prints a plan, neighbours of one kind folded into a line.
func (c *console) plan(p *install.Plan) {
	for i := 0; i < len(p.Steps); {
		n := foldable(p.Steps[i:])
		s := p.Steps[i]
		ids := make([]string, n)
		for j := range n {
			ids[j] = strings.TrimSuffix(p.Steps[i+j].Subject, ".service")
		}
		subject, reason := s.Subject, s.Reason
		if n > 1 {
			subject = fold(ids)
		}
		switch s.Kind {
		case install.StartInstance:
			reason = fmt.Sprintf("start %s: %s", count(n, "instance"), s.Reason)
		case install.WaitInstance:
			reason = fmt.Sprintf("wait until %s: %s", answers(n), s.Reason)
		case install.RollInstance:
			reason = fmt.Sprintf("restart %s, one after another: %s", count(n, "instance"), s.Reason)
		case install.ReplaceInstance:
			reason = fmt.Sprintf("replace %s, one after another: %s", count(n, "instance"), s.Reason)
		case install.StopInstance:
			reason = fmt.Sprintf("drain and stop %s: %s", count(n, "instance"), s.Reason)
		case install.UndrainInstance:
			reason = fmt.Sprintf("put %s back in rotation: %s", count(n, "instance"), s.Reason)
		case install.DaemonReload, install.Enable, install.Disable, install.Commit:
			reason = fmt.Sprintf("%s: %s", s.Kind, s.Reason)
		case install.LinkRelease:
			reason = "link: " + s.Reason
		case install.MakeFolder:
			reason = "make the folder: " + s.Reason
		case install.StopListener, install.StopTarget, install.CloseSocket:
			reason = "stop: " + s.Reason
		}
		c.printf("%s %-30s  %s\n", c.mark(s), c.characters(subject), reason)
		i += n
	}
	for _, note := range p.Notes {
		c.printf("  %s\n", note)
	}
	if p.Empty() {
		c.printf("Nothing to do.\n")
	}
}

// changes counts the steps that people think of as changes: not the
// daemon-reload and the commit that follow from them, nor a wait.
func changes(p *install.Plan) int {
	n := 0
	for _, s := range p.Steps {
		switch s.Kind {
		case install.DaemonReload, install.Commit, install.WaitInstance:
		default:
			n++
		}
	}
	if n == 0 {
		n = len(p.Steps)
	}
	return n
}

func answers(n int) string {
	if n == 1 {
		return "it answers"
	}
	return fmt.Sprintf("all %d answer", n)
}

// foldable is how many steps from the first on differ only in the instance.
func foldable(steps []install.Step) int {
	switch steps[0].Kind {
	case install.StartInstance, install.WaitInstance, install.RollInstance, install.ReplaceInstance, install.StopInstance, install.UndrainInstance, install.LinkRelease:
	default:
		return 1
	}
	n := 1
	app, _, _ := strings.Cut(steps[0].Subject, "@")
	for n < len(steps) && steps[n].Kind == steps[0].Kind && steps[n].Reason == steps[0].Reason &&
		strings.HasPrefix(steps[n].Subject, app+"@") {
		n++
	}
	return n
}

// mark is the sign before a step: added, changed, taken away, or done to the
// machine as a whole.
func (c *console) mark(s install.Step) string {
	switch s.Kind {
	case install.WriteFile:
		if s.Reason == install.ReasonNew {
			return c.good("+")
		}
		return c.warn("~")
	case install.MakeFolder, install.LinkRelease, install.OpenSocket, install.StartInstance, install.StartTarget, install.Enable, install.OpenListeners, install.UndrainInstance:
		return c.good("+")
	case install.RollInstance, install.ReplaceInstance, install.ServeConfig:
		return c.warn("~")
	case install.StopListener, install.CloseSocket, install.StopInstance, install.StopTarget, install.Disable, install.DeleteFile:
		return c.bad("-")
	}
	return "*"
}
