package lossless

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// silence is how long a stream or a WebSocket may say nothing: each speaks
// four times a second.
const silence = 15 * time.Second

// turn separates two messages on a WebSocket.
const turn = 250 * time.Millisecond

// reopenPause comes before what was cut is opened again, as EventSource does.
const reopenPause = 100 * time.Millisecond

// lasting is a stream or a WebSocket that is being opened, or is open.
type lasting struct {
	conn     net.Conn
	in       *bufio.Reader
	host     string
	instance string
	open     bool
}

// keep has one client of a kind open, always.
func (s *Storm) keep(ctx context.Context, k Kind, use func(*lasting) error) {
	for ctx.Err() == nil {
		s.ledger.attempt(k)
		began := time.Now()
		c := &lasting{host: s.opts.Address}
		err := s.last(ctx, c, use)
		if ctx.Err() != nil {
			return
		}
		s.ledger.miss(Miss{
			Kind: k, How: ending(err), Instance: c.instance, Begun: c.open,
			From: began, Until: time.Now(), Err: err,
		})
		select {
		case <-time.After(reopenPause):
		case <-ctx.Done():
		}
	}
}

// last opens a connection and uses it until it ends, or the storm does.
func (s *Storm) last(ctx context.Context, c *lasting, use func(*lasting) error) error {
	dialing, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	conn, err := s.opts.Dial(dialing, "tcp", s.opts.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	c.conn, c.in = conn, bufio.NewReader(conn)
	return use(c)
}

// head sends a request and takes the answer's head.
func (c *lasting) head(wantStatus int, format string, args ...any) (*http.Response, error) {
	if err := c.conn.SetDeadline(time.Now().Add(silence)); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(c.conn, format, args...); err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != wantStatus {
		return nil, badStatus(response.StatusCode)
	}
	c.instance, c.open = response.Header.Get("X-Instance"), true
	return response, nil
}

type badStatus int

func (s badStatus) Error() string { return fmt.Sprintf("status %d", int(s)) }

// readEvents reads server-sent events until they end. Also an end that is well
// formed is one: the application has none.
func readEvents(c *lasting) error {
	response, err := c.head(http.StatusOK, "GET /events HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", c.host)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(response.Body)
	for {
		if err := c.conn.SetDeadline(time.Now().Add(silence)); err != nil {
			return err
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if line = strings.TrimSpace(line); line != "" && line != "data: "+c.instance {
			return fmt.Errorf("%q among the events of %s", line, c.instance)
		}
	}
}

// converse says something on a WebSocket and wants it back, over and over.
func converse(c *lasting) error {
	_, err := c.head(http.StatusSwitchingProtocols, "GET /socket HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n", c.host, socketKey)
	if err != nil {
		return err
	}
	for number := 0; ; number++ {
		if err := c.conn.SetDeadline(time.Now().Add(silence)); err != nil {
			return err
		}
		message := fmt.Sprint("message ", number)
		if err := sendText(c.conn, message); err != nil {
			return err
		}
		got, err := receiveText(c.in)
		if err != nil {
			return err
		}
		if got != message {
			return fmt.Errorf("%q comes back as %q", message, got)
		}
		if err := c.hush(); err != nil {
			return err
		}
	}
}

// hush waits for the next turn, and sees the other side leave meanwhile.
func (c *lasting) hush() error {
	if err := c.conn.SetReadDeadline(time.Now().Add(turn)); err != nil {
		return err
	}
	_, err := c.in.Peek(1)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	case err == nil:
		_, err = receiveText(c.in)
		return fmt.Errorf("a message that nobody asked for: %w", err)
	}
	return err
}

// ending is how it ended, in a word.
func ending(err error) string {
	var status badStatus
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "eof"
	}
	return "other"
}
