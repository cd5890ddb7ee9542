package engine

import (
	"bytes"
	"fmt"
	"syscall"

	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/http1"
	"github.com/webstack/webstack/proxy/loop"
)

// simulatedClient is one client connection: what it sends, and how it reads
// what it gets.
type simulatedClient struct {
	s    *simulation
	at   int
	conn *memory
	// wire is all that it has to say, sent how much of it is said.
	wire []byte
	sent int
	// asked are its requests; those before next have their answers.
	asked []*simulated
	next  int
	// pipelines: it does not wait for an answer before the next request.
	pipelines bool

	in []byte // come, and not understood yet
	// head is the answer that is coming, reading says that it is its body.
	head    http1.Response
	reading bool
	chunks  http1.ChunkReader
	got     int
	// from and length are what the answer says of itself; own: the proxy's.
	from   string
	length int
	own    bool
	// last: an answer said that there will be no other; invited: a 100 came.
	last, invited bool
	tunnel        bool
	tunnelled     int
	// left: it went away by itself.
	left, halfClosed bool
}

// newClient is a connection in the place of the i-th.
func (s *simulation) newClient(i int) {
	d := s.scripts[s.rng.IntN(len(s.scripts))]
	c := &simulatedClient{s: s, at: i, conn: d.newStream(), pipelines: s.once(3)}
	if s.once(3) {
		c.conn.room = 1 + s.some(3000)
	}
	for range 1 + s.rng.IntN(3) {
		if !c.ask() {
			break
		}
	}
	if i < len(s.clients) {
		s.clients[i] = c
	} else {
		s.clients = append(s.clients, c)
	}
	s.note("client %d connects", i)
	l := s.listeners[0]
	for _, other := range s.listeners {
		if other.worker == d.worker {
			l = other
		}
	}
	d.Post(func() { d.worker.accepted(d.worker.newClient(), l, c.conn, peerAddress(i)) })
}

// ask puts one more request behind what there is to say. It is false where
// none can follow.
func (c *simulatedClient) ask() bool {
	s := c.s
	s.ids++
	x := &simulated{
		id: fmt.Sprintf("e%04d", s.ids), minor: 1, begins: len(c.wire),
		method: []string{"GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "PATCH"}[s.rng.IntN(8)],
	}
	s.exchanges[x.id] = x
	c.asked = append(c.asked, x)
	switch {
	case s.once(8):
		x.minor = 0
	case s.once(10):
		x.upgrade, x.method = true, "GET"
	}
	if !x.upgrade && (x.method != "GET" && x.method != "HEAD" || s.once(10)) {
		x.size = s.some(3000)
		if s.once(15) {
			x.size = 100_000 + s.some(300_000)
		}
		x.chunked = x.minor == 1 && s.once(2)
		x.expects = x.minor == 1 && s.once(5)
	}
	x.closes = s.once(6)
	head := fmt.Sprintf("%s /x/%s HTTP/1.%d\r\nHost: h\r\nX-Test-Id: %s\r\n", x.method, x.id, x.minor, x.id)
	switch {
	case x.chunked:
		head += "Transfer-Encoding: chunked\r\n"
	case x.size > 0 || x.method == "POST":
		head += fmt.Sprintf("Content-Length: %d\r\n", x.size)
	}
	if x.expects {
		head += "Expect: 100-continue\r\n"
	}
	switch {
	case x.upgrade:
		head += "Connection: Upgrade\r\nUpgrade: websocket\r\n"
	case x.closes:
		head += "Connection: close\r\n"
	case x.minor == 0:
		head += "Connection: keep-alive\r\n"
	}
	if x.method != "HEAD" && s.fault(25) {
		// Where the method cannot be read, the answer cannot be HEAD's.
		x.spoiled = true
		head = c.spoil(head)
	}
	c.wire = append(c.wire, head+"\r\n"...)
	x.head = len(c.wire)
	c.body(x)
	x.ends = len(c.wire)
	return !x.upgrade && !x.closes && !x.spoiled
}

// spoil makes a head illegal.
func (c *simulatedClient) spoil(head string) string {
	switch c.s.rng.IntN(5) {
	case 0:
		return head + "Bad Name: x\r\n"
	case 1:
		return head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"
	case 2:
		return head + "X: a\nb\r\n"
	case 3:
		return "GARBAGE\r\n" + head
	}
	return head + "Host: other\r\n"
}

// body writes the request's body, in chunks of any size.
func (c *simulatedClient) body(x *simulated) {
	if !x.chunked {
		c.wire = append(c.wire, text("u", x.id, 0, x.size)...)
		return
	}
	c.wire = appendChunks(c.s, c.wire, text("u", x.id, 0, x.size))
	if c.s.fault(20) && x.size > 0 {
		// Somewhere in it something is wrong.
		x.spoiled = true
		at := x.head + c.s.rng.IntN(len(c.wire)-x.head)
		c.wire[at] ^= 0x40
	}
}

// appendChunks frames a body in chunks of any size, some with an extension.
func appendChunks(s *simulation, dst, body []byte) []byte {
	for len(body) > 0 {
		n := min(len(body), 1+s.some(len(body)))
		size := fmt.Sprintf("%x", n)
		if s.once(5) {
			size += ";a=b"
		}
		dst = append(append(append(append(dst, size...), "\r\n"...), body[:n]...), "\r\n"...)
		body = body[n:]
	}
	return append(dst, http1.LastChunk...)
}

// act is one thing that the client does.
func (c *simulatedClient) act() {
	s := c.s
	if over, _ := c.conn.over(); c.left || over && len(c.conn.out) == 0 {
		c.read(len(c.conn.out))
		c.judge()
		c.leave()
		if !s.ending {
			s.newClient(c.at)
		}
		return
	}
	switch n := s.rng.IntN(20); {
	case n < 9:
		c.send(1 + s.some(6000))
	case n < 18:
		c.read(1 + s.some(200_000))
	case n == 18 && c.sent == len(c.wire) && !c.tunnel && !c.halfClosed:
		switch {
		case s.once(8):
			s.note("client %d half-closes", c.at)
			c.halfClosed = true
			c.conn.finish()
		case c.next == len(c.asked) && !c.last && !c.asked[c.next-1].upgrade:
			c.ask()
		}
	case s.fault(12):
		s.note("client %d resets", c.at)
		c.left = true
		c.conn.breakDown(syscall.ECONNRESET)
	case s.fault(12):
		s.note("client %d leaves", c.at)
		c.leave()
	case s.fault(12) && c.sent < len(c.wire):
		s.note("client %d half-closes before its end", c.at)
		c.wire = c.wire[:c.sent]
		c.halfClosed = true
		c.conn.finish()
	}
}

func (c *simulatedClient) leave() {
	if !c.left {
		c.left = true
		c.conn.leave()
	}
}

// mayse is up to where the client sends before it hears something.
func (c *simulatedClient) maySend() int {
	limit := len(c.wire)
	if c.next == len(c.asked) {
		return limit
	}
	x := c.asked[c.next]
	if !c.pipelines {
		limit = min(limit, max(x.ends, x.head))
	}
	if x.expects && !c.invited && !c.s.once(10) && !c.s.ending {
		limit = min(limit, max(c.sent, x.head))
	}
	return min(limit, len(c.wire))
}

func (c *simulatedClient) send(n int) bool {
	n = min(n, c.maySend()-c.sent)
	if n <= 0 || c.halfClosed || c.left {
		return false
	}
	c.s.note("client %d sends %d bytes", c.at, n)
	c.conn.deliver(c.wire[c.sent : c.sent+n])
	c.sent += n
	return true
}

func (c *simulatedClient) read(n int) bool {
	p := c.conn.take(n)
	if len(p) == 0 {
		return false
	}
	c.s.note("client %d gets %.400q... %d", c.at, p, len(p))
	c.in = append(c.in, p...)
	for c.understand() {
		if len(c.s.problems) > 0 {
			return false
		}
	}
	return true
}

// wrapUp does what there is to do until nothing is.
func (c *simulatedClient) wrapUp() bool {
	c.conn.room = memoryRoom
	busy := c.send(len(c.wire))
	busy = c.read(len(c.conn.out)) || busy
	if over, _ := c.conn.over(); over && !c.left {
		c.judge()
		c.leave()
		return true
	}
	if c.tunnel && !c.halfClosed && c.sent == len(c.wire) {
		c.halfClosed = true
		c.conn.finish()
		return true
	}
	return busy
}

// understand takes the next part of what came, if it is all there.
func (c *simulatedClient) understand() bool {
	switch {
	case len(c.in) == 0:
		return false
	case c.tunnel:
		c.hearTunnel()
		return false
	case c.reading:
		return c.readBody()
	case c.next == len(c.asked):
		c.s.problem("client %d got an answer that it did not ask for: %.100q", c.at, c.in)
		return false
	}
	x := c.asked[c.next]
	limits := responseLimits
	// Half a head may be answered before its method is known.
	late := bytes.HasPrefix(c.in, []byte("HTTP/1.1 408"))
	n, err := c.head.Parse(c.in, x.method == "HEAD" && !late, &limits)
	switch {
	case err != nil:
		c.s.problem("client %d got no answer to %s, but %.100q (%s)", c.at, x.id, c.in, err.Reason)
		return false
	case n == 0:
		return false
	}
	c.begin(x)
	c.in = c.in[n:]
	return true
}

// begin has the head of an answer.
func (c *simulatedClient) begin(x *simulated) {
	s, r := c.s, &c.head
	c.from, c.length, c.own = "", -1, false
	for _, f := range r.Fields {
		switch {
		case header.Same(f.Name, "x-id"):
			c.from = string([]byte(f.Value))
		case header.Same(f.Name, "x-len"):
			fmt.Sscan(f.Value, &c.length)
		case header.Same(f.Name, "server"):
			c.own = f.Value == serverToken
		}
	}
	switch {
	case r.Status == 100 && !x.expects, r.Status < 200 && x.minor == 0:
		s.problem("%s got a %d that it did not ask for", x.id, r.Status)
	case r.Status == 100:
		c.invited = true
		return
	case !c.own && c.from != x.id:
		s.problem("%s got the answer of %q", x.id, c.from)
	case c.own && r.Status < 400:
		s.problem("%s got a %d of the proxy's own", x.id, r.Status)
	case s.calm && c.own:
		s.problem("%s got a %d, and nothing was wrong", x.id, r.Status)
	}
	if r.Status == 101 {
		c.tunnel = true
		if !x.upgrade {
			s.problem("%s got a tunnel that it did not ask for", x.id)
		}
		// From here on it says what has no end but its own.
		c.wire = append(c.wire, text("t", x.id, 0, s.some(5000))...)
		x.answered, x.status = true, 101
		c.next++
		return
	}
	if r.Status < 200 {
		return
	}
	c.last = c.last || !r.KeepAlive
	c.reading, c.got, c.chunks = true, 0, http1.ChunkReader{}
	if r.Body.Kind == http1.NoBody || r.Body.Kind == http1.Sized && r.Body.Length == 0 {
		c.end(x)
	}
}

// readBody takes what has come of an answer's body.
func (c *simulatedClient) readBody() bool {
	x := c.asked[c.next]
	data, used, done := c.in, len(c.in), false
	switch c.head.Body.Kind {
	case http1.Sized:
		used = int(min(int64(used), c.head.Body.Length-int64(c.got)))
		data = c.in[:used]
		done = int64(c.got+used) == c.head.Body.Length
	case http1.Chunked:
		var err *http1.Error
		if data, used, done, err = c.chunks.Next(c.in); err != nil {
			c.s.problem("%s got a broken chunk: %s", x.id, err.Reason)
			return false
		}
	}
	if !c.own && !bytes.Equal(data, text("d", x.id, c.got, len(data))) {
		c.s.problem("%s got bytes at %d that are not its own: %.60q", x.id, c.got, data)
		return false
	}
	c.got += len(data)
	c.in = c.in[used:]
	if done {
		c.end(x)
	}
	return true
}

// end has a whole answer.
func (c *simulatedClient) end(x *simulated) {
	if bodied := x.method != "HEAD" && c.head.Status != 204 && c.head.Status != 304; !c.own && bodied && c.got != c.length {
		c.s.problem("%s got %d bytes for a whole answer of %d", x.id, c.got, c.length)
	}
	c.s.note("client %d has its answer to %s: %d", c.at, x.id, c.head.Status)
	c.reading = false
	x.answered, x.status = true, c.head.Status
	c.next++
	c.invited = false
}

func (c *simulatedClient) hearTunnel() {
	x := c.asked[c.next-1]
	if !bytes.Equal(c.in, text("w", x.id, c.tunnelled, len(c.in))) {
		c.s.problem("the tunnel of %s got bytes that are not its own: %.60q", x.id, c.in)
	}
	c.tunnelled += len(c.in)
	c.in = c.in[:0]
}

// judge looks at a connection that is over, or should be: the client has a
// complete answer, an error, or sees that it has none.
func (c *simulatedClient) judge() {
	over, reset := c.conn.over()
	switch {
	case c.left || c.tunnel:
		return
	case !over:
		c.s.problem("client %d still has its connection, waiting in step %s", c.at, c.step())
		return
	case c.next == len(c.asked):
		return
	}
	x := c.asked[c.next]
	if c.last {
		for _, later := range c.asked[c.next:] {
			later.excused = !c.reading || later != x
		}
	}
	if c.reading {
		if c.head.Body.Kind == http1.UntilClose && !reset {
			c.end(x)
		}
		return
	}
	if len(c.in) == 0 && !c.last && !reset && c.sent >= x.head && c.conn.taken >= x.head && x.head > 0 && x.head <= len(c.wire) {
		c.s.problem("%s was closed on without a word", x.id)
	}
}

// step is where the engine has the connection.
func (c *simulatedClient) step() string {
	for _, d := range c.s.scripts {
		for _, list := range []*clientList{&d.worker.idle, &d.worker.busy} {
			for e := list.first; e != nil; e = e.next {
				if e.stream == stream(c.conn) {
					at, what := e.deadline()
					return fmt.Sprintf("%s, ready %b, due for %d in %v", e.step, e.ready, what, at-min(at, loop.Instant(c.s.now)))
				}
			}
		}
	}
	return "none"
}
