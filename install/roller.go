package install

import (
	"context"
	"errors"
	"time"

	"github.com/webstack/webstack/install/rollout"
)

// roller carries out the actions of a rollout.Machine, and tells it how each
// ended.
type roller struct {
	h      *Host
	by     string
	set    rollout.Settings
	report func(Event)
	// restart is what Change does, and phase what it is called when it is over.
	restart func(ctx context.Context, s Step) error
	phase   func(s Step) string
	// watch is what Watch does.
	watch func(ctx context.Context) error
	// settled, where it is there, is told of each instance whose turn ended
	// well.
	settled func(s Step) error
	// back says that the roll gives instances back what they ran before.
	back bool

	m     *rollout.Machine
	turns []*turn
	ends  chan ended
	errs  []error
}

// turn is one instance's: its step, and how far it is.
type turn struct {
	step    Step
	began   time.Time
	drained bool
	changed bool
	// well: its turn is over, and it was in rotation then.
	well bool
	err  error
}

// ended is an action that has.
type ended struct {
	action rollout.Action
	took   time.Duration
	err    error
}

func newRoller(h *Host, by string, steps []Step, report func(Event)) *roller {
	r := &roller{h: h, by: by, report: report}
	r.restart = func(ctx context.Context, s Step) error { return restartOrReplace(ctx, h, s) }
	r.phase = func(s Step) string {
		if s.predecessor != nil {
			return PhaseReplaced
		}
		return PhaseRestarted
	}
	for _, s := range steps {
		r.turns = append(r.turns, &turn{step: s})
	}
	return r
}

// run rolls. Once begun an instance's turn goes on through an interruption:
// each of its waits is bounded. Whatever happens nothing stays drained: a
// failed instance is kept out by the proxy's own verdict.
func (r *roller) run(ctx context.Context) (rollout.Outcome, error) {
	if len(r.turns) == 0 {
		return rollout.Completed, nil
	}
	if ctx.Err() != nil {
		return rollout.Unfinished, interrupted(r.steps(), 0)
	}
	held, done := r.h.finish(ctx)
	defer done()
	r.m = rollout.New(len(r.turns), r.set)
	if err := takeBack(held, r.h, r.turns[0].step.app.Instances); err != nil {
		return rollout.Halted, err
	}
	r.ends = make(chan ended)
	stop := ctx.Done()
	open := r.step(ctx, held, rollout.Event{Kind: rollout.Begun})
	for open > 0 {
		select {
		case e := <-r.ends:
			if stop != nil && ctx.Err() != nil { // before the next turn begins
				stop = nil
				open += r.step(ctx, held, rollout.Event{Kind: rollout.Interrupted})
			}
			open += r.took(ctx, held, e) - 1
		case <-stop:
			stop = nil
			open += r.step(ctx, held, rollout.Event{Kind: rollout.Interrupted})
		}
	}
	return r.outcome()
}

func (r *roller) outcome() (rollout.Outcome, error) {
	end := r.m.Outcome()
	if end == rollout.Unfinished && len(r.errs) == 0 {
		return end, interrupted(r.steps(), len(r.turns)-r.m.Waiting())
	}
	return end, errors.Join(r.errs...)
}

// step tells the machine of an event and begins what it asks for; it returns
// how many actions that are. asked ends with an interruption, held with an
// operator who insists.
func (r *roller) step(asked, held context.Context, e rollout.Event) int {
	actions := r.m.Step(e)
	for _, a := range actions {
		ctx := held
		if a.Verb == rollout.Watch {
			ctx = asked // it keeps nothing out, and may end at once
			r.tell(Event{Phase: PhaseWatched, Begins: true})
		} else {
			t := r.turns[a.Instance]
			if a.Verb == rollout.Drain {
				t.began = r.h.Now()
			}
			t.changed = t.changed || a.Verb == rollout.Change
			r.h.reached(t.step.Subject + " is to be " + r.name(a))
			r.tell(Event{Step: t.step, Phase: r.name(a), Begins: true})
		}
		go func() {
			began := r.h.Now()
			err := r.act(ctx, a)
			r.ends <- ended{a, r.h.Now().Sub(began), err}
		}()
	}
	return len(actions)
}

// took tells the machine how an action ended, and people.
func (r *roller) took(asked, held context.Context, e ended) int {
	if e.action.Verb == rollout.Watch {
		how := verdict(asked, e.err)
		switch how {
		case rollout.Succeeded:
			r.tell(Event{Phase: PhaseWatched, Took: e.took})
		case rollout.Failed:
			r.errs = append(r.errs, e.err)
		}
		return r.step(asked, held, rollout.Event{Kind: how, Action: e.action})
	}
	t := r.turns[e.action.Instance]
	if e.err != nil {
		t.err = errors.Join(t.err, e.err)
	} else {
		r.tell(Event{Step: t.step, Phase: r.name(e.action), Took: e.took})
	}
	var lost []int
	if e.action.Verb == rollout.Return {
		e.err = errors.Join(e.err, r.over(t))
		lost = r.lost(held)
	}
	n := 0
	for _, i := range lost { // before another turn begins
		if i == e.action.Instance {
			e.err = errors.Join(e.err, r.turns[i].err)
			continue
		}
		n += r.step(asked, held, rollout.Event{Kind: rollout.Lost, Action: rollout.Action{Instance: i}})
	}
	n += r.step(asked, held, rollout.Event{Kind: verdict(held, e.err), Action: e.action})
	return n
}

// verdict is what an action's error means; ctx is who can have given it up.
func verdict(ctx context.Context, err error) rollout.Kind {
	switch {
	case err == nil:
		return rollout.Succeeded
	case ctx.Err() != nil:
		return rollout.Abandoned
	}
	return rollout.Failed
}

// over ends an instance's turn.
func (r *roller) over(t *turn) (err error) {
	if t.err == nil && t.changed && r.settled != nil {
		err = r.settled(t.step)
		t.err = err
	}
	if t.err != nil {
		r.errs = append(r.errs, t.err)
	}
	t.well = t.err == nil && t.changed
	if t.changed || t.err != nil {
		r.tell(Event{Step: t.step, Back: r.back, Took: r.h.Now().Sub(t.began), Err: t.err})
	}
	return err
}

// tell reports how the roll stands with what has happened in it.
func (r *roller) tell(e Event) {
	e.Waiting, e.Out, e.Of = r.m.Waiting(), r.m.Out(), len(r.turns)
	r.report(e)
}

func (r *roller) steps() []Step {
	var list []Step
	for _, t := range r.turns {
		list = append(list, t.step)
	}
	return list
}

// canaries are the instances that are to be watched.
func (r *roller) canaries() []*Instance {
	var list []*Instance
	for _, t := range r.turns[:min(r.set.Canaries, len(r.turns))] {
		list = append(list, t.step.instance)
	}
	return list
}

// backOrder are the names of the instances that were changed, in the order in
// which they are to be given back what they ran.
func (r *roller) backOrder() []string {
	var names []string
	for _, i := range r.m.BackOrder() {
		names = append(names, r.turns[i].step.instance.Name)
	}
	return names
}
