package engine

import (
	"bytes"
	"fmt"
	"syscall"

	"github.com/webstack/webstack/proxy/http1"
)

// simulatedInstance is an instance's end of one connection.
type simulatedInstance struct {
	s        *simulation
	id, name string
	conn     *memory

	in []byte // come, and not understood yet
	// x is the request that it works on; reading says that its body is coming.
	x       *simulated
	req     http1.Request
	reading bool
	chunks  http1.ChunkReader
	got     int

	// out is what it is going to say, once answers is true; then follows what
	// it does next.
	out     []byte
	answers bool
	then    next
	tunnel  bool
	heard   int
	// served: it has answered a request; left: it is closed.
	served, left bool
}

// next is what an instance does behind an answer, or what it takes for one.
type next uint8

const (
	nextRequest next = iota
	nextClose
	nextReset
	// nextNothing stalls.
	nextNothing
)

// act is one thing that the instance does.
func (in *simulatedInstance) act() {
	s := in.s
	switch {
	case in.left:
		return
	case in.conn.closed:
		in.leave()
		return
	case in.conn.connecting:
		if s.fault(6) {
			in.conn.breakDown(syscall.ECONNREFUSED)
		} else if !s.fault(6) {
			in.conn.connected()
		}
		return
	}
	switch n := s.rng.IntN(20); {
	case n < 8:
		in.read(1 + s.some(100_000))
	case n < 18:
		in.say(1 + s.some(20_000))
	case n == 18 && in.served && in.x == nil && len(in.conn.out) == 0 && len(in.in) == 0 && s.once(3):
		s.note("%s closes its idle connection", in.name)
		in.leave()
	case s.fault(15):
		s.note("%s dies", in.name)
		in.reset()
	case s.fault(15) && !in.answers:
		// In an answer that ends with its connection it would be the end.
		s.note("%s leaves", in.name)
		in.leave()
	}
}

func (in *simulatedInstance) leave() {
	if !in.left {
		in.left = true
		in.partial()
		in.conn.leave()
	}
}

func (in *simulatedInstance) reset() {
	if !in.left {
		in.left = true
		in.partial()
		in.conn.breakDown(syscall.ECONNRESET)
	}
}

// partial counts a request of which only a part of the head has come.
func (in *simulatedInstance) partial() {
	const before = "/x/"
	if at := bytes.Index(in.in, []byte(before)); in.x == nil && at >= 0 && len(in.in) >= at+len(before)+len("e0000") {
		if x := in.s.exchanges[string(in.in[at+len(before):][:len("e0000")])]; x != nil {
			x.reached++
		}
	}
}

func (in *simulatedInstance) read(n int) bool {
	p := in.conn.take(n)
	if len(p) == 0 {
		return false
	}
	in.s.note("%s gets %.50q... %d", in.name, p, len(p))
	in.in = append(in.in, p...)
	for in.understand() && len(in.s.problems) == 0 {
	}
	return true
}

// understand takes the next part of what came, if it is all there.
func (in *simulatedInstance) understand() bool {
	switch {
	case len(in.in) == 0:
		return false
	case in.tunnel:
		in.hear()
		return false
	case in.reading:
		return in.readBody()
	case in.x != nil:
		in.s.problem("%s got %.60q behind the request %s, before it was answered", in.name, in.in, in.x.id)
		return false
	}
	limits := responseLimits
	n, err := in.req.Parse(in.in, &limits)
	switch {
	case err != nil:
		in.s.problem("%s got no request, but %.100q (%s)", in.name, in.in, err.Reason)
		return false
	case n == 0:
		return false
	}
	in.begin()
	in.in = in.in[n:]
	return true
}

// begin has a request's head.
func (in *simulatedInstance) begin() {
	s, r := in.s, &in.req
	id := ""
	for _, f := range r.Fields {
		if f.Name == "X-Test-Id" {
			id = string([]byte(f.Value))
		}
	}
	x := s.exchanges[id]
	if x == nil || r.Target != "/x/"+id || r.Method != x.method {
		s.problem("%s got %s %s, which is not the request of %q", in.name, r.Method, r.Target, id)
		return
	}
	in.x, in.got, in.chunks = x, 0, http1.ChunkReader{}
	x.reached++
	switch r.Body.Kind {
	case http1.Sized:
		in.reading = true
		if r.Body.Length != int64(x.size) && !x.spoiled {
			s.problem("%s got a length of %d for %s, want %d", in.name, r.Body.Length, id, x.size)
		}
	case http1.Chunked:
		in.reading = true
	default:
		if x.size > 0 && !x.spoiled {
			s.problem("%s got %s without its body", in.name, id)
		}
	}
	in.prepare()
	if s.once(4) && !x.upgrade {
		// It does not wait for the body.
		in.answers = true
	}
	in.bodyEnd()
}

func (in *simulatedInstance) bodyEnd() {
	if !in.reading {
		in.answers = true
	}
}

func (in *simulatedInstance) readBody() bool {
	var data []byte
	used, done := len(in.in), false
	if in.req.Body.Kind == http1.Sized {
		used = int(min(int64(used), in.req.Body.Length-int64(in.got)))
		data = in.in[:used]
		done = int64(in.got+used) == in.req.Body.Length
	} else {
		var err *http1.Error
		if data, used, done, err = in.chunks.Next(in.in); err != nil {
			in.s.problem("%s got a broken chunk of %s: %s", in.name, in.x.id, err.Reason)
			return false
		}
	}
	if !in.x.spoiled && !bytes.Equal(data, text("u", in.x.id, in.got, len(data))) {
		in.s.problem("%s got bytes at %d that are not of %s: %.60q", in.name, in.got, in.x.id, data)
		return false
	}
	in.got += len(data)
	in.in = in.in[used:]
	if done {
		in.reading = false
		if in.got != in.x.size && !in.x.spoiled {
			in.s.problem("%s got %d bytes for the body of %s, want %d", in.name, in.got, in.x.id, in.x.size)
		}
		in.bodyEnd()
		in.said()
	}
	return true
}

// prepare decides on the answer.
func (in *simulatedInstance) prepare() {
	s, x := in.s, in.x
	in.then = nextRequest
	size := s.some(4000)
	if s.once(20) {
		size = 100_000 + s.some(500_000)
	}
	if x.upgrade && !s.once(4) {
		in.switches()
		return
	}
	out := []byte(nil)
	if s.once(4) {
		out = append(out, "HTTP/1.1 103 Early Hints\r\nX-Id: "+x.id+"\r\n\r\n"...)
	}
	if x.expects && s.once(2) {
		out = append(out, "HTTP/1.1 100 Continue\r\n\r\n"...)
	}
	status, minor := 200, 1
	switch {
	case s.once(10):
		status = 204
	case s.once(10):
		status = 304
	case s.once(10):
		status = 500
	case s.once(10):
		minor, in.then = 0, nextClose
	}
	out = append(out, fmt.Sprintf("HTTP/1.%d %d So\r\nX-Id: %s\r\nX-Len: %d\r\n", minor, status, x.id, size)...)
	bodied := status != 204 && status != 304 && x.method != "HEAD"
	body := text("d", x.id, 0, size)
	if s.once(8) && in.then == nextRequest {
		in.then = nextClose
		out = append(out, "Connection: close\r\n"...)
	}
	switch kind := s.rng.IntN(3); {
	case kind == 0 && minor == 1 && status != 204:
		out = append(out, "Transfer-Encoding: chunked\r\n\r\n"...)
		if bodied {
			out = appendChunks(s, out, body)
		}
	case kind == 1 && bodied:
		in.then = nextClose
		out = append(append(out, "\r\n"...), body...)
	case status == 204:
		out = append(out, "\r\n"...)
	default:
		out = append(out, fmt.Sprintf("Content-Length: %d\r\n\r\n", size)...)
		if bodied {
			out = append(out, body...)
		}
	}
	in.out = out
	in.mislead()
}

// mislead spoils an answer, where the simulation is not calm.
func (in *simulatedInstance) mislead() {
	s := in.s
	switch {
	case s.fault(20):
		s.note("%s will cut its answer", in.name)
		in.out = in.out[:s.rng.IntN(len(in.out)+1)]
		in.then = nextReset
		if s.once(2) {
			in.then = nextClose
			// A body that ends with the connection would look whole.
			if bytes.Contains(in.out, []byte("\r\n\r\n")) {
				in.then = nextReset
			}
		}
	case s.fault(20):
		in.out = []byte("lorem ipsum\r\n\r\n")
	case s.fault(20):
		in.out = nil
		in.then = nextNothing
	case s.fault(20) && in.then == nextRequest:
		s.note("%s will say too much", in.name)
		in.out = append(in.out, "HTTP/1.1 200 OK\r\nX-Id: stray\r\nContent-Length: 0\r\n\r\n"...)
	case s.fault(20):
		in.then = nextNothing
		in.out = in.out[:s.rng.IntN(len(in.out))]
	}
}

// switches becomes a tunnel, or to what nobody asked for.
func (in *simulatedInstance) switches() {
	token := "websocket"
	if in.s.fault(5) {
		token = "other"
	}
	in.out = fmt.Appendf(nil, "HTTP/1.1 101 So\r\nX-Id: %s\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n", in.x.id, token)
	in.out = append(in.out, text("w", in.x.id, 0, in.s.some(5000))...)
	in.tunnel = true
}

func (in *simulatedInstance) hear() {
	if !bytes.Equal(in.in, text("t", in.x.id, in.heard, len(in.in))) {
		in.s.problem("the tunnel of %s brought %s bytes that are not its own: %.60q", in.x.id, in.name, in.in)
	}
	in.heard += len(in.in)
	in.in = in.in[:0]
}

// say sends a piece of the answer.
func (in *simulatedInstance) say(n int) bool {
	if !in.answers || len(in.out) == 0 {
		in.said()
		return false
	}
	n = min(n, len(in.out))
	in.s.note("%s sends %.400q... %d", in.name, in.out[:n], n)
	in.conn.deliver(in.out[:n])
	in.out = in.out[n:]
	in.said()
	return true
}

// said does what comes behind the answer, once it is sent. An early one waits
// for the body to come in, or the other end would see a reset.
func (in *simulatedInstance) said() {
	if in.left || !in.answers || len(in.out) > 0 || in.x == nil || in.tunnel {
		return
	}
	switch in.then {
	case nextClose:
		if !in.reading || !in.s.calm {
			in.leave()
		}
	case nextReset:
		in.reset()
	case nextRequest:
		if !in.reading {
			in.x, in.answers, in.served = nil, false, true
		}
	}
}

// wrapUp does what there is to do until nothing is.
func (in *simulatedInstance) wrapUp() bool {
	switch {
	case in.left:
		return false
	case in.conn.closed:
		in.leave()
		return true
	case in.conn.connecting:
		in.conn.connected()
		return true
	}
	in.conn.room = memoryRoom
	busy := in.read(len(in.conn.out))
	busy = in.say(len(in.out)) || busy
	if over, _ := in.conn.over(); over && !in.left {
		in.leave()
		return true
	}
	return busy
}
