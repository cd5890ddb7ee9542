package install

import (
	"context"
	"fmt"
	"time"
)

// Event is what an apply or a roll tells while it goes on.
type Event struct {
	Step Step
	// Phase names a part of a long step (a Phase constant); "" where the step
	// is over.
	Phase string
	// Begins says that the phase does, and is not over.
	Begins bool
	// Back says that an instance was given back what it ran before.
	Back bool
	// Of how many instances a roll is, how many of them wait for their turn, and
	// how many are out of rotation by its doing; 0 outside of a roll.
	Of, Waiting, Out int
	// Took is how long the phase or the step lasted.
	Took time.Duration
	Err  error
}

// Apply carries out a plan, step after step. The first error stops it and
// leaves the rest for the next apply, which finds out by itself what is left.
// An interruption does the same, and lets an instance that is taken out of
// rotation come back first.
// report may be nil.
func Apply(ctx context.Context, h *Host, d *Desired, a *Actual, p *Plan, report func(Event)) error {
	if p.Empty() {
		return nil
	}
	if report == nil {
		report = func(Event) {}
	}
	x := &applier{h: h, d: d, a: a, p: p, report: report}
	if err := x.stage(ctx); err != nil {
		return &StageError{err}
	}
	for i := 0; i < len(p.Steps); {
		if ctx.Err() != nil {
			return interrupted(p.Steps, i)
		}
		n := x.batch(i)
		if err := x.run(ctx, p.Steps[i:i+n]); err != nil {
			return err
		}
		i += n
	}
	return nil
}

// applier carries one apply from step to step.
type applier struct {
	h      *Host
	d      *Desired
	a      *Actual
	p      *Plan
	report func(Event)
}

// reached tells a test where the process is.
func (h *Host) reached(step string) {
	if h.Reached != nil {
		h.Reached(step)
	}
}

// batch is how many steps from i on are carried out together: instances start
// and are waited for side by side, those of one app are rolled together,
// everything else goes one after another.
func (x *applier) batch(i int) int {
	n := 1
	for i+n < len(x.p.Steps) && x.p.Steps[i].together(x.p.Steps[i+n]) {
		n++
	}
	return n
}

func (s Step) together(next Step) bool {
	return s.comesUp() && next.comesUp() || s.rolls() && next.rolls() && s.app == next.app
}

func (s Step) comesUp() bool { return s.Kind == StartInstance || s.Kind == WaitInstance }

func (x *applier) run(ctx context.Context, steps []Step) error {
	x.h.reached(string(steps[0].Kind) + " " + steps[0].Subject)
	if steps[0].rolls() {
		_, err := newRoller(x.h, ByApply, steps, x.report).run(ctx)
		return err
	}
	if steps[0].comesUp() {
		return stepsSideBySide(x.h, steps, x.report, func(s Step) error { return bringUp(ctx, x.h, s) })
	}
	began := x.h.Now()
	err := x.do(ctx, steps[0])
	x.report(Event{Step: steps[0], Took: x.h.Now().Sub(began), Err: err})
	return err
}

func (x *applier) do(ctx context.Context, s Step) error {
	switch s.Kind {
	case WriteFile:
		return x.write(s.Subject)
	case DeleteFile:
		return x.delete(s.Subject)
	case MakeFolder:
		return makeDirs(s.Subject, 0o755)
	case LinkRelease:
		return linkRelease(x.h.Paths, s.app, s.instance, x.a.Unlinked[s.instance.Unit])
	case DaemonReload:
		return x.h.DaemonReload(ctx)
	case Enable:
		return x.h.Enable(ctx, s.Subject)
	case Disable:
		return x.h.Disable(ctx, s.Subject)
	case StopListener, StopTarget, CloseSocket:
		return x.h.Stop(ctx, s.Subject)
	case StartTarget, OpenSocket:
		return x.h.Start(ctx, s.Subject)
	case ServeConfig:
		return x.serve(ctx)
	case OpenListeners:
		return x.open(ctx, s.Subject)
	case UndrainInstance:
		return takeBack(ctx, x.h, []Instance{*s.instance})
	case StopInstance:
		return stopInstance(ctx, x.h, s.app, s.instance, gone, ByApply)
	case Commit:
		return x.commit()
	}
	return fmt.Errorf("no way to carry out a step of kind %q", s.Kind)
}
