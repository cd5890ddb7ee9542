package health

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/webstack/webstack/proxy/config"
)

const interval = 5 * time.Second

var errIll = errors.New("ill")

// ward is a prober whose instances are what the test says.
type ward struct {
	*Prober
	mu    sync.Mutex
	asked map[string]int
	told  []string
	ill   error
	pace  atomic.Int64
}

// in runs a test with a prober, by a clock that passes when all wait.
func in(t *testing.T, test func(*testing.T, *ward)) {
	synctest.Test(t, func(t *testing.T) {
		w := &ward{Prober: NewProber(), asked: map[string]int{}}
		w.pace.Store(int64(Steady))
		w.check = func(_ context.Context, _, address string, _ config.Health) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.asked[address]++
			return w.ill
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { w.Run(ctx) })
		synctest.Wait()
		test(t, w)
		cancel()
		running.Wait()
	})
}

func (w *ward) target(id string) Target {
	return Target{
		Upstream: "app", ID: id, Network: "tcp", Address: id,
		Check: config.Health{Interval: config.Duration(interval)},
		Pace:  func() Pace { return Pace(w.pace.Load()) },
		Tell: func(err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.told = append(w.told, fmt.Sprint(id, " ", err))
		},
	}
}

// passes lets time pass and gives how often an instance was asked meanwhile.
func (w *ward) passes(d time.Duration, id string) int {
	before := w.count(id)
	time.Sleep(d) // the test's clock alone passes
	synctest.Wait()
	return w.count(id) - before
}

func (w *ward) count(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[id]
}

func (w *ward) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.told) == 0 {
		return ""
	}
	return w.told[len(w.told)-1]
}

func wantBetween(t *testing.T, what string, got, low, high int) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s: got %d, want %d to %d", what, got, low, high)
	}
}

func TestAnInstanceIsAskedAtItsInterval(t *testing.T) {
	in(t, func(t *testing.T, w *ward) {
		w.Set([]Target{w.target("a")})
		wantBetween(t, "at the start", w.passes(quick, "a"), 1, 1)
		if got := w.last(); got != "a <nil>" {
			t.Errorf("got %q, want that a is well", got)
		}
		wantBetween(t, "in 20 intervals", w.passes(20*interval, "a"), 18, 22)
		w.mu.Lock()
		w.ill = errIll
		w.mu.Unlock()
		w.passes(2*interval, "a")
		if got := w.last(); got != "a ill" {
			t.Errorf("got %q, want why it is not", got)
		}
	})
}

func TestOneThatIsNotKnownToBeUpIsAskedQuickly(t *testing.T) {
	in(t, func(t *testing.T, w *ward) {
		w.pace.Store(int64(Quick))
		w.Set([]Target{w.target("a")})
		wantBetween(t, "in ten seconds", w.passes(40*quick, "a"), 36, 45)
	})
}

func TestOneThatRestsIsNotAsked(t *testing.T) {
	in(t, func(t *testing.T, w *ward) {
		w.pace.Store(int64(Rest))
		w.Set([]Target{w.target("a")})
		wantBetween(t, "while it rests", w.passes(20*interval, "a"), 0, 0)
		w.pace.Store(int64(Steady))
		w.Hurry("b")
		w.Hurry("a")
		w.Hurry("a")
		wantBetween(t, "when it is up, at once", w.passes(0, "a"), 1, 2)
	})
}

// What was asked before a stop and answered in it says nothing.
func TestAnAnswerIsDroppedWhereTheTargetRestsByThen(t *testing.T) {
	in(t, func(t *testing.T, w *ward) {
		w.check = func(context.Context, string, string, config.Health) error {
			w.pace.Store(int64(Rest))
			return errIll
		}
		w.Set([]Target{w.target("a")})
		w.passes(interval, "a")
		if got := w.last(); got != "" {
			t.Errorf("got %q, want nothing told", got)
		}
	})
}

func TestAConfigThatComesOftenChangesNoPace(t *testing.T) {
	in(t, func(t *testing.T, w *ward) {
		w.Set([]Target{w.target("a"), w.target("b")})
		w.passes(quick, "a")
		asked := 0
		for range 500 {
			w.Set([]Target{w.target("a")})
			asked += w.passes(interval/50, "a")
		}
		wantBetween(t, "in ten intervals of fifty reloads each", asked, 9, 11)
		wantBetween(t, "one that left the config", w.count("b"), 1, 1)
	})
}

func TestOneThatIsAskedForLongHoldsUpNobodyNorTheEnd(t *testing.T) {
	in(t, func(t *testing.T, w *ward) {
		check := w.check
		w.check = func(ctx context.Context, network, address string, h config.Health) error {
			if address == "hung" {
				<-ctx.Done()
				return ctx.Err()
			}
			return check(ctx, network, address, h)
		}
		w.Set([]Target{w.target("hung"), w.target("a")})
		wantBetween(t, "the other one", w.passes(10*interval, "a"), 9, 12)
		w.Set([]Target{w.target("a")})
		w.Set([]Target{w.target("hung"), w.target("a")})
		w.passes(interval, "a")
	})
}
