package bus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Result is how a job ended, in systemd's words.
type Result string

const (
	// Done: the unit is in the state that was asked for.
	Done Result = "done"
	// Failed: it is not; its properties say why.
	Failed Result = "failed"
	// Timeout: the unit took longer than its own timeout.
	Timeout Result = "timeout"
	// Canceled: another job took its place.
	Canceled Result = "canceled"
	// Dependency: a unit that it requires failed.
	Dependency Result = "dependency"
	// Skipped: the job did not apply to the unit's state.
	Skipped Result = "skipped"
	// Others are invalid, assert, unsupported, collected and once.
)

// jobTimeout bounds the wait for a job where the caller has no deadline. A
// unit's own timeouts end a job long before, unless they are "infinity".
const jobTimeout = 15 * time.Minute

// Start starts a unit and waits for the job's result.
func (c *Conn) Start(ctx context.Context, unit string) (Result, error) {
	return c.run(ctx, "start", "StartUnit", unit)
}

// Stop stops a unit and waits for the job's result.
func (c *Conn) Stop(ctx context.Context, unit string) (Result, error) {
	return c.run(ctx, "stop", "StopUnit", unit)
}

// Restart restarts a unit, or starts it, and waits for the job's result.
func (c *Conn) Restart(ctx context.Context, unit string) (Result, error) {
	return c.run(ctx, "restart", "RestartUnit", unit)
}

// Reload runs the unit's ExecReload= and waits for the job's result.
func (c *Conn) Reload(ctx context.Context, unit string) (Result, error) {
	return c.run(ctx, "reload", "ReloadUnit", unit)
}

// run queues a job and waits for its end. An error means that there is no
// result: the job may be running still when ctx is over.
func (c *Conn) run(ctx context.Context, verb, method, unit string) (Result, error) {
	ctx, cancel := bounded(ctx, jobTimeout)
	defer cancel()
	c.jobs.expect()
	var job dbus.ObjectPath
	err := c.call(ctx, method, []any{&job}, unit, "replace")
	result := c.jobs.wait(job)
	if err != nil {
		return "", failure(verb+" "+unit, err)
	}
	select {
	case r := <-result:
		return r, nil
	case <-c.jobs.closed:
		// The last signal may have been the one.
		select {
		case r := <-result:
			return r, nil
		default:
		}
		return "", fmt.Errorf("cannot %s %s: %w: the connection ended before the job", verb, unit, ErrUnavailable)
	case <-ctx.Done():
		return "", fmt.Errorf("cannot wait for the %s of %s: %w", verb, unit, context.Cause(ctx))
	}
}

// jobs brings each JobRemoved to who waits for it. A signal and the answer to
// the call that caused it reach different goroutines, so the end of a job may
// be known before its name: while a call is out, ends that nobody waits for
// are kept.
type jobs struct {
	mu    sync.Mutex
	calls int
	// waiting has a channel for each call: two that ask for the same are given
	// the same job.
	waiting map[dbus.ObjectPath][]chan Result
	early   map[dbus.ObjectPath]Result
	// closed is closed when there will be no more signals.
	closed chan struct{}
}

func newJobs() jobs {
	return jobs{
		waiting: map[dbus.ObjectPath][]chan Result{},
		early:   map[dbus.ObjectPath]Result{},
		closed:  make(chan struct{}),
	}
}

// expect begins a call that makes a job; wait ends it.
func (j *jobs) expect() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls++
}

// wait returns where the result of job arrives. It is "" after a call that
// failed, and nothing arrives.
func (j *jobs) wait(job dbus.ObjectPath) <-chan Result {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls--
	result := make(chan Result, 1)
	if r, ok := j.early[job]; ok {
		result <- r
	} else if job != "" {
		j.waiting[job] = append(j.waiting[job], result)
	}
	if j.calls == 0 {
		clear(j.early)
	}
	return result
}

func (j *jobs) removed(job dbus.ObjectPath, r Result) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, result := range j.waiting[job] {
		result <- r
	}
	delete(j.waiting, job)
	if j.calls > 0 {
		j.early[job] = r
	}
}

// follow reads signals until the connection ends.
func (j *jobs) follow(signals <-chan *dbus.Signal) {
	defer close(j.closed)
	for s := range signals {
		var (
			id           uint32
			job          dbus.ObjectPath
			unit, result string
		)
		if s.Name == manager+".JobRemoved" && dbus.Store(s.Body, &id, &job, &unit, &result) == nil {
			j.removed(job, Result(result))
		}
	}
}
