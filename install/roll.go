package install

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/webstack/webstack/install/rollout"
)

// What a turn's phases are called when they are over.
const (
	PhaseDrained   = "drained"
	PhaseRestarted = "restarted"
	PhaseReplaced  = "replaced"
	PhaseSwitched  = "switched"
	PhaseReady     = "ready"
	PhaseReturned  = "in rotation"
	// PhaseWatched is of the canaries together.
	PhaseWatched = "watched"
)

// Order is how instances are to be rolled.
type Order struct {
	// By is who does it, as the proxy and people are told.
	By string
	// MaxUnavailable is how many instances may be out at a time; 0 is one.
	MaxUnavailable int
}

// Roll restarts instances one after another, or a few at a time, and stops at
// the first failure, the rest untouched. An interruption ends it between two
// instances.
func Roll(ctx context.Context, h *Host, app *App, instances []Instance, o Order, report func(Event)) error {
	instances, err := toRestart(ctx, h, app, instances)
	if err != nil {
		return err
	}
	r := newRoller(h, o.By, asked(RollInstance, app, instances), report)
	r.set.MaxUnavailable = o.MaxUnavailable
	_, err = r.run(ctx)
	return err
}

// toRestart are those of an app's instances that a restart is for: what is
// started on demand and does not run is left to the first request.
func toRestart(ctx context.Context, h *Host, app *App, instances []Instance) ([]Instance, error) {
	if app.Start != "on-demand" {
		return instances, nil
	}
	var list []Instance
	for _, inst := range instances {
		u, err := h.Unit(ctx, inst.Unit)
		if err != nil {
			return nil, err
		}
		if u.Up() {
			list = append(list, inst)
		}
	}
	return list, nil
}

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

// name is what an action is called when it is over.
func (r *roller) name(a rollout.Action) string {
	switch a.Verb {
	case rollout.Drain:
		return PhaseDrained
	case rollout.Change:
		return r.phase(r.turns[a.Instance].step)
	case rollout.Await:
		return PhaseReady
	case rollout.Return:
		return PhaseReturned
	}
	return PhaseWatched
}

// act carries out one action, within the time that a whole turn may take.
func (r *roller) act(ctx context.Context, a rollout.Action) error {
	if a.Verb == rollout.Watch {
		return r.watch(ctx)
	}
	t := r.turns[a.Instance]
	s := t.step
	if bound := s.app.lease(); s.app.StopTimeout > 0 && s.app.StartTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, bound, fmt.Errorf("it takes longer than %v", bound))
		defer cancel()
	}
	var err error
	switch a.Verb {
	case rollout.Drain:
		t.drained, err = drain(ctx, r.h, s.app, s.instance, r.by)
	case rollout.Change:
		err = r.restart(ctx, s)
	case rollout.Await:
		if err = waitReady(ctx, r.h, s.app, s.instance); err == nil {
			err = reportUp(ctx, r.h, s.instance)
		}
	case rollout.Return:
		if t.drained {
			err = undrain(ctx, r.h, s.instance.ID(), r.by)
		}
		if err == nil && t.err == nil && t.changed {
			err = waitInRotation(ctx, r.h, s.app, s.instance)
		}
	}
	return err
}

// took tells the machine how an action ended, and people.
func (r *roller) took(asked, held context.Context, e ended) int {
	if e.action.Verb == rollout.Watch {
		how := verdict(e.err, asked)
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
	var lost []rollout.Action
	if e.action.Verb == rollout.Return {
		e.err = errors.Join(e.err, r.over(t))
		lost = r.lost(held)
	}
	n := r.step(asked, held, rollout.Event{Kind: verdict(e.err, held), Action: e.action})
	for _, a := range lost {
		n += r.step(asked, held, rollout.Event{Kind: rollout.Lost, Action: a})
	}
	return n
}

// verdict is what an action's error means; ctx is who can have given it up.
func verdict(err error, ctx context.Context) rollout.Kind {
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

// lost looks for instances that had their turn and did not stay up.
func (r *roller) lost(ctx context.Context) []rollout.Action {
	var list []rollout.Action
	loaded, err := r.h.Loaded(ctx, r.turns[0].step.app.Unit+"@*.service")
	if err != nil {
		return nil // whoever has its turn next says so
	}
	for i, t := range r.turns {
		ill := slices.ContainsFunc(loaded, func(u Unit) bool {
			return u.Name == t.step.Subject && (u.Active == "failed" || u.Crashing())
		})
		if !t.well || !ill {
			continue
		}
		t.well = false
		u, err := r.h.Unit(ctx, t.step.Subject)
		err = errors.Join(err, fmt.Errorf("%s did not stay up: %s", t.step.Subject, u.Outcome()))
		r.errs = append(r.errs, described(ctx, r.h, t.step.Subject, err))
		list = append(list, rollout.Action{Instance: i})
	}
	return list
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
	return r.instances()[:min(r.set.Canaries, len(r.turns))]
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

func (r *roller) instances() []*Instance {
	var list []*Instance
	for _, t := range r.turns {
		list = append(list, t.step.instance)
	}
	return list
}

// restartOrReplace ends what an instance runs and starts what its unit says,
// or lets it take its predecessor's place.
func restartOrReplace(ctx context.Context, h *Host, s Step) error {
	switch {
	case s.socket.any():
		return restartWithSocket(ctx, h, s)
	case s.predecessor == nil:
		return cameUp(ctx, h, s.app, s.instance, h.Restart(ctx, s.Subject))
	}
	if err := stopInstance(ctx, h, s.app, s.predecessor, gone, ""); err != nil {
		return err
	}
	return cameUp(ctx, h, s.app, s.instance, startInstance(ctx, h, s.Subject))
}

// restartWithSocket changes an instance's socket unit while the instance is
// down.
func restartWithSocket(ctx context.Context, h *Host, s Step) error {
	err := h.Stop(ctx, s.Subject)
	if err == nil && s.socket.close != "" {
		err = h.Stop(ctx, s.socket.close)
	}
	if err == nil && s.socket.open != "" {
		err = described(ctx, h, s.socket.open, h.Start(ctx, s.socket.open))
	}
	// Started in any case: a socket that does not open must not keep it down.
	return errors.Join(err, cameUp(ctx, h, s.app, s.instance, h.Start(ctx, s.Subject)))
}

// rolls says that a step is an instance's turn of a roll.
func (s Step) rolls() bool { return slices.Contains([]StepKind{RollInstance, ReplaceInstance}, s.Kind) }
