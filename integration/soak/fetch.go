package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Sizes of what is fetched.
const (
	smallest = 64 << 10 // small answers have less
	largest  = 8 << 20
)

func getBytes(version, connection string, seed uint64, n int64, chunked bool) string {
	query := fmt.Sprintf("n=%d&seed=%d", n, seed)
	if chunked {
		query += "&chunked=1"
	}
	return fmt.Sprintf("GET /bytes?%s HTTP/%s\r\nHost: soak.example\r\nConnection: %s\r\n\r\n", query, version, connection)
}

// keepAlive makes many requests on each of its connections, some of them late.
func (a *actor) keepAlive() {
	n, seed, chunked := a.rng.Int64N(smallest), a.seed(), a.rng.IntN(2) == 0
	x := a.exchange(true, "GET of %d octets", n)
	if a.conn == nil || a.conn.requests == 0 {
		c, err := a.dial()
		if err != nil {
			a.settle(x, err)
			return
		}
		c.requests = 50 + a.rng.IntN(450)
	}
	a.conn.requests--
	if err := a.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		a.settle(x, err)
		return
	}
	if a.rng.IntN(10) == 0 {
		x.what = "GET of a late answer"
		a.settle(x, x.late(a.conn, a.rng.IntN(300)))
		return
	}
	a.settle(x, x.get(a.conn, getBytes("1.1", "keep-alive", seed, n, chunked), seed, n))
}

func (x *exchange) late(c *connection, ms int) error {
	if _, err := fmt.Fprintf(c, "GET /late?ms=%d HTTP/1.1\r\nHost: soak.example\r\n\r\n", ms); err != nil {
		return timely(err)
	}
	response, err := x.head(c, http.MethodGet)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	if err == nil && string(text) != "late\n" {
		return &wrong{fmt.Sprintf("the late answer is %q", text)}
	}
	return timely(err)
}

// closing uses one connection for each request, by two versions.
func (a *actor) closing() {
	n, seed := a.rng.Int64N(smallest), a.seed()
	x := a.exchange(true, "GET of %d octets on a connection of its own", n)
	version := "1.1"
	if a.rng.IntN(3) == 0 {
		version = "1.0"
	}
	c, err := a.dial()
	if err == nil {
		err = x.get(c, getBytes(version, "close", seed, n, false), seed, n)
	}
	if err == nil {
		if _, more := c.in.ReadByte(); more != io.EOF {
			err = &wrong{fmt.Sprintf("the connection goes on after close: %v", more)}
		}
	}
	a.settle(x, err)
}

// pipelined sends several requests at once; the answers come in their order.
func (a *actor) pipelined() {
	const depth = 4
	x := a.exchange(true, "%d GETs at once", depth)
	c, err := a.dial()
	if err != nil {
		a.settle(x, err)
		return
	}
	var all strings.Builder
	var seeds [depth]uint64
	var lengths [depth]int64
	for i := range depth {
		seeds[i], lengths[i] = a.seed(), a.rng.Int64N(smallest)
		all.WriteString(getBytes("1.1", "keep-alive", seeds[i], lengths[i], i%2 == 0))
	}
	_, err = io.WriteString(c, all.String())
	for i := 0; i < depth && err == nil; i++ {
		x.status, x.instance = 0, ""
		err = x.get(c, "", seeds[i], lengths[i])
	}
	a.settle(x, err)
	a.hangUp()
	a.pause(20 * time.Millisecond)
}

// download fetches much.
func (a *actor) download() {
	n, seed := a.rng.Int64N(largest), a.seed()
	x := a.exchange(true, "GET of %d octets", n)
	c, err := a.dial()
	if err == nil {
		err = x.get(c, getBytes("1.1", "keep-alive", seed, n, a.rng.IntN(2) == 0), seed, n)
	}
	a.settle(x, err)
}

// file fetches one that the proxy serves itself, which no killed instance
// excuses.
func (a *actor) file() {
	i := a.rng.IntN(len(files))
	x := a.exchange(true, "GET of the file %s", files[i].name)
	c, err := a.dial()
	if err == nil {
		err = x.get(c, "GET /files/"+files[i].name+" HTTP/1.1\r\nHost: soak.example\r\n\r\n", files[i].seed, files[i].length)
	}
	a.settle(x, sternly(err))
	a.pause(10 * time.Millisecond)
}

// sternly makes an error one that nothing excuses.
func sternly(err error) error {
	if err == nil {
		return nil
	}
	return &wrong{err.Error()}
}

// slowReader takes a download in sips, from a small buffer.
func (a *actor) slowReader() {
	const (
		n    = 256 << 10
		sip  = 8 << 10
		rest = 10 * time.Millisecond
	)
	seed := a.seed()
	x := a.exchange(true, "GET of %d octets, read slowly", n)
	c, err := a.dial()
	if err != nil {
		a.settle(x, err)
		return
	}
	if narrow, ok := c.Conn.(interface{ SetReadBuffer(int) error }); ok {
		_ = narrow.SetReadBuffer(sip)
	}
	if _, err := io.WriteString(c, getBytes("1.1", "close", seed, n, a.rng.IntN(2) == 0)); err != nil {
		a.settle(x, timely(err))
		return
	}
	response, err := x.head(c, http.MethodGet)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{slowly{response.Body, sip, rest}, response.Body}
		err = x.body(response, seed, n)
	}
	a.settle(x, err)
}

// slowly reads a little at a time.
type slowly struct {
	io.Reader
	sip  int
	rest time.Duration
}

func (s slowly) Read(p []byte) (int, error) {
	time.Sleep(s.rest)
	return s.Reader.Read(p[:min(len(p), s.sip)])
}
