package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/units/bus"
)

// verdict is what a check comes to.
type verdict string

const (
	// healthy: as it should be.
	healthy verdict = "ok"
	// doubtful: something works less well than it could, or cannot be told.
	doubtful verdict = "warn"
	// broken: something that was asked for does not work.
	broken verdict = "fail"
)

// finding is one line of the doctor's.
type finding struct {
	// Check is what was looked at: "systemd", "listener 8081".
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	// Text is what was found, Remedy what to do or to type.
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

// doctorDocument is what doctor --json prints.
type doctorDocument struct {
	Version int `json:"version"`
	// OK: nothing fails.
	OK     bool      `json:"ok"`
	Checks []finding `json:"checks"`
}

func newDoctor(out *console) *cobra.Command {
	var etc string
	c := &cobra.Command{
		Use:     "doctor",
		GroupID: groupSee,
		Short:   "Check this machine, as a person would by hand",
		Long: `Doctor looks at what an operator would look at: systemd and its bus, what is
applied and whether it runs, who holds the ports, whether the proxy can be
reached and sees its folders, the agent and what polkit lets it do, the disk and
the clock. It changes nothing. Some of it only root is told.

Exit codes: 0 nothing fails, 1 something does.`,
		Example: `  webstack doctor
  webstack doctor --json | jq '.checks[] | select(.verdict != "ok")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := examine(cmd.Context(), etc)
			return out.diagnose(list)
		},
	}
	specFlag(c, &etc)
	return c
}

// diagnose prints the findings and ends with their code.
func (c *console) diagnose(list []finding) error {
	doc := doctorDocument{Version: documentVersion, OK: true, Checks: list}
	bad, doubts := 0, 0
	for _, f := range list {
		switch f.Verdict {
		case broken:
			bad++
		case doubtful:
			doubts++
		}
	}
	doc.OK = bad == 0
	if c.json {
		if err := c.document(doc); err != nil {
			return err
		}
	} else {
		for _, f := range list {
			c.printf("%s  %-18s %s\n", c.verdict(f.Verdict), f.Check, printable(f.Text))
			if f.Remedy != "" && f.Verdict != healthy {
				c.printf("      %-18s %s\n", "", printable(f.Remedy))
			}
		}
		c.printf("%s, %s, %s.\n", count(len(list), "check"), count(doubts, "warning"), count(bad, "failure"))
	}
	if !doc.OK {
		return exit(exitFailed)
	}
	return nil
}

func (c *console) verdict(v verdict) string {
	word := fmt.Sprintf("%-4s", v)
	switch v {
	case healthy:
		return c.good(word)
	case broken:
		return c.bad(word)
	}
	return c.warn(word)
}

// patient is the machine as far as it could be looked at.
type patient struct {
	ctx  context.Context
	root bool
	etc  string
	// bus and host are nil where systemd cannot be reached.
	bus  *bus.Conn
	host *install.Host
	// applied and actual are nil where nothing is applied.
	applied *install.Generation
	actual  *install.Actual
	found   []finding
}

// say adds a finding.
func (p *patient) say(check string, v verdict, text, remedy string) {
	p.found = append(p.found, finding{check, v, text, remedy})
}

// examine makes every check that can be made.
func examine(ctx context.Context, etc string) []finding {
	p := &patient{ctx: ctx, root: os.Geteuid() == 0, etc: etc}
	if !p.root {
		p.say("privileges", doubtful, "not root: some of what follows cannot be told", "sudo webstack doctor")
	}
	c, err := bus.Dial(ctx, bus.Options{})
	if err != nil {
		p.say("systemd", broken, err.Error(), hintFor(err))
	} else {
		defer c.Close()
		p.bus, p.host = c, install.NewHost(c, controlClient())
		p.checkSystemd()
	}
	p.checkMachine()
	p.checkApplied()
	if p.bus != nil {
		p.checkProxy()
		p.checkAgent()
	}
	return p.found
}

// several names a few of many.
func several(names []string) string {
	const few = 4
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
