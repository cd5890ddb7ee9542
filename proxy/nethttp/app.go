package nethttp

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
)

// statusGone is what the access counters have for a client that went away
// before it was answered; nothing is sent (nginx's 499).
const statusGone = 499

// app has an instance answer, trying others as the retry rule allows.
func (x *exchange) app() {
	rt := x.route
	if rt.MaxBody > 0 && x.r.ContentLength > rt.MaxBody {
		x.tooLarge()
		return
	}
	request, token, err := x.requestHead()
	if err != nil {
		x.fail(http.StatusBadRequest, "")
		return
	}
	attempts := balance.Attempts{Method: x.r.Method, Never: rt.NeverRetry, Tries: rt.Tries}
	var tried []*balance.Instance
	in := rt.Upstream.Group.Pick(time.Now())
	if in == nil {
		x.fail(http.StatusServiceUnavailable, "")
		return
	}
	for {
		// Only the first try may be on a pooled connection: one that turned
		// out stale again would use up what the rule allows for real deaths.
		f := x.try(in, request, token, len(tried) > 0)
		if f == nil {
			return
		}
		if f.over {
			x.gone()
		}
		x.s.log.Warn("a try failed", "instance", in.ID, "phase", f.phase.String(), "error", errno(f.err))
		if f.ours {
			x.fail(http.StatusServiceUnavailable, "")
			return
		}
		tried = append(tried, in)
		action := attempts.Next(f.phase, x.replayable())
		in = x.next(action, tried)
		if in == nil {
			x.fail(finalStatus(action, f.phase), "")
			return
		}
	}
}

// next is the instance for the next try, nil where there is none.
func (x *exchange) next(action balance.Action, tried []*balance.Instance) *balance.Instance {
	switch action {
	case balance.Elsewhere, balance.Replay, balance.Fresh:
		in := x.route.Upstream.Group.Pick(time.Now(), tried...)
		if in == nil && action == balance.Fresh {
			in = tried[len(tried)-1]
		}
		return in
	}
	return nil
}

// finalStatus is the answer when nothing more is tried.
func finalStatus(action balance.Action, phase balance.Phase) int {
	if action == balance.GatewayTimeout || phase == balance.ConnectTimeout {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// replayable says that nothing of the request is lost by a try that failed.
func (x *exchange) replayable() bool { return x.r.ContentLength == 0 || x.upload == nil }

// gone ends an exchange whose client has left or whom the stop has ended.
func (x *exchange) gone() {
	x.status = statusGone
	x.abandon()
}

// requestHead writes the head that the instance gets, and the token that it
// may answer with 101 to.
func (x *exchange) requestHead() (head []byte, token string, err error) {
	rt := x.route
	target, prefix := x.vars.Target, ""
	if rt.StripPrefix {
		prefix = strings.TrimSuffix(rt.Path, "/")
		if target, err = route.Strip(target, rt.Path); err != nil {
			return nil, "", err
		}
	}
	if x.vars.Host == "" {
		x.vars.Host = hostOf(rt.Upstream.Name)
	}
	if x.r.ContentLength == 0 && x.r.ProtoAtLeast(1, 1) {
		token = header.UpgradeToken(x.fields, rt.Upgrade)
	}
	fields := header.AppendRequest(nil, x.fields, x.snap.Trust, rt.RequestHeaders, &header.Forward{
		Peer:     x.conn.peer,
		PeerText: x.conn.peerText,
		Vars:     &x.vars,
		Prefix:   prefix,
		Upgrade:  token,
	})
	head = append(head, x.r.Method+" "+target+" HTTP/1.1\r\n"...)
	head = appendFields(head, fields)
	switch {
	case x.r.ContentLength > 0:
		head = append(head, "Content-Length: "+strconv.FormatInt(x.r.ContentLength, 10)+"\r\n"...)
	case x.r.ContentLength < 0:
		head = append(head, "Transfer-Encoding: chunked\r\n"...)
	case x.r.Header.Get("Content-Length") != "":
		head = append(head, "Content-Length: 0\r\n"...)
	}
	if rt.Upstream.Dial.Keepalive == 0 && token == "" {
		head = append(head, "Connection: close\r\n"...)
	}
	return append(head, "\r\n"...), token, nil
}

// unnamed is the host of an upstream whose name is none.
const unnamed = "upstream"

// hostOf is the Host of a request of HTTP/1.0 that has none: what goes to the
// instance is HTTP/1.1, which must have one. nginx sends the upstream's name;
// the name of a list that stands in a route is its dotted key, and no host.
func hostOf(upstream string) string {
	if route.IsHostName(strings.ToLower(upstream)) {
		return upstream
	}
	return unnamed
}

func appendFields(dst []byte, fields []header.Field) []byte {
	for _, f := range fields {
		dst = append(dst, f.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

// try makes one attempt at an instance. A nil failure means that the client
// has its answer.
func (x *exchange) try(in *balance.Instance, request []byte, token string, fresh bool) (f *failure) {
	up := x.route.Upstream
	up.Group.Begin(in)
	outcome, reason := balance.Abandoned, ""
	defer func() {
		if f != nil {
			outcome, reason = f.verdict()
		}
		up.Group.End(time.Now(), in, outcome, reason)
	}()
	b, err := x.connect(in, fresh)
	if err != nil {
		f = connectFailure(err)
		f.over = x.ctx.Err() != nil
		return f
	}
	clean := false
	detach := context.AfterFunc(x.ctx, b.abort)
	defer func() {
		if detach() && clean {
			x.s.pools.keep(in, b, up.Dial)
		} else {
			b.Close()
		}
	}()
	h, u, f := x.ask(b, request, token)
	if f != nil {
		// Asked before the upload is interrupted, which net/http takes for a
		// client that has gone. Where it has failed by itself, net/http may
		// have said so before the upload could: it knows why.
		if f.over = x.ctx.Err() != nil; f.over {
			u.wait()
		} else {
			u.end()
		}
		if x.refusedUpload(u) {
			return nil
		}
		return f
	}
	outcome = balance.Answered
	up.Group.Heard(in)
	if h.status == http.StatusSwitchingProtocols {
		x.tunnel(b, h, token)
		return nil
	}
	clean = x.relay(b, h, u, in)
	return nil
}

// connect takes a connection from the pool or makes one.
func (x *exchange) connect(in *balance.Instance, fresh bool) (*backend, error) {
	if !fresh {
		if b := x.s.pools.take(in); b != nil {
			return b, nil
		}
	}
	timeout := x.route.Upstream.Dial.ConnectTimeout
	b, err := dial(x.ctx, in, timeout)
	if outOfFiles(err) {
		x.s.pools.closeIdle()
		b, err = dial(x.ctx, in, timeout)
	}
	return b, err
}

// ask sends the request and reads the head of the answer, passing on what
// interim answers come before it.
func (x *exchange) ask(b *backend, request []byte, token string) (*answerHead, *upload, *failure) {
	b.writeWithin(x.route.IdleTimeout)
	if n, err := b.Write(request); err != nil {
		return nil, nil, writeFailure(b, n, err)
	}
	var u *upload
	if x.r.ContentLength != 0 {
		u = x.startUpload(b)
	} else {
		b.awaitHeadWithin(x.route.ResponseTimeout)
	}
	for interim := 0; ; interim++ {
		h, err := readAnswerHead(b.br)
		switch {
		case err != nil:
			return nil, u, headFailure(b, interim > 0, err)
		case h.status == http.StatusSwitchingProtocols:
			if err := checkSwitch(h, token); err != nil {
				return nil, u, headFailure(b, true, err)
			}
			b.headCame()
			return h, u, nil
		case h.status >= http.StatusOK:
			b.headCame()
			return h, u, nil
		case interim == maxInterim:
			return nil, u, headFailure(b, true, errInterim)
		}
		x.forwardInterim(h)
	}
}
