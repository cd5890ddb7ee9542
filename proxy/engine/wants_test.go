package engine

import (
	"fmt"
	"strings"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/http1"
)

// routine are the fields that every message of a kind has, and that no test
// is about unless it asks for them by wantField.
var routine = []string{
	"X-Request-Id:", "X-Real-IP:", "X-Forwarded-", "Date:", "Server: webstack", "Content-Type: text/plain; charset=utf-8",
}

// plain is what came, without the routine fields and with \n for CRLF.
func plain(got []byte) string {
	lines := strings.SplitAfter(strings.ReplaceAll(string(got), "\r\n", "\n"), "\n")
	var b strings.Builder
next:
	for _, line := range lines {
		for _, prefix := range routine {
			if strings.HasPrefix(strings.ToLower(line), strings.ToLower(prefix)) {
				continue next
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

func (x *scene) wantGets(p *party, want string) {
	x.Helper()
	if p == nil {
		x.Fatalf("nobody is there to get %q", want)
	}
	if got := plain(p.got); got != want {
		x.Errorf("%s got\n%q, want\n%q", p.name, got, want)
	}
	p.got = nil
}

// wantClientGets wants what has come to the client since the last want.
func (x *scene) wantClientGets(want string)   { x.Helper(); x.wantGets(x.client, want) }
func (x *scene) wantInstanceGets(want string) { x.Helper(); x.wantGets(x.instance, want) }

// wantField wants a field in what came, which stays for other wants.
func (x *scene) wantField(p *party, want string) {
	x.Helper()
	if !strings.Contains(string(p.got), "\r\n"+want+"\r\n") {
		x.Errorf("%s got no %q in\n%s", p.name, want, p.got)
	}
}

// wantClientGetsStatus wants one whole answer of that status.
func (x *scene) wantClientGetsStatus(status int) {
	x.Helper()
	var r http1.Response
	limits := http1.DefaultLimits()
	n, err := r.Parse(x.client.got, false, &limits)
	switch {
	case err != nil || n == 0:
		x.Errorf("the client got no answer but %q (%v)", x.client.got, err)
	case r.Status != status:
		x.Errorf("the client got %q, want status %d", x.client.got, status)
	case r.Body.Kind == http1.Sized && int64(len(x.client.got)-n) != r.Body.Length:
		x.Errorf("the client got %q, which is not whole", x.client.got)
	}
	x.client.got = nil
}

// wantEnd wants the client's connection to have been closed in good order.
func (x *scene) wantEnd(p *party) {
	x.Helper()
	if over, reset := p.over(); !over || reset {
		x.Errorf("%s: end %t, reset %t, want the end", p.name, over, reset)
	}
}

func (x *scene) wantReset(p *party) {
	x.Helper()
	if over, reset := p.over(); !over || !reset {
		x.Errorf("%s: end %t, reset %t, want a reset", p.name, over, reset)
	}
}

func (x *scene) wantOpen(p *party) {
	x.Helper()
	if over, _ := p.over(); over {
		x.Errorf("%s: it was closed, want it open", p.name)
	}
}

// only is the one client connection that is open.
func (x *scene) only() *client {
	x.Helper()
	w := x.worker
	if w.idle.n+w.busy.n != 1 {
		x.Fatalf("%d connections are open, want one", w.idle.n+w.busy.n)
	}
	if w.idle.n == 1 {
		return w.idle.first
	}
	return w.busy.first
}

// wantIdle wants the one client connection to wait, for what it says.
func (x *scene) wantIdle(want string) {
	x.Helper()
	if got := waitsFor(x.only()); got != want {
		x.Errorf("it is %s, want %s", got, want)
	}
}

// waitsFor says in words what a connection waits for.
func waitsFor(c *client) string {
	if c.x != nil && !c.rest().empty() {
		return "waiting for the client to take its answer"
	}
	switch c.step {
	case stepPreface:
		return "waiting for the PROXY header"
	case stepHead:
		if c.flags.has(begun) {
			return "waiting for the rest of a head"
		}
		return "waiting for a request"
	case stepSpool:
		return "waiting for the body"
	case stepQueue:
		switch {
		case c.x.standing:
			return "waiting to ask again"
		case c.x.times.held != 0:
			return "waiting for an instance to be ready"
		}
		return "waiting for an instance to be free"
	case stepConnect:
		return "waiting for the connection"
	case stepAsk:
		switch {
		case !c.x.up.rest.empty():
			return "waiting for the instance to take the request"
		case !c.x.up.done:
			return "waiting for the body"
		}
		return "waiting for the response head"
	case stepRelay:
		return "waiting for the rest of the answer"
	case stepTunnel:
		return "waiting for either side to speak"
	case stepLinger:
		return "waiting for the client to close"
	}
	return "in step " + c.step.String()
}

// wantNothingLeft wants that all is accounted for and given back, once the
// connections are closed.
func (x *scene) wantNothingLeft() {
	x.Helper()
	for _, problem := range leaks(x.worker) {
		x.Error(problem)
	}
	x.wantInFlight(0)
}

// leaks lists what a worker without connections should not have any more.
func leaks(w *worker) (list []string) {
	check := func(what string, n int) {
		if n != 0 {
			list = append(list, fmt.Sprintf("%d %s are left", n, what))
		}
	}
	check("clients", w.idle.n+w.busy.n)
	check("bytes of heads", w.headBytes)
	check("bytes of spools", int(w.spooled))
	check("buffers", w.buffers.lent)
	check("deadlines", w.deadlines.Len())
	check("connections to go on with", len(w.later))
	check("connections to close", len(w.closing)+len(w.closedBackends))
	for _, p := range w.pools {
		check("idle connections to "+p.instance.ID, len(p.idle))
		check("clients that wait for the address of "+p.instance.ID, len(p.waiting))
	}
	check("streams", len(w.driver.(*script).streams))
	check("connections in the count", int(w.engine.count.Load()))
	return list
}

// wantInFlight wants what runs on all instances together.
func (x *scene) wantInFlight(want int) {
	x.Helper()
	got := 0
	x.group().Each(x.wall, func(in *balance.Instance, _ balance.View) { got += in.InFlight() })
	if got != want {
		x.Errorf("%d are in flight, want %d", got, want)
	}
}

func (x *scene) group() *balance.Group { return x.engine.snap.Upstreams[0].Group }
