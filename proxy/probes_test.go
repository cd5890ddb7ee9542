package proxy_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/control"
)

// patient is an instance whose health and answers the test decides on.
type patient struct {
	*instance
	ill    atomic.Bool
	checks atomic.Int64
}

func newPatient(t *testing.T, id string) *patient {
	t.Helper()
	p := &patient{}
	p.instance = answering(t, id, func(c net.Conn, r *http.Request) bool {
		io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/health" {
			p.checks.Add(1)
			if p.ill.Load() {
				return say(c, "HTTP/1.1 503 Ill\r\nContent-Length: 0\r\n\r\n")
			}
		}
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(id), id)
	})
	return p
}

// checked has the instances of a config's first upstream checked often.
func checked(c *config.Config) *config.Config {
	often := config.Duration(2 * time.Millisecond)
	c.Upstreams[0].Health = &config.Health{
		Path: "/health", Interval: often, Timeout: seconds(20), Rise: 2, Fall: 2,
		Status: []config.StatusRange{{From: 200, To: 299}},
	}
	return c
}

func TestAnInstanceThatFailsItsChecksIsOut(t *testing.T) {
	a, b := newPatient(t, "a"), newPatient(t, "b")
	w := start(t, checked(baseConfig(a.instance, b.instance)))
	a.ill.Store(true)
	w.until("a is down", func() bool { return w.states() == "a=down b=up" })
	if got := w.instance("a").Reason; !strings.Contains(got, "/health is answered with 503") {
		t.Errorf("got reason %q, want what the check found", got)
	}
	for range 4 {
		w.get("/", 200, "b")
	}
	w.reload(baseConfigLike(w.config, 2))
	w.wantStates("a=down b=up")
	a.ill.Store(false)
	w.until("a is back", func() bool { return w.states() == "a=up b=up" })
}

func TestOneWhoseUnitIsStoppedIsLeftAlone(t *testing.T) {
	a, b := newPatient(t, "a"), newPatient(t, "b")
	w := start(t, checked(baseConfig(a.instance, b.instance)))
	w.until("both are checked", func() bool { return a.checks.Load() > 2 && b.checks.Load() > 2 })
	w.report("a", control.UnitStopped, "")
	// One may have begun before.
	before, of := a.checks.Load(), b.checks.Load()
	w.until("b is checked on", func() bool { return b.checks.Load() > of+20 })
	if got := a.checks.Load() - before; got > 1 {
		t.Errorf("it was checked %d times while it was stopped", got)
	}
	w.report("a", control.UnitUp, "")
	before = a.checks.Load()
	w.until("a is checked again", func() bool { return a.checks.Load() > before+1 })
}

// TestWhatAConnectWouldWakeIsNotChecked: nor is what is started on demand and
// is not up.
func TestWhatAConnectWouldWakeIsNotChecked(t *testing.T) {
	woken, other := newPatient(t, "woken"), newPatient(t, "other")
	c := checked(baseConfig(woken.instance, other.instance))
	c.Upstreams[0].Instances[0].Woken = true
	asleep := newPatient(t, "asleep")
	onDemand := checked(baseConfig(asleep.instance)).Upstreams[0]
	onDemand.Name, onDemand.OnDemand, onDemand.Hold = "asleep", true, seconds(60)
	c.Upstreams = append(c.Upstreams, onDemand)
	w := start(t, c)
	w.until("the other one is checked", func() bool { return other.checks.Load() > 20 })
	if got := woken.checks.Load() + asleep.checks.Load(); got != 0 {
		t.Errorf("got %d checks of those asleep, want none", got)
	}
	w.get("/", 200, "woken")
	w.report("asleep", control.UnitUp, "")
	w.until("who is up is checked", func() bool { return asleep.checks.Load() > 2 })
}

func TestAFullInstanceIsNotChecked(t *testing.T) {
	busy, free := make(chan struct{}), make(chan struct{})
	var checks atomic.Int64
	a := answering(t, "a", func(c net.Conn, r *http.Request) bool {
		if r.URL.Path == "/health" {
			checks.Add(1)
		} else {
			close(busy)
			<-free
		}
		return say(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
	})
	b := newPatient(t, "b")
	c := checked(baseConfig(a, b.instance))
	c.Upstreams[0].MaxInFlight = 1
	w := start(t, c)
	w.drain("b", "the test", 0)
	answer := make(chan reply, 1)
	go func() { answer <- w.ask("GET", "/", "") }()
	w.wait(busy, "the request")
	before, of := checks.Load(), b.checks.Load()
	w.until("b is checked on", func() bool { return b.checks.Load() > of+20 })
	if got := checks.Load() - before; got > 1 {
		t.Errorf("it was checked %d times while it was full", got)
	}
	close(free)
	if r := <-answer; r.StatusCode != 200 {
		t.Errorf("got %d, want 200", r.StatusCode)
	}
	w.until("a is checked again", func() bool { return checks.Load() > before+1 })
}

// Whoever restarts what hangs must hear of it, whatever else is so.
func TestChecksThatBeginToFailAreAnEvent(t *testing.T) {
	a, b := newPatient(t, "a"), newPatient(t, "b")
	w := start(t, checked(baseConfig(a.instance, b.instance)))
	w.until("a is checked", func() bool { return a.checks.Load() > 2 })
	w.drain("a", "us", 0)
	heard := w.subscribe()
	for _, ill := range []bool{true, false} {
		a.ill.Store(ill)
		e := <-heard.sub.Events
		if e.Instance != "a" || e.State != "draining" || (e.Probe == "down") != ill {
			t.Errorf("got %+v, want that its checks fail: %v", e, ill)
		}
	}
}
