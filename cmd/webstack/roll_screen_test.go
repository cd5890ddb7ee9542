package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/install"
)

// rollOf is a small roll as its events tell it.
func rollOf(report func(install.Event)) {
	step := func(name string) install.Step {
		return install.Step{Kind: install.RollInstance, Subject: "app@" + name + ".service"}
	}
	tell := func(name, phase string, begins bool, took time.Duration, waiting, out int) {
		report(install.Event{Step: step(name), Phase: phase, Begins: begins, Took: took, Of: 8, Waiting: waiting, Out: out})
	}
	tell("8020", install.PhaseDrained, true, 0, 7, 1)
	tell("8020", install.PhaseDrained, false, 100*time.Millisecond, 7, 1)
	tell("8020", install.PhaseRestarted, true, 0, 7, 1)
	tell("8020", install.PhaseRestarted, false, 300*time.Millisecond, 7, 1)
	tell("8020", install.PhaseReady, true, 0, 7, 1)
	tell("8020", install.PhaseReady, false, 150*time.Millisecond, 7, 1)
	tell("8020", install.PhaseReturned, true, 0, 7, 1)
	tell("8020", install.PhaseReturned, false, 50*time.Millisecond, 7, 1)
	tell("8020", "", false, 600*time.Millisecond, 7, 0)
	tell("8021", install.PhaseDrained, true, 0, 6, 1)
	tell("8021", install.PhaseDrained, false, 200*time.Millisecond, 6, 1)
	tell("8021", install.PhaseRestarted, true, 0, 6, 1)
}

// shown is what a terminal shows after it was written to: a cursor that goes
// up, and lines that are cleared.
func shown(t *testing.T, text string) []string {
	t.Helper()
	var lines []string
	row := 0
	up := regexp.MustCompile("^\x1b\\[([0-9])A")
	for text != "" {
		if m := up.FindStringSubmatch(text); m != nil {
			row -= int(m[1][0] - '0')
			text = text[len(m[0]):]
			continue
		}
		if rest, ok := strings.CutPrefix(text, "\x1b[J"); ok {
			lines, text = lines[:row], rest
			continue
		}
		line, rest, ok := strings.Cut(text, "\x1b[K\n")
		if !ok || row < 0 {
			t.Fatalf("a terminal cannot show %q in row %d", text, row)
		}
		lines = append(lines[:min(row, len(lines))], append([]string{line}, lines[min(row+1, len(lines)):]...)...)
		row, text = row+1, rest
	}
	return lines
}

func TestARollIsRedrawnOnATerminal(t *testing.T) {
	c, _, stderr := screen()
	c.terminal = true
	rollOf(c.rolling())
	want := []string{
		"  app@8020      drained 100 ms  restarted 300 ms  healthy 200 ms  ✓",
		"  app@8021      drained 200 ms  restarted …",
		"  6 waiting, 7 of 8 in rotation",
	}
	if got := strings.Join(shown(t, stderr.String()), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestARollHasPlainLinesElsewhere(t *testing.T) {
	c, _, stderr := screen()
	rollOf(c.rolling())
	want := `  app@8020      drained 100 ms
  app@8020      restarted 300 ms
  app@8020      ready 150 ms
  app@8020      back in rotation in 600 ms
  app@8021      drained 200 ms
`
	if got := stderr.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
