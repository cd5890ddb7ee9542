package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// leave begins something and goes away: in order, or by a reset.
func (a *actor) leave() {
	x := a.exchange(true, "a client that leaves")
	x.left = true
	c, err := a.dial()
	if err != nil {
		a.settle(x, err)
		return
	}
	switch a.rng.IntN(6) {
	case 0:
		x.what = "a connection without a word"
	case 1:
		x.what = "a piece of a head"
		_, err = io.WriteString(c, "GET /bytes?n=1 HTTP/1.1\r\nHo")
	case 2:
		x.what = "a request whose answer nobody awaits"
		_, err = fmt.Fprintf(c, "GET /late?ms=%d HTTP/1.1\r\nHost: soak.example\r\n\r\n", a.rng.IntN(200))
	case 3:
		x.what = "a piece of an answer"
		_, err = io.WriteString(c, getBytes("1.1", "keep-alive", a.seed(), largest, a.rng.IntN(2) == 0))
		if err == nil {
			_, err = io.CopyN(io.Discard, c.in, 1+a.rng.Int64N(largest/2))
		}
	case 4:
		x.what = "a piece of an upload"
		_, err = io.WriteString(c, "POST /sum HTTP/1.1\r\nHost: soak.example\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", a.rng.IntN(90000)))
	case 5:
		x.what = "a tunnel in use"
		err = x.upgrade(c, a.rng)
		if err == nil {
			err = writeFrame(c, opBinary, 1, make([]byte, a.rng.IntN(64<<10)))
		}
	}
	a.pause(50 * time.Millisecond)
	if a.rng.IntN(2) == 0 {
		a.reset()
	}
	a.hangUp()
	a.settle(x, forgivingly(err))
}

// forgivingly passes over ends and bad answers that a client who leaves does
// not care for; hangs it still tells.
func forgivingly(err error) error {
	if _, no := err.(*wrong); no {
		return err
	}
	return nil
}
