package nethttp

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
)

// maxInterim is how many 1xx an instance may send before its answer.
const maxInterim = 32

var errInterim = fmt.Errorf("%w: more than %d interim answers", errGarbage, maxInterim)

// relayBuffers are what answers are copied through.
type relayBuffers struct{ pool sync.Pool }

const relayBuffer = 32 << 10

func (p *relayBuffers) get() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, relayBuffer)
	return &b
}

func (p *relayBuffers) put(b *[]byte) { p.pool.Put(b) }

// forwardInterim passes on a 1xx: not 100, for what the client expects is
// answered here, and none to HTTP/1.0 (RFC 9110 section 15.2).
func (x *exchange) forwardInterim(h *answerHead) {
	if h.status == http.StatusContinue || !x.r.ProtoAtLeast(1, 1) {
		return
	}
	x.put(header.AppendResponse(nil, h.fields, nil, &header.Relay{Vars: &x.vars}))
	x.w.WriteHeader(h.status)
	clear(x.head())
}

// relay passes an answer on, as it comes. It says whether the connection
// behind it can serve another request.
func (x *exchange) relay(b *backend, h *answerHead, u *upload, in *balance.Instance) bool {
	defer u.end()
	x.put(header.AppendResponse(nil, h.fields, x.route.ResponseHeaders, &header.Relay{
		Date: httpDate(time.Now()),
		Vars: &x.vars,
	}))
	if h.length >= 0 && h.status != http.StatusNoContent {
		x.head().Set("Content-Length", strconv.FormatInt(h.length, 10))
	}
	if eventStream(h) {
		x.s.long.add(x)
		defer x.s.long.remove(x)
	}
	x.begin(h.status)
	body := newAnswerBody(b.br, h, x.r.Method)
	if err := x.copyAnswer(b, body); err != nil {
		if x.ctx.Err() == nil {
			x.s.log.Warn("an answer was broken off", "instance", in.ID, "phase", balance.Broken.String(), "error", errno(err))
		}
		u.end()
		if h.length < 0 && !x.r.ProtoAtLeast(1, 1) {
			// Without a length and chunks, a close would be its proper end.
			x.conn.resetOnClose()
		}
		x.abandon()
	}
	// Bytes behind the answer are nobody's: the connection is done for.
	return u.end() && body.whole && !h.close && b.br.Buffered() == 0
}

// eventStream says that the answer has no end of its own.
func eventStream(h *answerHead) bool {
	kind, _, _ := strings.Cut(h.field("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/event-stream")
}

// copyAnswer copies the body and flushes whenever the instance has paused. An
// error is the instance's, or the client's, which needs no answer any more.
func (x *exchange) copyAnswer(b *backend, body *answerBody) error {
	if body.whole {
		return nil
	}
	if b.br.Buffered() == 0 {
		_ = x.rc.Flush()
	}
	buf := x.s.buffers.get()
	defer x.s.buffers.put(buf)
	for {
		b.readWithin(x.route.IdleTimeout)
		n, err := body.Read(*buf)
		if n > 0 {
			if _, err := x.w.Write((*buf)[:n]); err != nil {
				x.gone()
			}
			if !body.whole && b.br.Buffered() == 0 {
				_ = x.rc.Flush()
			}
		}
		if err == io.EOF || err == nil && body.whole {
			return nil
		}
		if err != nil {
			_ = x.rc.Flush() // what came is the client's
			return err
		}
	}
}
