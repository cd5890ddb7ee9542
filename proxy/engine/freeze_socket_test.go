package engine

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/accesslog"
)

// startEngine runs an engine with one loop, whose instances are at address.
func startEngine(t *testing.T, address string) (e *Engine, listening string) {
	t.Helper()
	p := newPlan()
	p.address = address
	s := p.compile(t, nil)
	s.Loops = 1
	log := slog.New(slog.DiscardHandler)
	e, err := New(s, log, accesslog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.Start()
	if err := e.Listen("web", l); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Stop(0, 0)
		l.Close()
	})
	return e, l.Addr().String()
}

// inLoop runs f in the engine's loop.
func inLoop(e *Engine, f func(w *worker)) {
	done := make(chan struct{})
	e.workers[0].driver.Post(func() {
		defer close(done)
		f(e.workers[0])
	})
	<-done
}

func TestAConnectionOfSocketsGoesOnInAnotherEngine(t *testing.T) {
	instance, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer instance.Close()
	bodies := make(chan string, 1)
	go func() {
		c, err := instance.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
		io.WriteString(c, crlf("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"))
		io.Copy(io.Discard, c)
	}()
	one, address := startEngine(t, instance.Addr().String())
	two, _ := startEngine(t, instance.Addr().String())

	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	client.SetDeadline(time.Now().Add(patience))
	io.WriteString(client, crlf("POST /a HTTP/1.1\nHost: h\nContent-Length: 10\n\n01234"))
	var f frozen
	for end := time.Now().Add(patience); f.client == nil; {
		inLoop(one, func(w *worker) {
			if c := w.busy.first; c != nil && c.step == stepAsk && c.x.up.received == 5 && c.x.up.rest.empty() {
				f, _ = w.freeze(c)
			}
		})
		if time.Now().After(end) {
			t.Fatal("the body did not come")
		}
	}
	if n := one.Connections(); n != 0 {
		t.Errorf("%d connections are left in the first engine", n)
	}
	io.WriteString(client, "56") // while it is nobody's
	inLoop(two, func(w *worker) {
		if err := w.thaw(f); err != nil {
			t.Error(err)
		}
	})
	io.WriteString(client, "789")
	r, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(r.Body)
	if got := <-bodies; got != "0123456789" {
		t.Errorf("the instance got %q", got)
	}
	if string(answer) != "ok" || err != nil {
		t.Errorf("the client got %q, %v", answer, err)
	}
}
