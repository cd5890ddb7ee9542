package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// events reads a stream of them as they come.
func (a *actor) events() {
	count := 10 + a.rng.IntN(90)
	x := a.exchange(true, "a stream of %d events", count)
	c, err := a.dial()
	if err == nil {
		_, err = fmt.Fprintf(c, "GET /events?n=%d HTTP/1.1\r\nHost: soak.example\r\n\r\n", count)
	}
	if err != nil {
		a.settle(x, timely(err))
		return
	}
	response, err := x.head(c, http.MethodGet)
	if err != nil {
		a.settle(x, err)
		return
	}
	lines := bufio.NewScanner(response.Body)
	next := 0
	for lines.Scan() {
		id, is := strings.CutPrefix(lines.Text(), "id: ")
		if !is {
			continue
		}
		if id != fmt.Sprint(next) {
			a.settle(x, &wrong{fmt.Sprintf("event %d is %s", next, id)})
			return
		}
		next++
	}
	err = timely(lines.Err())
	if err == nil && next != count {
		err = &wrong{fmt.Sprintf("the stream ends well after %d events of %d", next, count)}
	}
	a.settle(x, err)
}

// tunnel opens a WebSocket and has messages said again.
func (a *actor) tunnel() {
	x := a.exchange(true, "a WebSocket")
	c, err := a.dial()
	if err == nil {
		err = x.upgrade(c, a.rng)
	}
	// Messages that are sent at once: what the proxy reads with one head or
	// frame must reach the other side in order.
	for i := 0; i < 5+a.rng.IntN(50) && err == nil; i++ {
		message := make([]byte, a.rng.IntN(8<<10))
		_, _ = io.ReadFull(payload(a.seed(), int64(len(message))), message)
		err = converse(c, message, a.rng.Uint32()|1)
		a.pause(20 * time.Millisecond)
	}
	if err == nil {
		err = goodbye(c)
	}
	a.settle(x, err)
	a.hangUp()
}

// upgrade makes the handshake, and sends a first message right behind it.
func (x *exchange) upgrade(c *connection, rng *rand.Rand) error {
	key := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%016x", rng.Uint64()))
	_, err := fmt.Fprintf(c, "GET /tunnel HTTP/1.1\r\nHost: soak.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", key)
	if err != nil {
		return timely(err)
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return timely(err)
	}
	x.status, x.instance = response.StatusCode, response.Header.Get(instanceHeader)
	if response.StatusCode != http.StatusSwitchingProtocols {
		return wrongStatus(response.StatusCode)
	}
	if got := response.Header.Get("Sec-WebSocket-Accept"); got != acceptKey(key) {
		return &wrong{fmt.Sprintf("the handshake is accepted with %q", got)}
	}
	return nil
}

// converse sends a message and reads it again.
func converse(c *connection, message []byte, mask uint32) error {
	if err := writeFrame(c, opBinary, mask, message); err != nil {
		return timely(err)
	}
	op, got, err := readFrame(c.in)
	if err != nil {
		return timely(err)
	}
	if op != opBinary || !bytes.Equal(got, message) {
		return &wrong{fmt.Sprintf("a message of %d octets comes back as %d others", len(message), len(got))}
	}
	return nil
}

// goodbye closes in order and reads the end.
func goodbye(c *connection) error {
	if err := writeFrame(c, opClose, 1, nil); err != nil {
		return timely(err)
	}
	op, _, err := readFrame(c.in)
	if err != nil {
		return timely(err)
	}
	if op != opClose {
		return &wrong{fmt.Sprintf("a close is answered by opcode %#x", op)}
	}
	if _, err := c.in.ReadByte(); err != io.EOF {
		return &wrong{fmt.Sprintf("after the close comes %v", err)}
	}
	return nil
}
