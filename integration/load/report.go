package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// firstFailures are kept word for word; the counts cover the rest.
const firstFailures = 5

// Report is what came of a load.
type Report struct {
	OK, Failed int
	// Repeated counts requests that were made twice, as the package says.
	Repeated int
	// Kinds counts the failures: refused, reset, timeout, eof, malformed,
	// other, or "status 502".
	Kinds map[string]int
	// Answered counts the good answers of each server.
	Answered map[string]int
	// First are the first failures.
	First []Failure
	// Min to Max are of good answers, from before the connect to the end of
	// the body.
	Min, P50, P99, Max time.Duration
	Took               time.Duration
}

// Failure is one request that failed.
type Failure struct {
	At   time.Time
	Kind string
	Text string
}

// Err is nil for a load that made requests and saw each one answered.
func (r Report) Err() error {
	switch {
	case r.Failed > 0:
		return fmt.Errorf("%d of %d requests failed:\n%s", r.Failed, r.OK+r.Failed, r)
	case r.OK == 0:
		return errors.New("the load made no request")
	}
	return nil
}

// String is one fact on each line, for a person and for a pattern.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "requests %d\nok %d\nfailed %d\nrepeated %d\n", r.OK+r.Failed, r.OK, r.Failed, r.Repeated)
	for _, kind := range slices.Sorted(maps.Keys(r.Kinds)) {
		fmt.Fprintf(&b, "failed by %s %d\n", kind, r.Kinds[kind])
	}
	fmt.Fprintf(&b, "latency min %s p50 %s p99 %s max %s\n", round(r.Min), round(r.P50), round(r.P99), round(r.Max))
	if r.Took > 0 {
		fmt.Fprintf(&b, "rate %.0f/s over %s\n", float64(r.OK)/r.Took.Seconds(), round(r.Took))
	}
	for _, who := range slices.Sorted(maps.Keys(r.Answered)) {
		fmt.Fprintf(&b, "answered %s %d\n", who, r.Answered[who])
	}
	for _, f := range r.First {
		fmt.Fprintf(&b, "failure %s %s: %s\n", f.At.Format("15:04:05.000"), f.Kind, f.Text)
	}
	return b.String()
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// tally is what the workers add to.
type tally struct {
	mu        sync.Mutex
	began     time.Time
	ended     time.Time // of the last request
	counts    Report
	latencies []time.Duration
}

func (t *tally) add(began, ended time.Time, got answer, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = ended
	t.counts.Repeated += got.repeats
	if err == nil {
		t.counts.OK++
		t.latencies = append(t.latencies, ended.Sub(began))
		if got.who != "" {
			if t.counts.Answered == nil {
				t.counts.Answered = map[string]int{}
			}
			t.counts.Answered[got.who]++
		}
		return
	}
	t.counts.Failed++
	if t.counts.Kinds == nil {
		t.counts.Kinds = map[string]int{}
	}
	kind := kindOf(err)
	t.counts.Kinds[kind]++
	if len(t.counts.First) < firstFailures {
		text := strings.ReplaceAll(err.Error(), "\n", ": ")
		t.counts.First = append(t.counts.First, Failure{At: ended, Kind: kind, Text: text})
	}
}

func (t *tally) report(now time.Time) Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.counts
	r.Kinds, r.Answered = maps.Clone(r.Kinds), maps.Clone(r.Answered)
	r.First = slices.Clone(r.First)
	r.Took = now.Sub(t.began)
	if sorted := slices.Sorted(slices.Values(t.latencies)); len(sorted) > 0 {
		r.Min, r.P50, r.P99, r.Max = sorted[0], sorted[len(sorted)*50/100], sorted[len(sorted)*99/100], sorted[len(sorted)-1]
	}
	return r
}

// kindOf is how a request failed, in a word.
func kindOf(err error) string {
	var status *wrongStatus
	var bad *malformed
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &bad):
		return "malformed"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "eof"
	}
	return "other"
}
