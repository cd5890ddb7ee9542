package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// follow collects a client's events until the stream ends.
func follow(ctx context.Context, path string, each func(Event) error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- NewClient(path).Events(ctx, each) }()
	return ended
}

// wantEnd waits for the end of a stream.
func wantEnd(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("waited too long for the end of the events")
		return nil
	}
}

func TestEventsBeginWithWhatIsAndEndWithTheProxy(t *testing.T) {
	f := newFakeProxy()
	var got []string
	path := serve(t, f, me())
	ended := follow(within(t), path, func(e Event) error {
		got = append(got, fmt.Sprintf("%s %s now=%v", e.Kind, e.State, e.Now))
		if e.Now {
			// Only now is it sure that somebody listens.
			down := NewEvent(time.Now(), EventInstance)
			down.State = "down"
			f.hub.Publish(down)
			f.hub.Publish(NewEvent(time.Now(), EventStop))
			f.hub.Close()
		}
		return nil
	})
	if err := wantEnd(t, ended); err != nil {
		t.Errorf("got %v, want nothing to be wrong with the end of the proxy", err)
	}
	if want := "instance up now=true, instance down now=false, stop  now=false"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	if err := NewClient(path).Events(within(t), nil); err == nil || !strings.Contains(err.Error(), "stopping") {
		t.Errorf("behind the end: got %v, want that the proxy is stopping", err)
	}
}

func TestTheCallersErrorEndsItsEvents(t *testing.T) {
	enough := errors.New("enough")
	path := serve(t, newFakeProxy(), me())
	if err := wantEnd(t, follow(within(t), path, func(Event) error { return enough })); !errors.Is(err, enough) {
		t.Errorf("got %v, want the caller's own error", err)
	}
	ctx, cancel := context.WithCancel(within(t))
	if err := wantEnd(t, follow(ctx, path, func(Event) error { cancel(); return nil })); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was given up", err)
	}
}

// open begins a stream by hand, and gives what reads its lines.
func open(t *testing.T, path string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// HTTP/1.0: the body is the lines and nothing else.
	if _, err := io.WriteString(c, "GET /v1/events HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(c)
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			return c, br
		}
	}
}

func nextEvent(t *testing.T, br *bufio.Reader) Event {
	t.Helper()
	line, err := br.ReadBytes('\n')
	if err != nil {
		t.Fatalf("got %q, %v; want a line", line, err)
	}
	var e Event
	if err := json.Unmarshal(line, &e); err != nil || e.Version != Version {
		t.Fatalf("got %q, %v; want an event", line, err)
	}
	return e
}

func TestAQuietStreamIsKnownToBeAlive(t *testing.T) {
	// The request's own deadline passes meanwhile, and ends nothing.
	path := serve(t, newFakeProxy(), me(), func(s *Server) { s.heartbeat, s.arrival = time.Millisecond, 5*time.Millisecond })
	_, br := open(t, path)
	nextEvent(t, br)
	for range 20 {
		if e := nextEvent(t, br); e.Kind != EventAlive {
			t.Fatalf("got %+v, want a sign of life", e)
		}
	}
}

func TestWhoDoesNotReadIsCutAndHoldsUpNobody(t *testing.T) {
	f := newFakeProxy()
	path := serve(t, f, me())
	_, slow := open(t, path)
	_, brisk := open(t, path)
	nextEvent(t, brisk)
	big := NewEvent(time.Now(), EventInstance)
	big.Reason = strings.Repeat("x", 1000)
	// More than the sockets and what may be pending take.
	for range 8 * maxPending {
		f.hub.Publish(big)
		if nextEvent(t, brisk).Reason != big.Reason {
			t.Fatal("who reads got something else")
		}
	}
	nextEvent(t, slow)
	for n := 0; ; n++ {
		if n > 8*maxPending {
			t.Fatal("who does not read was sent everything")
		}
		if e := nextEvent(t, slow); e.Kind == EventCut {
			if e.Reason == "" {
				t.Error("it was cut without a reason")
			}
			break
		}
	}
	if _, err := slow.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("behind the cut: got %v, want the end", err)
	}
}

func TestACutIsAnErrorForTheClient(t *testing.T) {
	over, err := take([]byte(`{"version":1,"kind":"cut","reason":"too slow"}`), nil)
	if over || err == nil || !strings.Contains(err.Error(), "too slow") {
		t.Errorf("got %v, %v; want an error with the reason", over, err)
	}
	if _, err := take([]byte(`{}{`), nil); err == nil {
		t.Error("what is no event was taken for one")
	}
}

func TestSubscribersAreBounded(t *testing.T) {
	f := newFakeProxy()
	path := serve(t, f, me())
	for range maxSubscribers {
		_, br := open(t, path)
		nextEvent(t, br)
	}
	if err := NewClient(path).Events(within(t), nil); err == nil || !strings.Contains(err.Error(), fmt.Sprint(maxSubscribers)) {
		t.Errorf("got %v, want that there are %d already", err, maxSubscribers)
	}
	if _, err := NewClient(path).Status(within(t)); err != nil {
		t.Errorf("status beside them: %v", err)
	}
}

func TestASubscriberThatGoesMakesRoom(t *testing.T) {
	h := NewHub()
	for range 3 * maxSubscribers {
		s, err := h.Subscribe(nil)
		if err != nil {
			t.Fatal(err)
		}
		s.End()
		s.End()
	}
	h.Publish(Event{})
	h.Close()
	h.Publish(Event{})
	if _, err := h.Subscribe(nil); !errors.Is(err, ErrStopping) {
		t.Errorf("got %v, want that it is over", err)
	}
}
