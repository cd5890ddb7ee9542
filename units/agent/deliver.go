package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// maxComplaint is how much of what a failed command wrote is logged.
	maxComplaint = 512
	// maxReply bounds what is read of a URL's answer, which nobody looks at.
	maxReply = 64 << 10
	// reapTimeout is how long a command that was killed may keep its output
	// open, by a child that it left behind in another process group.
	reapTimeout = time.Second
)

// runCommand runs a hook's command with the event on its standard input. When
// ctx is done it is killed with all of its process group.
func runCommand(ctx context.Context, argv []string, input []byte) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin = bytes.NewReader(input)
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = reapTimeout
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("on_change: %s took too long and was killed", argv[0])
	}
	if line := said.lastLine(); line != "" {
		return fmt.Errorf("on_change: cannot run %s: %w: %s", argv[0], err, line)
	}
	return fmt.Errorf("on_change: cannot run %s: %w", argv[0], err)
}

// tail keeps the end of what is written to it.
type tail struct{ end []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.end = append(t.end, p...)
	if over := len(t.end) - maxComplaint; over > 0 {
		t.end = append(t.end[:0], t.end[over:]...)
	}
	return len(p), nil
}

func (t *tail) lastLine() string {
	text := strings.TrimSpace(string(t.end))
	return strings.ToValidUTF8(text[strings.LastIndexByte(text, '\n')+1:], "?")
}

// stayPut follows no redirect: an event goes where the spec says.
func stayPut(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// post sends the event to a hook's URL. What it says of a failure names the
// host alone: the rest of such a URL is often a secret.
func post(ctx context.Context, to string, input []byte) error {
	host := "the URL"
	if u, err := url.Parse(to); err == nil {
		host = u.Host
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(input))
	if err != nil {
		return fmt.Errorf("on_change: cannot post to %s: it is no URL", host)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "webstack-agent")
	client := http.Client{CheckRedirect: stayPut}
	resp, err := client.Do(req)
	if err != nil {
		var wire *url.Error
		if errors.As(err, &wire) {
			err = wire.Err
		}
		return fmt.Errorf("on_change: cannot post to %s: %w", host, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxReply)) // for the next post's sake
	if resp.StatusCode >= 300 {
		return fmt.Errorf("on_change: %s answered %s", host, resp.Status)
	}
	return nil
}
