package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// patience bounds one exchange: what takes longer hangs. It is long, for the
// machine may be busy with other things.
const patience = 30 * time.Second

// actor is one client.
type actor struct {
	name    string
	address string
	ledger  *ledger
	rng     *rand.Rand
	conn    *connection
}

// part is what actors of one name do, once.
type part struct {
	name  string
	count int
	act   func(*actor)
}

// parts are all, with how many of each there are at once.
var parts = []part{
	{"keepalive", 6, (*actor).keepAlive},
	{"close", 3, (*actor).closing},
	{"pipelined", 2, (*actor).pipelined},
	{"download", 3, (*actor).download},
	{"files", 2, (*actor).file},
	{"upload", 3, (*actor).upload},
	{"chunked", 2, (*actor).uploadChunked},
	{"events", 4, (*actor).events},
	{"tunnel", 4, (*actor).tunnel},
	{"slow-head", 2, (*actor).slowHead},
	{"slow-body", 2, (*actor).slowBody},
	{"slow-reader", 2, (*actor).slowReader},
	{"no-head", 2, (*actor).stalledHead},
	{"no-body", 2, (*actor).stalledBody},
	{"malformed", 2, (*actor).malformed},
	{"leaver", 3, (*actor).leave},
}

// run acts until ctx ends; the exchange under way is finished.
func (a *actor) run(ctx context.Context, act func(*actor)) {
	for ctx.Err() == nil {
		act(a)
	}
	a.hangUp()
}

// connection is one, with what was read ahead.
type connection struct {
	net.Conn
	in *bufio.Reader
	// requests are how many more it is used for.
	requests int
}

// dial opens a connection that has to be done with in time.
func (a *actor) dial() (*connection, error) {
	a.hangUp()
	raw, err := net.DialTimeout("tcp", a.address, patience)
	if err != nil {
		return nil, err
	}
	a.conn = &connection{Conn: raw, in: bufio.NewReader(raw), requests: 1}
	return a.conn, raw.SetDeadline(time.Now().Add(patience))
}

func (a *actor) hangUp() {
	if a.conn != nil {
		a.conn.Close()
		a.conn = nil
	}
}

// reset ends the connection as a crash does: RST, whatever is under way.
func (a *actor) reset() {
	if a.conn != nil {
		_ = a.conn.Conn.(*net.TCPConn).SetLinger(0)
		a.hangUp()
	}
}

// exchange is an actor's next, as it begins.
func (a *actor) exchange(repeatable bool, format string, args ...any) *exchange {
	return &exchange{actor: a.name, what: fmt.Sprintf(format, args...), begin: time.Now(), repeatable: repeatable}
}

// settle enters it; a connection with an error is not used again.
func (a *actor) settle(x *exchange, err error) {
	x.end, x.err = time.Now(), err
	if err != nil {
		a.hangUp()
	}
	a.ledger.add(*x)
}

// wrongStatus is a whole answer that is not the wanted one. It may be excused.
type wrongStatus int

func (s wrongStatus) Error() string { return fmt.Sprintf("status %d", int(s)) }

// head reads the head of an answer that should be a 200, and the interim ones
// before it.
func (x *exchange) head(c *connection, method string) (*http.Response, error) {
	for {
		response, err := http.ReadResponse(c.in, &http.Request{Method: method})
		if err != nil {
			return nil, timely(err)
		}
		if response.StatusCode == http.StatusContinue {
			continue
		}
		x.status, x.instance = response.StatusCode, response.Header.Get(instanceHeader)
		if response.StatusCode != http.StatusOK {
			_, _ = io.Copy(io.Discard, response.Body)
			return nil, wrongStatus(response.StatusCode)
		}
		return response, nil
	}
}

// body makes sure that the answer's is the payload. One that is short and
// says nothing of it is wrong, whoever was killed.
func (x *exchange) body(response *http.Response, seed uint64, n int64) error {
	c := &comparing{want: payload(seed, n)}
	if _, err := io.Copy(c, response.Body); err != nil {
		return timely(err)
	}
	if c.at != n {
		return &wrong{fmt.Sprintf("the body ends well after %d octets of %d", c.at, n)}
	}
	return nil
}

// get is a whole exchange for a payload.
func (x *exchange) get(c *connection, request string, seed uint64, n int64) error {
	if _, err := io.WriteString(c, request); err != nil {
		return timely(err)
	}
	response, err := x.head(c, http.MethodGet)
	if err != nil {
		return err
	}
	if err := x.body(response, seed, n); err != nil {
		return err
	}
	if response.Close {
		c.requests = 0
	}
	return nil
}

// timely turns the passing of the deadline into what nothing excuses.
func timely(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return &wrong{fmt.Sprintf("it hangs: %v", err)}
	}
	return err
}

// seed is one for a payload, small enough for a URL.
func (a *actor) seed() uint64 { return a.rng.Uint64N(1 << 32) }

// pause waits from nothing to most.
func (a *actor) pause(most time.Duration) {
	time.Sleep(time.Duration(a.rng.Int64N(int64(most) + 1)))
}
