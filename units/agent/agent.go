package agent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/agent/keeper"
)

const (
	// rereadEvery is how soon a new generation is noticed.
	rereadEvery = time.Second
	// retryProxy and retryBus are between two tries to follow them; the proxy
	// is to know at once what it missed while it started.
	retryProxy = 100 * time.Millisecond
	retryBus   = 10 * time.Second
	// proxyTimeout bounds a question to the proxy, which is on this machine.
	proxyTimeout = 5 * time.Second
	// atOnce bounds the jobs at a time, each of which has a connection to the
	// bus of its own.
	atOnce = 64
)

// ErrStuck: the loop does not answer.
var ErrStuck = errors.New("the agent's loop does not answer")

// Agent keeps units and proxy in step.
type Agent struct {
	m *Machine
	// inbox is how everything reaches the loop; only the loop touches what
	// stands below it.
	inbox chan func(ctx context.Context)
	// working are the goroutines that Run has started, slots their jobs.
	working sync.WaitGroup
	slots   chan struct{}

	k *keeper.Keeper
	g *generation
	// watch follows the units of g, stream the proxy's events.
	watch  *watch
	stream *stream
	hooks  []*hook
}

// New makes an agent; it starts nothing.
func New(m *Machine) *Agent {
	return &Agent{
		m: m, k: keeper.New(), g: &generation{},
		inbox: make(chan func(context.Context), 64), slots: make(chan struct{}, atOnce),
	}
}

// Run works until ctx is done, and then waits for what it has started.
func (a *Agent) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer a.working.Wait()
	defer cancel()
	a.spawn(func() { a.followGenerations(ctx) })
	a.spawn(func() { a.followProxy(ctx) })
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case do := <-a.inbox:
			do(ctx)
		case <-alarm.C:
		}
		a.takeAll(ctx)
		now := a.m.Now()
		actions, next := a.k.Decide(now)
		for _, act := range actions {
			a.act(ctx, act)
		}
		if !next.IsZero() {
			alarm.Reset(next.Sub(now))
		}
	}
}

// takeAll takes what has arrived besides, so that many changes are one report.
func (a *Agent) takeAll(ctx context.Context) {
	for range cap(a.inbox) {
		select {
		case do := <-a.inbox:
			do(ctx)
		default:
			return
		}
	}
}

// Alive says that the loop answers within d.
func (a *Agent) Alive(d time.Duration) error {
	answer := make(chan struct{})
	patience := time.NewTimer(d)
	defer patience.Stop()
	select {
	case a.inbox <- func(context.Context) { close(answer) }:
	case <-patience.C:
		return ErrStuck
	}
	select {
	case <-answer:
		return nil
	case <-patience.C:
		return ErrStuck
	}
}

// spawn starts a goroutine that Run waits for.
func (a *Agent) spawn(do func()) {
	a.working.Add(1)
	go func() {
		defer a.working.Done()
		do()
	}()
}

// post hands something to the loop; false once there is none.
func (a *Agent) post(ctx context.Context, do func(ctx context.Context)) bool {
	select {
	case a.inbox <- do:
		return true
	case <-ctx.Done():
		return false
	}
}

// pause waits for d; false once there is nothing left to wait for.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// act carries out one action. Nothing here waits.
func (a *Agent) act(ctx context.Context, act keeper.Action) {
	switch {
	case act.Reports != nil:
		a.spawn(func() { a.report(ctx, act.Reports) })
	case act.Change != nil:
		c := act.Change
		e := control.NewEvent(a.m.Now(), control.EventInstance)
		e.App, e.Instance, e.From, e.State, e.Reason = c.App, c.ID, string(c.From), string(c.State), c.Reason
		a.tell(e)
	case act.Look:
		a.spawn(func() { a.look(ctx) })
	case act.Job != nil:
		j, unit := *act.Job, a.g.units[act.Job.ID]
		a.spawn(func() { a.job(ctx, j, unit) })
	case act.Warn != "":
		a.m.Log.Warn(act.Warn)
	}
}

// job asks systemd, and tells the loop how it went.
func (a *Agent) job(ctx context.Context, j keeper.Job, unit string) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return
	}
	began := a.m.Now()
	err := a.m.Ask(ctx, j.Verb, unit)
	switch {
	case ctx.Err() != nil:
		return // the job goes on without us
	case err != nil:
		a.m.Log.Error(err.Error(), "instance", j.ID, "why", j.Why)
	default:
		a.m.Log.Info(string(j.Verb)+" "+unit, "instance", j.ID, "why", j.Why, "took", a.m.Now().Sub(began).Round(time.Millisecond))
	}
	a.post(ctx, func(context.Context) { a.k.Ended(a.m.Now(), j, err == nil) })
}

// followGenerations reads what stands whenever it changes.
func (a *Agent) followGenerations(ctx context.Context) {
	seen, complaint := "", ""
	for {
		mark, err := a.m.Mark()
		if err == nil && mark != seen {
			if err = a.readGeneration(ctx); err == nil {
				seen = mark
			}
		}
		if err == nil {
			complaint = ""
		} else if err.Error() != complaint {
			complaint = err.Error()
			a.m.Log.Error(complaint)
		}
		if !pause(ctx, rereadEvery) {
			return
		}
	}
}

func (a *Agent) readGeneration(ctx context.Context) error {
	s, err := a.m.Read()
	if err != nil {
		return err
	}
	g := newGeneration(s)
	a.post(ctx, func(ctx context.Context) { a.take(ctx, g) })
	return nil
}

// take makes a generation the agent's.
func (a *Agent) take(ctx context.Context, g *generation) {
	before := a.g
	a.g = g
	a.k.Generation(a.m.Now(), g.apps)
	if !slices.Equal(before.patterns, g.patterns) {
		a.followUnits(ctx)
	}
	a.takeHooks(ctx, g.hooks)
	a.m.Log.Info("following", "apps", len(g.apps), "instances", len(g.units), "hooks", len(g.hooks))
}
