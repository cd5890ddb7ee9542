package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// warmShare of the time comes before the first rest, so that what is
// allocated once, and the heap's first growth, are there.
const warmShare = 4

// soak is one run.
type soak struct {
	out     io.Writer
	program string
	dir     string
	seed    uint64
	length  time.Duration
}

// run soaks, and its error is everything that was wrong.
func (s *soak) run(ctx context.Context) (err error) {
	h := &history{}
	l := newLedger(h)
	app, err := startInstances(ctx, h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.stop()) }()
	p, err := startProxy(ctx, s.program, s.dir, app.addresses)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()

	begun := time.Now()
	err = s.phases(ctx, p, app, l)
	fmt.Fprintf(s.out, "%s\nkills %d, reloads %d, reloads refused %d, in %s\n",
		l, h.count(), p.reloads, p.refused, time.Since(begun).Round(time.Second))
	if n := l.unexplained(); n > 0 {
		err = errors.Join(fmt.Errorf("%d exchanges are unexplained", n), err)
	}
	if words := p.Output(); words != "" && err != nil {
		fmt.Fprintf(s.out, "webstack's first words:\n%s\n", words)
	}
	return errors.Join(err, ctx.Err())
}

// phases warms up and rests, loads and rests, and compares the rests.
func (s *soak) phases(ctx context.Context, p *proxy, app *instances, l *ledger) error {
	if err := s.load(ctx, s.length/warmShare, 0, p, app, l); err != nil {
		return err
	}
	before, err := p.comeToRest()
	if err != nil {
		return fmt.Errorf("after warming up: %w", err)
	}
	fmt.Fprintf(s.out, "at rest after warming up: %s\n", before)
	if err := s.load(ctx, s.length-s.length/warmShare, 1, p, app, l); err != nil {
		return err
	}
	after, err := p.comeToRest()
	if err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	fmt.Fprintf(s.out, "at rest at the end:       %s\n", after)
	return grown(before, after)
}

// load lets everybody act for a while. Each actor's doings follow from the
// seed, the phase and its number.
func (s *soak) load(ctx context.Context, length time.Duration, phase uint64, p *proxy, app *instances, l *ledger) error {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var (
		work   sync.WaitGroup
		mu     sync.Mutex
		faults []error
	)
	fault := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			faults = append(faults, err)
			cancel()
		}
	}
	next := phase << 32
	rng := func() *rand.Rand {
		next++
		return rand.New(rand.NewPCG(s.seed, next))
	}
	kills := rng()
	work.Go(func() { fault(app.killAgainAndAgain(ctx, kills)) })
	work.Go(func() { fault(p.reloadAgainAndAgain(ctx)) })
	for _, part := range parts {
		for range part.count {
			a := &actor{name: part.name, address: listen, ledger: l, rng: rng()}
			work.Go(func() { a.run(ctx, part.act) })
		}
	}
	work.Go(func() {
		select {
		case <-p.Ended():
			fault(fmt.Errorf("the proxy has ended: %s", p.Output()))
		case <-ctx.Done():
		}
	})
	work.Wait()
	return errors.Join(faults...)
}
