package install

import (
	"context"
	"fmt"
	"strings"
)

// finish is the context of what must not stop halfway, see Host.Finish.
func (h *Host) finish(ctx context.Context) (context.Context, context.CancelFunc) {
	if h.Finish != nil {
		return h.Finish(ctx)
	}
	return context.WithoutCancel(ctx), func() {}
}

// interrupted says how far the operator let an apply or a roll get: the steps
// before next are done.
func interrupted(steps []Step, next int) error {
	name := func(i int) string { return strings.TrimSuffix(steps[i].Subject, ".service") }
	if next == 0 {
		return fmt.Errorf("interrupted before %s; it and the rest are untouched", name(0))
	}
	return fmt.Errorf("interrupted after %s; the rest is untouched", name(next-1))
}
