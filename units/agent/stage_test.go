package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/control"
	"github.com/webstack/webstack/units/agent/keeper"
	"github.com/webstack/webstack/units/bus"
)

// stage is a machine whose time stands still until everybody waits. What
// happens is written down, a line for each thing.
type stage struct {
	t       *testing.T
	changes chan bus.Change
	events  chan control.Event

	mu       sync.Mutex
	standing *install.Standing
	mark     int
	// proxy says that one listens; refuses that its reports fail.
	proxy, refuses bool
	// idle is what it says of its upstream.
	idle string
	// job is how jobs end, hookTime how long hooks take.
	job      error
	hookTime time.Duration
	seen     []string
	log      bytes.Buffer
}

// play runs an agent on a stage.
func play(t *testing.T, scene func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{
			t: t, changes: make(chan bus.Change), events: make(chan control.Event),
			standing: &install.Standing{Current: shop()}, mark: 1, proxy: true,
		}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		a := New(s.machine())
		go func() {
			a.Run(ctx)
			close(over)
		}()
		scene(s)
		synctest.Wait()
		if err := a.Alive(time.Second); err != nil {
			t.Error(err)
		}
		cancel()
		<-over
		if t.Failed() {
			t.Logf("the agent's log:\n%s", s.log.String())
		}
	})
}

// shop has an app that is always up and one that starts on demand.
func shop() *install.Generation {
	instances := func(names ...string) []install.Instance {
		var list []install.Instance
		for _, n := range names {
			list = append(list, install.Instance{Name: n, Unit: n + ".service", Address: "127.0.0.1:1"})
		}
		return list
	}
	return &install.Generation{Number: 1, Desired: install.Desired{
		Apps: []install.App{
			{
				Name: "shop", Unit: "app", Start: "boot", Instances: instances("app@1", "app@2"),
				Watchdog: &spec.Watchdog{After: 10 * time.Second, Limit: 3},
			},
			{Name: "tool", Unit: "tool", Start: "on-demand", IdleStop: time.Minute, Instances: instances("tool@1")},
		},
		OnChange: []spec.OnChange{
			{Command: []string{"/bin/notify"}, Timeout: time.Second, MinInterval: 5 * time.Second},
			{URL: "http://example.com/secret", Timeout: time.Second, MinInterval: time.Second},
		},
	}}
}

func (s *stage) machine() *Machine {
	return &Machine{
		Mark: func() (string, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return fmt.Sprint(s.mark), nil
		},
		Read: func() (*install.Standing, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.standing, nil
		},
		Watch: func(ctx context.Context, patterns []string, changes chan<- bus.Change) error {
			s.note("watch " + strings.Join(patterns, " "))
			for {
				select {
				case c := <-s.changes:
					changes <- c
				case <-ctx.Done():
					return nil
				}
			}
		},
		Ask: func(ctx context.Context, verb keeper.Verb, unit string) error {
			s.note(string(verb) + " " + unit)
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.job
		},
		Report: s.report,
		Status: func(context.Context) (*control.Status, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return &control.Status{Upstreams: []control.UpstreamStatus{
				{Name: "tool", IdleSince: s.idle, Instances: []control.InstanceStatus{{ID: "tool@1"}}},
			}}, nil
		},
		Events: s.follow,
		Run: func(ctx context.Context, argv []string, input []byte) error {
			return s.hooked(ctx, argv[0], input)
		},
		Post: s.hooked,
		Now:  time.Now,
		Log:  slog.New(slog.NewTextHandler(&s.log, nil)),
	}
}

func (s *stage) report(_ context.Context, r control.ReportRequest) (*control.ReportResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.proxy || s.refuses {
		return nil, errors.New("the proxy says no")
	}
	for _, i := range r.Reports {
		s.seen = append(s.seen, strings.TrimSpace(i.Instance+" is "+i.State+" "+i.Reason))
	}
	return &control.ReportResult{}, nil
}

// follow is the proxy's stream, which begins with what is.
func (s *stage) follow(ctx context.Context, each func(control.Event) error) error {
	s.mu.Lock()
	there := s.proxy
	s.mu.Unlock()
	if !there {
		return control.ErrNotRunning
	}
	for _, id := range []string{"app@1", "app@2"} {
		if err := each(control.Event{Kind: control.EventInstance, Now: true, Upstream: "shop", App: "shop", Instance: id, State: "up"}); err != nil {
			return err
		}
	}
	for {
		select {
		case e := <-s.events:
			if err := each(e); err != nil || e.Kind == control.EventStop {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *stage) hooked(ctx context.Context, to string, input []byte) error {
	var n notice
	if err := json.Unmarshal(input, &n); err != nil {
		s.t.Errorf("a hook was told %q: %v", input, err)
	}
	s.note(fmt.Sprintf("tell %s that %s %s is %s, %d dropped", to, n.Kind, n.Instance, n.State, n.Dropped))
	s.mu.Lock()
	d := s.hookTime
	s.mu.Unlock()
	if !pause(ctx, d) {
		return ctx.Err()
	}
	return nil
}

func (s *stage) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, line)
}

// set changes the stage.
func (s *stage) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// want waits until everybody waits, and says what has happened since the last
// time, in any order.
func (s *stage) want(want ...string) {
	s.t.Helper()
	synctest.Wait()
	s.mu.Lock()
	got := s.seen
	s.seen = nil
	s.mu.Unlock()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Errorf("got %q, want %q", got, want)
	}
}

// unit says a unit's state over the bus.
func (s *stage) unit(id, active, sub string, pid int) {
	s.changes <- bus.Change{Unit: &bus.Properties{
		Name: id + ".service", ActiveState: active, SubState: sub, MainPID: pid, Result: "success",
	}}
}

// up tells that everything but tool runs, and that this is all.
func (s *stage) up() {
	s.t.Helper()
	s.unit("app@1", "active", "running", 1)
	s.unit("app@2", "active", "running", 2)
	s.changes <- bus.Change{Whole: true}
	s.want("app@1 is up", "app@2 is up", "tool@1 is stopped", "watch app@*.service tool@*.service")
}

// instance is an event; down is by its check.
func (s *stage) instance(id, state string) {
	e := control.Event{Kind: control.EventInstance, Upstream: "shop", App: "shop", Instance: id, State: state}
	if state == "down" {
		e.Probe = "down"
	}
	s.events <- e
}
