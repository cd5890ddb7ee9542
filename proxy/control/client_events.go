package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// silence is how long a stream may say nothing: some heartbeats.
	silence = 3 * heartbeat
	// maxLine bounds one event.
	maxLine = 64 << 10
)

// ErrSilent: a stream has not even had a heartbeat.
var ErrSilent = fmt.Errorf("the proxy has said nothing for %s", silence)

// Events calls each with every event, the present state of every instance
// first (Now). It ends with nil when the proxy stops, with each's error, when
// ctx is done, and with an error where the stream broke off: what happened
// since is in the first events of the next call.
func (c *Client) Events(ctx context.Context, each func(Event) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(silence, func() { cancel(ErrSilent) })
	defer quiet.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://webstack/v1/events", nil)
	if err != nil {
		return fmt.Errorf("cannot ask the proxy: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unreached(ended(ctx, err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		if err != nil {
			return fmt.Errorf("cannot read the proxy's answer: %w", ended(ctx, err))
		}
		return c.problem(resp, data)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		quiet.Reset(silence)
		over, err := take(lines.Bytes(), each)
		if over || err != nil {
			return err
		}
	}
	err = lines.Err()
	if err == nil {
		err = errors.New("it ended without a word")
	}
	return fmt.Errorf("cannot follow the proxy's events: %w", ended(ctx, err))
}

// ended prefers the reason for which a call was given up to what came of it.
func ended(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// take hands on one line. over says that it was the last.
func take(line []byte, each func(Event) error) (over bool, err error) {
	var e Event
	if err := json.Unmarshal(line, &e); err != nil {
		return false, fmt.Errorf("cannot read the proxy's events: %w", err)
	}
	switch e.Kind {
	case EventAlive:
		return false, nil
	case EventCut:
		return false, fmt.Errorf("the proxy ended its events: %s", e.Reason)
	}
	return e.Kind == EventStop, each(e)
}
