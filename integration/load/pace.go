package load

import (
	"context"
	"time"
)

// maxDebt is how far behind its rate a worker makes up for: the restarts of a
// whole app are shorter.
const maxDebt = 10 * time.Second

// pace returns how a worker waits for its next request: not at all, a pause
// after the last one, or its turn in the rate, in which the workers follow
// each other evenly.
func (l *Load) pace(number int) func(context.Context) {
	if l.opts.Rate > 0 {
		between := time.Duration(float64(l.opts.Workers) / l.opts.Rate * float64(time.Second))
		next := time.Now().Add(between * time.Duration(number) / time.Duration(l.opts.Workers))
		return func(ctx context.Context) {
			now := time.Now()
			rest(ctx, next.Sub(now))
			if behind := now.Add(-maxDebt); next.Before(behind) {
				next = behind
			}
			next = next.Add(between)
		}
	}
	first := true
	return func(ctx context.Context) {
		if !first {
			rest(ctx, l.opts.Pause)
		}
		first = false
	}
}

func rest(ctx context.Context, pause time.Duration) {
	if pause <= 0 {
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
