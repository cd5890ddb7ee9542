package proxy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// listener collects what a proxy tells.
type audience struct {
	w   *world
	sub *control.Subscriber
}

func (w *world) subscribe() *audience {
	w.t.Helper()
	sub, err := w.proxy.Subscribe()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(sub.End)
	return &audience{w, sub}
}

// brief is an event in a few words.
func brief(e control.Event) string {
	subject := e.Instance
	if subject == "" {
		subject = e.Upstream + e.Site
	}
	text := strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Kind, subject, e.State))
	if e.Kind == control.EventReload {
		text = fmt.Sprintf("%s %d", text, e.Generation)
	}
	return text
}

// wants wants these events next.
func (a *audience) wants(want ...string) {
	a.w.t.Helper()
	for _, one := range want {
		select {
		case e, more := <-a.sub.Events:
			got := brief(e)
			if !more {
				got = "the end"
			}
			if got != one {
				a.w.t.Fatalf("got %s, want %s", got, one)
			}
		case <-time.After(patience):
			a.w.t.Fatalf("waited too long for %s", one)
		}
	}
}

func TestEventsTellWhatHappens(t *testing.T) {
	w := start(t, baseConfig(well(t, "a"), well(t, "b")))
	w.report("b", control.UnitDown, "exit 1")
	heard := w.subscribe()
	var now []string
	for _, e := range heard.sub.Now {
		if !e.Now || e.Upstream != "app" || e.App != "app" {
			t.Errorf("got %+v, want what is, with its app", e)
		}
		now = append(now, brief(e))
	}
	if got, want := strings.Join(now, ", "), "instance a up, instance b down"; got != want {
		t.Errorf("got %s at first, want %s", got, want)
	}
	w.report("b", control.UnitUp, "")
	heard.wants("instance b up")
	w.drain("a", "us", 0)
	heard.wants("instance a draining")
	w.drain("a", "somebody else", 0)
	w.undrain("a", "")
	heard.wants("instance a up")
	for range 2 {
		if err := w.proxy.Pause(control.PauseRequest{Upstream: "app"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.proxy.Resume(control.PauseRequest{Upstream: "app"}); err != nil {
		t.Fatal(err)
	}
	heard.wants("pause app on", "pause app off")
	for _, on := range []bool{true, true, false} {
		if err := w.proxy.Maintain(control.MaintenanceRequest{Site: "site", On: on}); err != nil {
			t.Fatal(err)
		}
	}
	heard.wants("maintenance site on", "maintenance site off")
	next := baseConfigLike(w.config, 2)
	next.Upstreams[0].Instances = next.Upstreams[0].Instances[:1]
	w.reload(next)
	heard.wants("instance b removed", "reload 2")
	w.nextErr = errors.New("cannot read it")
	if _, err := w.proxy.Reload(); err == nil {
		t.Fatal("what cannot be read was taken")
	}
	heard.wants("reload 2")
	w.stop()
	heard.wants("stop", "the end")
	w.wait(w.stopped, "the proxy to stop")
	if heard.sub.Behind() {
		t.Error("the end of the proxy is said to be the subscriber's fault")
	}
	if _, err := w.proxy.Subscribe(); !errors.Is(err, control.ErrStopping) {
		t.Errorf("behind the end: got %v, want that it is stopping", err)
	}
}

// What requests and the clock change is told, too: it is found by looking.
func TestEventsTellWhatTrafficHasFound(t *testing.T) {
	c := baseConfig(gone(t, "a"), well(t, "b"))
	c.Upstreams[0].FailTimeout = seconds(1)
	w := start(t, c)
	heard := w.subscribe()
	w.get("/", 200, "b")
	w.get("/", 200, "b")
	heard.wants("instance a down")
	w.drain("b", "us", time.Millisecond)
	heard.wants("instance b draining", "instance b up", "instance a up")
	for _, want := range []string{`msg="an instance is down" instance=a`, `msg="an instance is up again" instance=a`} {
		w.until("the log says "+want, func() bool { return strings.Contains(w.log.String(), want) })
	}
}

func TestWhoIsStartedOnDemandIsWanted(t *testing.T) {
	c := baseConfig(well(t, "a"))
	c.Upstreams[0].OnDemand, c.Upstreams[0].Hold = true, seconds(60)
	w := start(t, c)
	w.report("a", control.UnitStopped, "")
	heard := w.subscribe()
	answer := make(chan reply, 1)
	go func() { answer <- w.ask("GET", "/", "") }()
	heard.wants("wanted app")
	w.report("a", control.UnitUp, "")
	if r := <-answer; r.StatusCode != 200 {
		t.Errorf("got %d, want 200", r.StatusCode)
	}
}
