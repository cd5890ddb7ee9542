package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/webstack/webstack/install"
)

// rollScreen shows a roll on a terminal: a line for each instance that had its
// turn, the lines of those in hand and a last one for the rest drawn anew as
// it goes on.
type rollScreen struct {
	out *console
	// inHand are the lines that are drawn anew, in the order of their turns.
	inHand []*rollLine
	// rest is the last line, "" for none.
	rest string
	// drawn is how many lines stand below what is final.
	drawn int
}

// rollLine is one instance's turn so far.
type rollLine struct {
	subject string
	parts   []string
	// doing is the phase that goes on, "" for none.
	doing string
	// ready is how long the waiting for readiness took: it is shown together
	// with that for the rotation.
	ready time.Duration
	end   string
}

func (s *rollScreen) event(e install.Event) {
	if e.Of == 0 && e.Phase == "" {
		s.out.event(e) // a step that is part of no roll
		return
	}
	s.note(e)
	s.rest = ""
	if e.Waiting > 0 || e.Out > 0 {
		s.rest = fmt.Sprintf("  %d waiting, %d of %d in rotation", e.Waiting, e.Of-e.Out, e.Of)
	}
	s.draw()
}

// note takes what an event says over into the lines.
func (s *rollScreen) note(e install.Event) {
	if e.Step.Subject == "" {
		s.all(e)
		return
	}
	line := s.line(strings.TrimSuffix(e.Step.Subject, ".service"))
	switch {
	case e.Begins:
		line.doing = e.Phase
	case e.Phase == install.PhaseReady:
		line.ready = e.Took
	case e.Phase == install.PhaseReturned:
		line.doing = ""
		line.parts = append(line.parts, "healthy "+seconds(line.ready+e.Took))
	case e.Phase != "":
		line.doing = ""
		line.parts = append(line.parts, e.Phase+" "+seconds(e.Took))
	case e.Err != nil:
		line.end = s.out.bad("failed")
	case e.Back:
		line.end = s.out.warn("turned back")
	default:
		line.end = s.out.good("✓")
	}
}

// all notes what is of the canaries together.
func (s *rollScreen) all(e install.Event) {
	line := s.line("canary")
	line.doing = ""
	if e.Begins {
		line.doing = e.Phase
		return
	}
	line.parts = []string{e.Phase + " " + seconds(e.Took)}
	line.end = s.out.good("✓")
}

// line is an instance's, a new one where it has none yet.
func (s *rollScreen) line(subject string) *rollLine {
	for _, l := range s.inHand {
		if l.subject == subject {
			return l
		}
	}
	l := &rollLine{subject: subject}
	s.inHand = append(s.inHand, l)
	return l
}

// doing says of a phase that goes on what its end will be called.
func (l *rollLine) text() string {
	parts := l.parts
	switch l.doing {
	case "":
	case install.PhaseReady, install.PhaseReturned:
		parts = append(parts[:len(parts):len(parts)], "healthy …")
	default:
		parts = append(parts[:len(parts):len(parts)], l.doing+" …")
	}
	return fmt.Sprintf("  %-12s  %s  %s", l.subject, strings.Join(parts, "  "), l.end)
}

// draw writes the lines over those that stand there: the ones that are over
// once more, and for the last time.
func (s *rollScreen) draw() {
	var b strings.Builder
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", s.drawn) // up so many lines (ECMA-48, CUU)
	}
	put := func(text string) { b.WriteString(strings.TrimRight(text, " ") + "\x1b[K\n") } // EL: clear the line's rest
	var inHand []*rollLine
	for _, l := range s.inHand {
		if l.end != "" {
			put(l.text())
			continue
		}
		inHand = append(inHand, l)
	}
	s.inHand = inHand
	s.drawn = len(inHand)
	for _, l := range inHand {
		put(l.text())
	}
	if s.rest != "" {
		put(s.rest)
		s.drawn++
	}
	b.WriteString("\x1b[J") // ED: what stood below
	s.out.progress("%s", b.String())
}
