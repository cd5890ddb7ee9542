package load

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// connection is one client connection and how much it has brought.
type connection struct {
	raw      net.Conn
	buffered *bufio.Reader
	received int64 // bytes that ever came
	ended    error // what the last read ended with
}

// silentEnd is the end of a connection before the first byte of an answer.
type silentEnd struct{ err error }

func (e *silentEnd) Error() string { return "no byte of an answer: " + e.err.Error() }
func (e *silentEnd) Unwrap() error { return e.err }

// malformed is an answer that is none.
type malformed struct{ err error }

func (e *malformed) Error() string { return "malformed answer: " + e.err.Error() }
func (e *malformed) Unwrap() error { return e.err }

// wrongStatus is a whole answer that is not the wanted one.
type wrongStatus struct{ code int }

func (e *wrongStatus) Error() string { return fmt.Sprintf("status %d", e.code) }

func newConnection(raw net.Conn) *connection {
	c := &connection{raw: raw}
	c.buffered = bufio.NewReader(c)
	return c
}

// Read counts on behalf of the buffer above it.
func (c *connection) Read(p []byte) (int, error) {
	n, err := c.raw.Read(p)
	c.received += int64(n)
	c.ended = err
	return n, err
}

// closed says that the other side has ended the connection, as far as this
// side has heard.
func (c *connection) closed() bool {
	socket, ok := c.raw.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	over := false
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		over = n == 0 && err == nil || err != nil && err != syscall.EAGAIN
		return true
	})
	return over || err != nil
}

// ask sends a request and reads the whole answer.
func (c *connection) ask(request []byte, method string, deadline time.Time) (*http.Response, []byte, error) {
	if err := c.raw.SetDeadline(deadline); err != nil {
		return nil, nil, err
	}
	if left := c.buffered.Buffered(); left > 0 {
		return nil, nil, &malformed{fmt.Errorf("%d bytes that nobody asked for", left)}
	}
	before := c.received
	// A server may answer and close before it has read all: what it said
	// counts, and a failed write only when it said nothing.
	_, writeErr := c.raw.Write(request)
	head, err := http.ReadResponse(c.buffered, &http.Request{Method: method})
	if err != nil {
		return nil, nil, c.explain(before, errors.Join(writeErr, err))
	}
	defer head.Body.Close()
	body, err := io.ReadAll(head.Body)
	if err != nil {
		return nil, nil, c.explain(before, err)
	}
	if method != http.MethodHead && head.ContentLength > int64(len(body)) {
		return nil, nil, io.ErrUnexpectedEOF
	}
	return head, body, nil
}

// explain tells apart an end, a silence and nonsense.
func (c *connection) explain(before int64, err error) error {
	var network net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case c.received == before:
		return &silentEnd{err}
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case c.ended != nil:
		// The parser complains about a line that the end has cut.
		return fmt.Errorf("%w: %w", err, c.ended)
	}
	return &malformed{err}
}
