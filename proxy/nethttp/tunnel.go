package nethttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/webstack/webstack/proxy/header"
)

// checkSwitch refuses a 101 that was not asked for, or to another protocol
// (RFC 9110 section 7.8: "A server MUST NOT switch to a protocol that was not
// indicated by the client in the corresponding request's Upgrade header
// field").
func checkSwitch(h *answerHead, token string) error {
	if token == "" {
		return fmt.Errorf("%w: 101 without a request to upgrade", errGarbage)
	}
	if got := h.field("Upgrade"); !strings.EqualFold(got, token) {
		return fmt.Errorf("%w: 101 to %.40q where %q was asked for", errGarbage, got, token)
	}
	return nil
}

// tunnel passes bytes both ways until both have ended, one has failed, or
// neither has spoken for the idle timeout.
func (x *exchange) tunnel(b *backend, h *answerHead, token string) {
	fields := header.AppendResponse(nil, h.fields, x.route.ResponseHeaders, &header.Relay{
		Date:    httpDate(time.Now()),
		Upgrade: token,
		Vars:    &x.vars,
	})
	client, rw, err := x.rc.Hijack()
	if err != nil {
		x.abandon()
	}
	defer client.Close()
	x.status = http.StatusSwitchingProtocols
	detach := context.AfterFunc(x.ctx, func() {
		client.Close()
		b.Close()
	})
	defer detach()
	x.s.long.add(x)
	defer x.s.long.remove(x)
	head := appendFields([]byte("HTTP/1.1 101 Switching Protocols\r\n"), fields)
	if _, err := client.Write(append(head, "\r\n"...)); err != nil {
		return
	}
	// Both may have spoken already: what was read ahead goes first.
	fromClient, _ := rw.Reader.Peek(rw.Reader.Buffered())
	fromInstance, _ := b.br.Peek(b.br.Buffered())
	t := &tunnelIdle{limit: x.route.IdleTimeout}
	t.touch()
	up := make(chan struct{})
	go func() {
		defer close(up)
		if t.pipe(b.Conn, client, fromClient) != nil {
			client.Close()
			b.Close()
		}
	}()
	if t.pipe(client, b.Conn, fromInstance) != nil {
		client.Close()
		b.Close()
	}
	<-up
}

// tunnelIdle is when a tunnel last passed a byte, in either direction: one
// that only one side speaks in is not idle.
type tunnelIdle struct {
	limit time.Duration
	last  atomic.Int64
}

func (t *tunnelIdle) touch() { t.last.Store(time.Now().UnixNano()) }

func (t *tunnelIdle) recent() bool {
	return time.Now().UnixNano()-t.last.Load() < int64(t.limit)
}

// pipe copies one direction, first what was read ahead. The end of src ends
// what dst gets, and leaves its other direction open.
func (t *tunnelIdle) pipe(dst, src net.Conn, ahead []byte) error {
	if len(ahead) > 0 {
		if _, err := dst.Write(ahead); err != nil {
			return err
		}
	}
	buf := make([]byte, relayBuffer)
	for {
		if err := src.SetReadDeadline(deadline(t.limit)); err != nil {
			return err
		}
		n, err := src.Read(buf)
		if n > 0 {
			t.touch()
			if err := dst.SetWriteDeadline(deadline(t.limit)); err != nil {
				return err
			}
			if _, err := dst.Write(buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == nil:
		case err == io.EOF:
			if half, ok := dst.(interface{ CloseWrite() error }); ok {
				return half.CloseWrite()
			}
			return io.EOF
		case errors.Is(err, os.ErrDeadlineExceeded) && t.recent():
		default:
			return err
		}
	}
}
