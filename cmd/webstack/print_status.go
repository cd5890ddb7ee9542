package main

import (
	"fmt"
	"strings"
	"time"
)

// status prints the document for people.
func (c *console) status(doc *statusDocument, appsOnly bool, now time.Time) {
	for _, app := range doc.Apps {
		var requests, failed uint64
		for _, i := range app.Instances {
			requests += i.Requests
			failed += i.Failed
		}
		up := fmt.Sprintf("%d/%d up", app.Up, len(app.Instances))
		if app.Up == len(app.Instances) {
			up = c.good(up)
		} else {
			up = c.bad(up)
		}
		c.printf("%s  %s   %s, %s%s\n", c.bold(app.Name), up, count(requests, "request"), failedTries(failed), c.warn(held(&app)))
		for _, i := range app.Instances {
			line := fmt.Sprintf("  %-16s %s  %-22s %s", i.ID, c.state(i.State), c.characters(instanceFacts(i, now)), printable(i.Detail))
			c.printf("%s\n", strings.TrimRight(line, " "))
			if i.State == "failed" || i.State == "down" && i.Detail != "" {
				c.printf("  %-16s `webstack logs %s -n 20`\n", "", i.ID)
			}
		}
	}
	if appsOnly {
		return
	}
	for _, s := range doc.Sites {
		maintenance := ""
		if s.Maintenance {
			maintenance = "   " + c.warn("in maintenance: 503")
		}
		c.printf("%s  %s   %s   %s%s\n", c.bold(s.Name), strings.Join(s.Addresses, ", "), strings.Join(s.Routes, ", "), count(s.Requests, "request"), maintenance)
	}
	for _, l := range doc.Listeners {
		if !l.Open {
			c.printf("%s  %s is closed: systemctl status %s\n", c.bad("listener"), l.Address, l.Unit)
		}
	}
	c.printf("%s  %s\n", c.bold("proxy"), proxyFacts(doc, now))
	if len(doc.Pending) > 0 {
		c.printf("%s  an apply has not ended: `webstack diff` shows what is left, `webstack rollback` undoes it\n", c.warn("pending"))
	}
}

func (c *console) state(s string) string {
	padded := fmt.Sprintf("%-9s", s)
	switch s {
	case "up":
		return c.good(padded)
	case "failed", "down":
		return c.bad(padded)
	}
	return c.warn(padded)
}

// held says who waits for an app.
func held(app *appState) string {
	var facts []string
	if app.Paused {
		facts = append(facts, "paused")
	}
	if app.Held > 0 {
		facts = append(facts, count(app.Held, "request")+" held")
	}
	if app.Waiting > 0 {
		facts = append(facts, fmt.Sprintf("%d waiting", app.Waiting))
	}
	if len(facts) == 0 {
		return ""
	}
	return "   " + strings.Join(facts, ", ")
}

func failedTries(n uint64) string {
	if n == 1 {
		return "1 failed try"
	}
	return fmt.Sprintf("%d failed tries", n)
}

func instanceFacts(i instanceState, now time.Time) string {
	var facts []string
	if i.Since != nil {
		facts = append(facts, "for "+age(now.Sub(*i.Since)))
	}
	if i.InFlight > 0 {
		facts = append(facts, fmt.Sprintf("%d in flight", i.InFlight))
	}
	if i.MemoryBytes > 0 {
		facts = append(facts, megabytes(i.MemoryBytes))
	}
	if i.Restarts > 0 {
		facts = append(facts, fmt.Sprintf("restarted %d×", i.Restarts))
	}
	if i.Old {
		facts = append(facts, "runs the old unit")
	}
	return strings.Join(facts, ", ")
}

func proxyFacts(doc *statusDocument, now time.Time) string {
	p := doc.Proxy
	switch p.State {
	case "running":
		if p.Generation == 0 && p.Since == nil {
			return "running; it tells more to root and to the group " + adminGroup
		}
		text := fmt.Sprintf("generation %d", p.Generation)
		if p.Since != nil {
			text += ", up " + age(now.Sub(*p.Since))
		}
		return fmt.Sprintf("%s, %s, %s", text, count(p.Connections, "connection"), megabytes(p.MemoryBytes))
	case "waiting":
		return fmt.Sprintf("generation %d, waiting: the first request starts it", doc.Generation)
	case "starting":
		if p.Detail != "" {
			return "starting: " + p.Detail + ", journalctl -u webstack.service -n 20"
		}
		return "starting"
	}
	if p.Masked != "" {
		return fmt.Sprintf("stopped: %s is masked, systemctl unmask %s", p.Masked, p.Masked)
	}
	return "stopped: systemctl start webstack.socket"
}

// age says how long something has lasted in its two largest units.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+1<<19)>>20) }
