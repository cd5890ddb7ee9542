package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// dialTimeout bounds the connecting: the proxy is on this machine.
const dialTimeout = 2 * time.Second

// maxAnswer bounds what the client reads: thousands of instances fit.
const maxAnswer = 16 << 20

const (
	// attempts is how often a call is made whose connection ends without an
	// answer, as it does where the proxy has just gone: the next one finds
	// nobody, or the next process. What a call asks for may be asked for twice.
	attempts = 3
	// attemptWait is the pause between two.
	attemptWait = 20 * time.Millisecond
)

// ErrNotRunning: the socket is not there, or nobody listens, or who listens
// has come to its end. It is a state of the proxy and not a fault.
var ErrNotRunning = errors.New("the proxy is not running")

// ErrNotPermitted: neither root nor in the admin group.
var ErrNotPermitted = errors.New("not permitted to use the control socket")

// Rejected is a reload whose config was refused; nothing was changed.
type Rejected struct {
	// Generation is what is served on.
	Generation int
	Reason     string
}

func (r *Rejected) Error() string { return r.Reason }

// Client asks a proxy over its control socket. Every call is bounded by its
// context.
type Client struct {
	path string
	http http.Client
}

// NewClient makes a client of the socket at path; it connects at each call.
func NewClient(path string) *Client {
	d := net.Dialer{Timeout: dialTimeout}
	return &Client{path: path, http: http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", path)
		},
	}}}
}

// Status asks how the proxy is.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	var st Status
	return &st, c.call(ctx, http.MethodGet, "/v1/status", nil, &st)
}

// StatusOf asks how one instance is, which a gate does often: of hundreds of
// instances the whole status would be too much to ask for.
func (c *Client) StatusOf(ctx context.Context, id string) (*Status, error) {
	var st Status
	return &st, c.call(ctx, http.MethodGet, "/v1/status?"+url.Values{"instance": {id}}.Encode(), nil, &st)
}

// Reload has the proxy read its config anew; *[Rejected] where it refused it.
func (c *Client) Reload(ctx context.Context) (*ReloadResult, error) {
	var result ReloadResult
	if err := c.call(ctx, http.MethodPost, "/v1/reload", nil, &result); err != nil {
		return nil, err
	}
	if result.Error != "" {
		return nil, &Rejected{Generation: result.Generation, Reason: result.Error}
	}
	return &result, nil
}

// Drain gives an instance nothing new until its By undrains it, or its lease
// is over.
func (c *Client) Drain(ctx context.Context, d DrainRequest) (*Status, error) {
	return c.change(ctx, "/v1/drain", d)
}

// Undrain takes an instance back as far as its By kept it out, or altogether
// where By is "".
func (c *Client) Undrain(ctx context.Context, d DrainRequest) (*Status, error) {
	return c.change(ctx, "/v1/undrain", d)
}

// Report says what systemd knows of instances.
func (c *Client) Report(ctx context.Context, r ReportRequest) (*ReportResult, error) {
	var result ReportResult
	return &result, c.call(ctx, http.MethodPost, "/v1/report", r, &result)
}

// Pause has an upstream's requests wait, Resume ends that.
func (c *Client) Pause(ctx context.Context, p PauseRequest) (*Status, error) {
	return c.change(ctx, "/v1/pause", p)
}

// Resume gives the requests of a paused upstream to its instances again.
func (c *Client) Resume(ctx context.Context, p PauseRequest) (*Status, error) {
	return c.change(ctx, "/v1/resume", p)
}

// Maintenance has a site answer 503 with its page, or ends that.
func (c *Client) Maintenance(ctx context.Context, m MaintenanceRequest) (*Status, error) {
	return c.change(ctx, "/v1/maintenance", m)
}

// change sends a document whose answer is how the proxy is then.
func (c *Client) change(ctx context.Context, path string, in any) (*Status, error) {
	var st Status
	return &st, c.call(ctx, http.MethodPost, path, in, &st)
}

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("cannot ask the proxy: %w", err)
		}
	}
	sent := sentNow() // once: another attempt says nothing newer
	for n := 1; ; n++ {
		err := c.attempt(ctx, method, path, sent, body, out)
		if n == attempts || !cutOff(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(attemptWait):
		}
	}
}

// cutOff says that a connection was made and ended without an answer. Package
// http has several errors for that, and one without a name for a connection
// that ended before the request was written.
func cutOff(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	var asking *url.Error
	return errors.As(err, &asking) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func (c *Client) attempt(ctx context.Context, method, path, sent string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://webstack"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("cannot ask the proxy: %w", err)
	}
	req.Header.Set(sentHeader, sent)
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unreached(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("cannot read the proxy's answer: %w", err)
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusUnprocessableEntity:
		if err := json.Unmarshal(data, out); err != nil {
			return fmt.Errorf("cannot read the proxy's answer: %w", err)
		}
		return nil
	}
	return c.problem(resp, data)
}

// problem is the error that an answer says.
func (c *Client) problem(resp *http.Response, data []byte) error {
	if resp.StatusCode == http.StatusForbidden {
		return fmt.Errorf("%w %s", ErrNotPermitted, c.path)
	}
	var p Problem
	if err := json.Unmarshal(data, &p); err != nil || p.Error == "" {
		return fmt.Errorf("the proxy answered %s", resp.Status)
	}
	if p.Error == ErrStopping.Error() {
		return fmt.Errorf("%w: %w", ErrNotRunning, ErrStopping)
	}
	return errors.New(p.Error)
}

// unreached tells the states apart in which there was no answer.
func (c *Client) unreached(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return ErrNotRunning
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w %s", ErrNotPermitted, c.path)
	}
	return fmt.Errorf("cannot ask the proxy: %w", err)
}
