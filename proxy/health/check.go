package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/webstack/webstack/proxy/config"
)

const (
	// maxBody is where a text is looked for: the answer's first 64 KB.
	maxBody = 64 << 10
	// maxHead bounds the head of an answer.
	maxHead = 32 << 10
	// agent is the User-Agent field, by which an app can tell a check from
	// its users.
	agent = "webstack-health"
)

// wellByDefault is what is well where a check lists no status.
var wellByDefault = []config.StatusRange{{From: 200, To: 399}}

// Check asks the instance at an address once, within h.Timeout. Where it is
// not well the error says why.
func Check(ctx context.Context, network, address string, h config.Health) error {
	timeout := time.Duration(h.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	if h.Path == "" {
		return connect(ctx, network, address)
	}
	return get(ctx, network, address, h)
}

// connect only connects.
func connect(ctx context.Context, network, address string) error {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return because(ctx, err)
	}
	return c.Close()
}

func get(ctx context.Context, network, address string, h config.Health) error {
	target, err := url.ParseRequestURI(h.Path)
	if err != nil {
		return fmt.Errorf("cannot ask for %q: %w", h.Path, err)
	}
	target.Scheme, target.Host = "http", hostOf(network, address, h)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return fmt.Errorf("cannot ask for %q: %w", h.Path, err)
	}
	req.Header.Set("User-Agent", agent)
	// The transport is this check's alone: it knows one address, whatever the
	// Host field says, and keeps no connection.
	transport := &http.Transport{
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHead,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return because(ctx, err)
	}
	defer resp.Body.Close()
	if !isWell(resp.StatusCode, h.Status) {
		return fmt.Errorf("%s is answered with %d", h.Path, resp.StatusCode)
	}
	if h.Body == "" {
		return nil
	}
	return contains(ctx, resp.Body, h)
}

// contains looks for the text in the body.
func contains(ctx context.Context, body io.Reader, h config.Health) error {
	text, err := io.ReadAll(io.LimitReader(body, maxBody))
	switch {
	case bytes.Contains(text, []byte(h.Body)):
		return nil
	case err != nil:
		return because(ctx, err)
	}
	return fmt.Errorf("the answer to %s has no %q", h.Path, h.Body)
}

// hostOf is the Host field: a unix socket has no name of its own.
func hostOf(network, address string, h config.Health) string {
	switch {
	case h.Host != "":
		return h.Host
	case network == "unix":
		return "localhost"
	}
	return address
}

func isWell(status int, well []config.StatusRange) bool {
	if len(well) == 0 {
		well = wellByDefault
	}
	for _, r := range well {
		if r.From <= status && status <= r.To {
			return true
		}
	}
	return false
}

// because is a failure in few words: that of a dial says the address, which
// whoever reads this knows.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("cannot connect: %w", op.Err)
	}
	return fmt.Errorf("no answer: %w", err)
}
