package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/agent/keeper"
)

// stream is one run of following the proxy's events.
type stream struct {
	cancel context.CancelFunc
	// members are the instances of each upstream, as its events name them.
	members map[string][]string
}

// followProxy follows the proxy's events for as long as it runs, again and
// again. That there is none is a state, of which nothing is said.
func (a *Agent) followProxy(ctx context.Context) {
	complaint := ""
	for {
		streaming, cancel := context.WithCancel(ctx)
		s := &stream{cancel: cancel, members: map[string][]string{}}
		err := a.m.Events(streaming, func(e control.Event) error {
			if !a.post(streaming, func(context.Context) { a.hear(s, e) }) {
				return context.Cause(streaming)
			}
			return nil
		})
		cancel()
		a.post(ctx, func(context.Context) { a.unheard(s) })
		if ctx.Err() != nil {
			return
		}
		quiet := err == nil || errors.Is(err, control.ErrNotRunning) || errors.Is(err, context.Canceled)
		if !quiet && err.Error() != complaint {
			a.m.Log.Warn(err.Error())
			complaint = err.Error()
		}
		if !pause(ctx, retryProxy) {
			return
		}
	}
}

// hear takes one event. The first of a stream says that the proxy is there.
func (a *Agent) hear(s *stream, e control.Event) {
	now := a.m.Now()
	if a.stream != s {
		a.stream = s
		a.k.ProxyReached()
		a.m.Log.Info("the proxy is there")
	}
	switch e.Kind {
	case control.EventInstance:
		if !slices.Contains(s.members[e.Upstream], e.Instance) {
			s.members[e.Upstream] = append(s.members[e.Upstream], e.Instance)
		}
		// An instance may be in the upstreams of several; its app's own is
		// where its check is configured.
		if e.App != "" {
			a.k.Health(now, e.Instance, failing(e))
		}
	case control.EventWanted:
		a.k.Wanted(now, a.wanted(s, e))
	case control.EventReload:
		a.k.Reloaded()
	}
	if !e.Now && e.Kind != control.EventWanted {
		a.tell(e)
	}
}

// tell tells every hook of an event.
func (a *Agent) tell(e control.Event) {
	for _, h := range a.hooks {
		h.tell(e)
	}
}

// failing says that the proxy's check of an instance fails. Requests that fail
// are no reason to restart anything: one of them may do that by itself.
func failing(e control.Event) bool { return e.Probe == "down" }

// wanted are the instances that a waiting request could be answered by.
func (a *Agent) wanted(s *stream, e control.Event) []string {
	if ids := a.g.members[e.App]; len(ids) > 0 {
		return ids
	}
	return s.members[e.Upstream]
}

// unheard ends a stream.
func (a *Agent) unheard(s *stream) {
	if a.stream == s {
		a.stream = nil
		a.k.ProxyLost(a.m.Now())
		a.m.Log.Info("the proxy is gone")
	}
}

// report tells the proxy of units. Where that fails, the stream begins anew,
// and with it everything is told again.
func (a *Agent) report(ctx context.Context, list []keeper.Report) {
	request := control.ReportRequest{}
	for _, r := range list {
		request.Reports = append(request.Reports, control.InstanceReport{Instance: r.ID, State: string(r.State), Reason: r.Reason})
	}
	calling, cancel := context.WithTimeout(ctx, proxyTimeout)
	defer cancel()
	_, err := a.m.Report(calling, request)
	a.post(ctx, func(context.Context) {
		a.k.Reported(a.m.Now(), err == nil)
		if err != nil && a.stream != nil {
			if !errors.Is(err, control.ErrNotRunning) {
				a.m.Log.Warn(err.Error())
			}
			a.stream.cancel()
		}
	})
}

// look asks the proxy who is idle.
func (a *Agent) look(ctx context.Context) {
	calling, cancel := context.WithTimeout(ctx, proxyTimeout)
	defer cancel()
	st, err := a.m.Status(calling)
	var idle map[string]time.Time
	if err == nil {
		idle = idleSince(st)
	}
	a.post(ctx, func(context.Context) { a.k.Looked(a.m.Now(), idle) })
}

// idleSince are the instances that no upstream has anything for, and since
// when that is so.
func idleSince(st *control.Status) map[string]time.Time {
	idle := map[string]time.Time{}
	busy := map[string]bool{}
	for _, u := range st.Upstreams {
		since, err := time.Parse(time.RFC3339, u.IdleSince)
		for _, i := range u.Instances {
			if err != nil || u.Held > 0 || u.Waiting > 0 || i.InFlight > 0 {
				busy[i.ID] = true
			} else if since.After(idle[i.ID]) {
				idle[i.ID] = since
			}
		}
	}
	for id := range busy {
		delete(idle, id)
	}
	return idle
}
