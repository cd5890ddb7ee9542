package agent

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/control"
)

// hookSpec is a hook as the spec has it.
type hookSpec struct {
	command           []string
	url               string
	timeout, interval time.Duration
}

func (s hookSpec) equal(o hookSpec) bool {
	return slices.Equal(s.command, o.command) && s.url == o.url && s.timeout == o.timeout && s.interval == o.interval
}

func hooksOf(list []spec.OnChange) []hookSpec {
	var hooks []hookSpec
	for _, o := range list {
		hooks = append(hooks, hookSpec{command: o.Command, url: o.URL, timeout: o.Timeout, interval: o.MinInterval})
	}
	return hooks
}

// hook tells one command or URL of events, one after another.
type hook struct {
	hookSpec
	cancel context.CancelFunc
	// news is full when there is something new in pace.
	news chan struct{}
	mu   sync.Mutex
	pace pace
}

// takeHooks starts the hooks of a generation and ends those before, unless
// they are the same.
func (a *Agent) takeHooks(ctx context.Context, list []hookSpec) {
	same := slices.EqualFunc(a.hooks, list, func(h *hook, s hookSpec) bool { return h.equal(s) })
	if same {
		return
	}
	for _, h := range a.hooks {
		h.cancel()
	}
	a.hooks = nil
	for _, s := range list {
		ctx, cancel := context.WithCancel(ctx)
		h := &hook{hookSpec: s, cancel: cancel, news: make(chan struct{}, 1), pace: pace{interval: s.interval}}
		a.hooks = append(a.hooks, h)
		a.spawn(func() { h.run(ctx, a.m) })
	}
}

// tell never waits.
func (h *hook) tell(e control.Event) {
	h.mu.Lock()
	h.pace.offer(e)
	h.mu.Unlock()
	select {
	case h.news <- struct{}{}:
	default:
	}
}

func (h *hook) next(now time.Time) (notice, bool, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.pace.next(now)
}

// run tells what there is to tell until ctx is done.
func (h *hook) run(ctx context.Context, m *Machine) {
	for {
		now := m.Now()
		n, ok, at := h.next(now)
		switch {
		case ok:
			if err := h.call(ctx, m, n); err != nil && ctx.Err() == nil {
				m.Log.Error(err.Error(), "event", n.Kind, "instance", n.Instance)
			}
			continue
		case !at.IsZero():
			if !pause(ctx, at.Sub(now)) {
				return
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-h.news:
		}
	}
}

func (h *hook) call(ctx context.Context, m *Machine, n notice) error {
	input, err := json.Marshal(n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	if h.url != "" {
		return m.Post(ctx, h.url, input)
	}
	return m.Run(ctx, h.command, append(input, '\n'))
}
