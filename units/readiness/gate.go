package readiness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/webstack/webstack/units/sockets"
)

// A gate looks often at first, since most apps are ready within a moment, and
// then as often as a person would not notice.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = 100 * time.Millisecond
)

// Gate waits until one instance is ready.
type Gate struct {
	Unit *Unit
	// MainPID is what systemd says the main process is, 0 where it does not.
	MainPID int
	// Network and Address are where the instance is reached.
	Network, Address string
	// Check asks the instance whether it is well.
	Check func(ctx context.Context) error
	// Client is who must be able to connect to a unix socket, nil for nobody.
	Client *Account
	// Timeout bounds the wait.
	Timeout time.Duration
}

// Gone says that the main process ended before the instance was ready.
type Gone struct{ Unit string }

func (g *Gone) Error() string { return g.Unit + " ended before it answered" }

// Wait returns nil when the instance is ready, [*Gone] when its process is no
// more, ctx's cause when ctx ends, and otherwise why it is not ready in time.
func (g *Gate) Wait(ctx context.Context) error {
	gone := make(chan struct{}) // of a process that nobody named, never
	if g.MainPID > 0 {
		p, err := g.hold()
		if err != nil {
			return err
		}
		defer p.close()
		gone = p.gone
	}
	deadline := time.Now().Add(g.Timeout)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	over, end := context.WithDeadline(ctx, deadline)
	defer end()
	watched := make(chan struct{})
	defer func() { cancel(nil); <-watched }()
	go func() { // a check that is under way is not waited for
		defer close(watched)
		select {
		case <-gone:
			cancel(&Gone{g.Unit.Name})
		case <-over.Done():
		}
	}()
	return g.poll(ctx, over)
}

// poll looks until the instance is ready; over ends with ctx or at the
// deadline.
func (g *Gate) poll(ctx, over context.Context) error {
	var why error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		now := g.look(over)
		if now == nil {
			return nil
		}
		if over.Err() == nil || why == nil {
			why = now
		}
		select {
		case <-time.After(pause):
		case <-over.Done():
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case over.Err() != nil:
			return fmt.Errorf("%s is not ready within %v: %w", g.Unit.Name, g.Timeout, g.explain(why))
		}
	}
}

// hold opens the main process and makes sure that it is the unit's: its pid
// comes from an environment that the app's env_file may have written to.
func (g *Gate) hold() (*process, error) {
	p, err := holdProcess(g.MainPID)
	if errors.Is(err, errGone) {
		return nil, &Gone{g.Unit.Name}
	}
	if err != nil {
		return nil, err
	}
	ours, err := g.Unit.has(g.MainPID)
	if err == nil && !ours {
		err = fmt.Errorf("process %d is none of %s", g.MainPID, g.Unit.Name)
	}
	if errors.Is(err, errGone) {
		err = &Gone{g.Unit.Name}
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// stranger says that sockets of nobody in the unit have the address.
type stranger struct {
	address string
	inodes  []string
}

func (s *stranger) Error() string { return s.address + " is held by another process" }

// look is one look at the instance, nil where it is ready.
func (g *Gate) look(ctx context.Context) error {
	inodes, err := sockets.Listening(g.Unit.proc, g.Network, g.Address)
	if err != nil {
		return err
	}
	if len(inodes) == 0 {
		return fmt.Errorf("nobody listens on %s", g.Address)
	}
	pids, err := g.Unit.processes()
	if err != nil {
		return err
	}
	others := sockets.Foreign(g.Unit.proc, pids, inodes)
	switch {
	// A name that a socket was bound to says nothing of where that was: in
	// another root it is another file. Whose the folder is decides who answers.
	case g.Network == "unix" && len(others) < len(inodes):
	case len(others) > 0:
		return &stranger{g.Address, others}
	}
	if g.Client != nil && g.Network == "unix" {
		if err := g.Client.mayConnect(g.Address); err != nil {
			return err
		}
	}
	return g.Check(ctx)
}

// explain names the stranger, which takes a look at every process.
func (g *Gate) explain(why error) error {
	var s *stranger
	if errors.As(why, &s) {
		return fmt.Errorf("%s is held by %s, which is no process of the unit", s.address, sockets.Owner(g.Unit.proc, s.inodes))
	}
	return why
}
