package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// largestUpload is below the spec's max_body.
const largestUpload = 1 << 20

// upload posts a payload of known length; some wait for leave to send it.
func (a *actor) upload() {
	n, seed := a.rng.Int64N(largestUpload), a.seed()
	x := a.exchange(false, "POST of %d octets", n)
	c, err := a.dial()
	if err != nil {
		a.settle(x, err)
		return
	}
	head := fmt.Sprintf("POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: %d\r\n", n)
	ask := a.rng.IntN(3) == 0
	if ask {
		x.what += " with Expect"
		head += "Expect: 100-continue\r\n"
	}
	_, err = io.WriteString(c, head+"\r\n")
	if err == nil && ask {
		err = x.awaitLeave(c)
	}
	if err == nil {
		_, err = io.Copy(c.Conn, payload(seed, n))
	}
	a.settle(x, x.sum(c, err, seed, n))
}

// awaitLeave reads the 100, or leaves a final answer to be read.
func (x *exchange) awaitLeave(c *connection) error {
	const interim = "HTTP/1.1 100"
	begin, err := c.in.Peek(len(interim))
	if err != nil {
		return timely(err)
	}
	if string(begin) != interim {
		return nil // sending on is allowed, and the answer is read after it
	}
	_, err = http.ReadResponse(c.in, nil)
	return timely(err)
}

// sum reads the answer to an upload. A server may have answered before it has
// read all (RFC 9112, section 9.5): what it said counts before a failed write.
func (x *exchange) sum(c *connection, sent error, seed uint64, n int64) error {
	response, err := x.head(c, http.MethodPost)
	if err != nil {
		if sent != nil && x.status == 0 {
			return timely(sent)
		}
		return err
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return timely(err)
	}
	if want := fmt.Sprintf("%d %s\n", n, checksum(seed, n)); string(text) != want {
		return &wrong{fmt.Sprintf("what arrived is %q, what was sent is %q", text, want)}
	}
	return nil
}

// uploadChunked posts a payload in chunks of many lengths.
func (a *actor) uploadChunked() {
	n, seed := a.rng.Int64N(largestUpload), a.seed()
	x := a.exchange(false, "POST of %d octets in chunks", n)
	c, err := a.dial()
	if err == nil {
		_, err = io.WriteString(c, "POST /sum HTTP/1.1\r\nHost: soak.example\r\nTransfer-Encoding: chunked\r\n\r\n")
	}
	if err != nil {
		a.settle(x, timely(err))
		return
	}
	out, body := bufio.NewWriterSize(c, 16<<10), payload(seed, n)
	for left := n; left > 0 && err == nil; {
		size := min(1+a.rng.Int64N(32<<10), left)
		fmt.Fprintf(out, "%x\r\n", size)
		_, err = io.CopyN(out, body, size)
		_, _ = io.WriteString(out, "\r\n")
		left -= size
	}
	_, _ = io.WriteString(out, "0\r\n\r\n")
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	a.settle(x, x.sum(c, err, seed, n))
}

// slowHead sends its head in pieces, well in time.
func (a *actor) slowHead() {
	const (
		pieces = 20
		rest   = 25 * time.Millisecond
	)
	n, seed := a.rng.Int64N(smallest), a.seed()
	x := a.exchange(true, "GET whose head comes in %d pieces", pieces)
	c, err := a.dial()
	head := getBytes("1.1", "close", seed, n, false)
	for i := 0; i < pieces && err == nil; i++ {
		_, err = io.WriteString(c, head[len(head)*i/pieces:len(head)*(i+1)/pieces])
		time.Sleep(rest)
	}
	took := time.Since(x.begin)
	if err == nil {
		err = x.get(c, "", seed, n)
	}
	a.settle(x, x.ownFault(timely(err), took, headTimeout))
}

// ownFault passes over a timeout of a client that was itself too slow, for
// want of a core to run on.
func (x *exchange) ownFault(err error, took, limit time.Duration) error {
	if took < limit || x.status != http.StatusRequestTimeout {
		return err
	}
	x.left = true
	return nil
}

// slowBody sends its body in pieces, well in time.
func (a *actor) slowBody() {
	const (
		n      = 20_000
		pieces = 20
		rest   = 25 * time.Millisecond
	)
	seed := a.seed()
	x := a.exchange(false, "POST whose body comes in %d pieces", pieces)
	c, err := a.dial()
	if err == nil {
		_, err = fmt.Fprintf(c, "POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: %d\r\n\r\n", n)
	}
	body := payload(seed, n)
	for i := 0; i < pieces && err == nil; i++ {
		_, err = io.CopyN(c.Conn, body, n/pieces)
		time.Sleep(rest)
	}
	if c == nil {
		a.settle(x, err)
		return
	}
	took := time.Since(x.begin)
	a.settle(x, x.ownFault(x.sum(c, err, seed, n), took, bodyTimeout))
}

// stalledHead sends half a head and no more: it is answered by 408 or by the
// end, and never waited for.
func (a *actor) stalledHead() {
	x := a.exchange(false, "half a head")
	a.stall(x, "GET /bytes?n=1 HTTP/1.1\r\nHost: soak.exa", headTimeout)
}

// stalledBody does the same with a body.
func (a *actor) stalledBody() {
	x := a.exchange(false, "half a body")
	a.stall(x, "POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: 1000\r\n\r\n"+strings.Repeat("x", 500), bodyTimeout)
}

// stall says what it has to say and waits for what the proxy makes of it.
func (a *actor) stall(x *exchange, text string, limit time.Duration) {
	c, err := a.dial()
	if err == nil {
		err = c.SetDeadline(time.Now().Add(limit + patience))
	}
	if err == nil {
		_, err = io.WriteString(c, text)
	}
	if err == nil {
		err = x.refused(c, http.StatusRequestTimeout)
	}
	if err == nil && time.Since(x.begin) < limit*9/10 {
		err = errors.New("it was given up before its time")
	}
	a.settle(x, err)
}
