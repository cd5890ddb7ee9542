package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/webstack/webstack/integration/bench/backend"
)

const (
	// wrkMargin is what wrk may take beyond its duration.
	wrkMargin = 20 * time.Second
	// answerTimeout is an answer's; one that takes longer is an error.
	answerTimeout = 8 * time.Second
	// resultMark begins the line that the script prints.
	resultMark = "result "
)

// errStandstill is that of a load without a single answer and without an
// error: on a machine that others fill, a process may wait for a core for
// seconds.
var errStandstill = errors.New("no request was answered")

// standstills in a row are forgiven; a server that hangs stands still longer.
const standstills = 5

// outcome is what wrk counted.
type outcome struct {
	Requests int64 `json:"requests"`
	Micros   int64 `json:"micros"`
	Bytes    int64 `json:"bytes"`
	Connect  int64 `json:"connect"`
	Read     int64 `json:"read"`
	Write    int64 `json:"write"`
	Status   int64 `json:"status"`
	Timeout  int64 `json:"timeout"`
}

// script makes wrk send the case's request, and print its counts.
func (c testCase) script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "wrk.method = %q\n", c.method())
	for _, f := range c.fields() {
		if f[0] == "Content-Length" {
			continue // wrk's own
		}
		fmt.Fprintf(&b, "wrk.headers[%q] = %q\n", f[0], f[1])
	}
	if c.post > 0 {
		fmt.Fprintf(&b, "wrk.body = %q\n", backend.Body(c.post))
	}
	b.WriteString(`done = function(s)
	local e = s.errors
	io.write(string.format('` + resultMark + `{"requests":%.0f,"micros":%.0f,"bytes":%.0f,' ..
		'"connect":%.0f,"read":%.0f,"write":%.0f,"status":%.0f,"timeout":%.0f}\n',
		s.requests, s.duration, s.bytes, e.connect, e.read, e.write, e.status, e.timeout))
end
`)
	return b.String()
}

// drive runs wrk for some whole seconds. Anything but right answers is an
// error.
func (c testCase) drive(ctx context.Context, dir, address string, seconds int) (outcome, error) {
	var o outcome
	script := filepath.Join(dir, c.name+".lua")
	if err := os.WriteFile(script, []byte(c.script()), 0o644); err != nil {
		return o, fmt.Errorf("cannot write wrk's script: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+wrkMargin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wrk", "-t1", fmt.Sprintf("-c%d", c.connections), fmt.Sprintf("-d%ds", seconds),
		"--timeout", fmt.Sprintf("%ds", int(answerTimeout.Seconds())), "-s", script, "http://"+address+c.path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return o, fmt.Errorf("cannot load %s: wrk: %w: %s", address, err, out)
	}
	_, line, found := bytes.Cut(out, []byte(resultMark))
	line, _, _ = bytes.Cut(line, []byte("\n"))
	if !found {
		return o, fmt.Errorf("wrk says nothing of its result: %s", out)
	}
	if err := json.Unmarshal(line, &o); err != nil {
		return o, fmt.Errorf("cannot read wrk's result: %w: %s", err, line)
	}
	if err := o.wrong(c); err != nil {
		return o, fmt.Errorf("%w: wrk says:\n%s", err, out)
	}
	return o, nil
}

// wrong is what makes the outcome unfit to be a number.
func (o outcome) wrong(c testCase) error {
	switch {
	case o.Connect+o.Read+o.Write+o.Status+o.Timeout > 0:
		return fmt.Errorf("of %d requests failed: connect %d, read %d, write %d, status %d, timeout %d",
			o.Requests, o.Connect, o.Read, o.Write, o.Status, o.Timeout)
	case o.Requests == 0:
		return errStandstill
	case o.Bytes < o.Requests*int64(c.body):
		return fmt.Errorf("%d answers came in %d octets, less than %d each", o.Requests, o.Bytes, c.body)
	}
	return nil
}

// perSecond is the throughput.
func (o outcome) perSecond() float64 { return float64(o.Requests) / float64(o.Micros) * 1e6 }
