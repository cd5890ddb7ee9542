package agent

import (
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

func TestTheNewestOfWhatComesTooFastIsKept(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	p := pace{interval: 5 * time.Second}
	if _, ok, at := p.next(now); ok || !at.IsZero() {
		t.Errorf("got %v, %v, want nothing to tell", ok, at)
	}
	offer := func(state string) { p.offer(control.Event{State: state}) }
	offer("down")
	if n, ok, _ := p.next(now); !ok || n.State != "down" || n.Dropped != 0 {
		t.Errorf("got %+v, %v, want the first at once", n, ok)
	}
	offer("starting")
	if _, ok, at := p.next(now.Add(time.Second)); ok || !at.Equal(now.Add(5*time.Second)) {
		t.Errorf("got %v, %v, want five seconds after the first", ok, at)
	}
	offer("up")
	if n, ok, _ := p.next(now.Add(5 * time.Second)); !ok || n.State != "up" || n.Dropped != 1 {
		t.Errorf("got %+v, %v, want the newest, one dropped", n, ok)
	}
	if _, ok, at := p.next(now.Add(time.Hour)); ok || !at.IsZero() {
		t.Errorf("got %v, %v, want nothing to tell", ok, at)
	}
}
