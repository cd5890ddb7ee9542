package bus

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

func TestEveryVerbBringsItsResult(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	f.onJob(func(f *fake, method, unit string, job dbus.ObjectPath) *dbus.Error {
		// The end of the job overtakes the answer that names it.
		f.removed(job, unit, Result(method+" of "+unit))
		return nil
	})
	ctx, c := dialFake(t, b)
	for _, v := range []struct {
		run  func(context.Context, string) (Result, error)
		want Result
	}{
		{c.Start, "start of a.service"},
		{c.Stop, "stop of a.service"},
		{c.Restart, "restart of a.service"},
		{c.Reload, "reload of a.service"},
	} {
		if got, err := v.run(ctx, "a.service"); got != v.want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, v.want)
		}
	}
	c.jobs.mu.Lock()
	defer c.jobs.mu.Unlock()
	if len(c.jobs.waiting) != 0 || len(c.jobs.early) != 0 || c.jobs.calls != 0 {
		t.Errorf("jobs are left behind: %+v", &c.jobs)
	}
}

func TestManyJobsEndInAnyOrder(t *testing.T) {
	const n = 50
	b := newPrivateBus(t)
	f := newFake(t, b)
	queued := make(chan func(), n)
	f.onJob(func(f *fake, _, unit string, job dbus.ObjectPath) *dbus.Error {
		queued <- func() { f.removed(job, unit, Result("end of "+unit)) }
		return nil
	})
	ctx, c := dialFake(t, b)
	results := make(chan error, n)
	for i := range n {
		unit := fmt.Sprintf("a@%d.service", i)
		go func() {
			got, err := c.Start(ctx, unit)
			if want := Result("end of " + unit); err == nil && got != want {
				err = fmt.Errorf("got %q, want %q", got, want)
			}
			results <- err
		}()
	}
	var ends []func()
	for range n {
		ends = append(ends, <-queued)
	}
	for i := range ends {
		ends[len(ends)-1-i]()
	}
	for range n {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

// systemd merges a job that is asked for twice.
func TestTwoMayWaitForOneJob(t *testing.T) {
	j := newJobs()
	j.expect()
	j.expect()
	one, two := j.wait("/job/1"), j.wait("/job/1")
	j.removed("/job/1", Done)
	if a, b := <-one, <-two; a != Done || b != Done {
		t.Errorf("got %q and %q, want done twice", a, b)
	}
}

func TestAnEndThatNobodyAskedForIsNotKept(t *testing.T) {
	j := newJobs()
	j.removed("/job/1", Done)
	j.expect()
	j.removed("/job/2", Done)
	j.wait("")
	if len(j.early) != 0 {
		t.Errorf("kept %v", j.early)
	}
}

func TestAJobThatFailsIsAResult(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	f.onJob(func(f *fake, _, unit string, job dbus.ObjectPath) *dbus.Error {
		f.removed(job, unit, Failed)
		return nil
	})
	ctx, c := dialFake(t, b)
	if got, err := c.Start(ctx, "a.service"); got != Failed || err != nil {
		t.Errorf("got %q, %v, want failed", got, err)
	}
}

func TestTheBusMayEndBeforeTheJob(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	queued := make(chan struct{})
	f.onJob(func(*fake, string, string, dbus.ObjectPath) *dbus.Error {
		close(queued)
		return nil
	})
	ctx, c := dialFake(t, b)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-queued
		b.stop()
	}()
	defer func() { <-stopped }()
	if got, err := c.Start(ctx, "a.service"); got != "" || !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %q, %v, want that systemd does not answer", got, err)
	}
}

func TestAWaitHasTheCallersDeadline(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	ctx, c := dialFake(t, b)
	ctx, cancel := context.WithCancelCause(ctx)
	f.onJob(func(*fake, string, string, dbus.ObjectPath) *dbus.Error {
		return nil
	})
	enough := errors.New("enough")
	go func() {
		for {
			c.jobs.mu.Lock()
			n := len(c.jobs.waiting)
			c.jobs.mu.Unlock()
			if n > 0 {
				cancel(enough)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	_, err := c.Start(ctx, "a.service")
	if !errors.Is(err, enough) || !strings.HasPrefix(err.Error(), "cannot wait for the start of a.service") {
		t.Errorf("error %v", err)
	}
}

func TestRefusalsAreSentencesWithAKind(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	ctx, c := dialFake(t, b)
	for _, r := range []struct {
		wire string
		kind error
	}{
		{"org.freedesktop.DBus.Error.AccessDenied", ErrPermission},
		{"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", ErrPermission},
		{"org.freedesktop.systemd1.NoSuchUnit", ErrNoSuchUnit},
		{"org.freedesktop.systemd1.UnitMasked", nil},
	} {
		f.onJob(func(*fake, string, string, dbus.ObjectPath) *dbus.Error {
			return dbus.NewError(r.wire, []any{"because"})
		})
		_, err := c.Start(ctx, "a.service")
		if err == nil || !strings.HasPrefix(err.Error(), "cannot start a.service: ") || !strings.HasSuffix(err.Error(), "because") {
			t.Errorf("%s: error %v", r.wire, err)
		}
		for _, kind := range []error{ErrPermission, ErrNoSuchUnit, ErrUnavailable} {
			if got, want := errors.Is(err, kind), kind == r.kind; got != want {
				t.Errorf("%s is %q: got %v, want %v", r.wire, kind, got, want)
			}
		}
	}
	if err := c.ResetFailed(ctx, "a.service"); err != nil {
		t.Errorf("a unit that is not loaded: %v", err)
	}
}

func TestNothingToTalkTo(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	empty := newPrivateBus(t)
	for name, o := range map[string]Options{
		"no bus":     {Address: "unix:path=" + filepath.Join(t.TempDir(), "none")},
		"no systemd": empty.options(),
	} {
		c, err := Dial(ctx, o)
		if err == nil {
			c.Close()
		}
		if !errors.Is(err, ErrUnavailable) || !strings.HasPrefix(fmt.Sprint(err), "cannot reach systemd: ") {
			t.Errorf("%s: error %v, want that systemd does not answer", name, err)
		}
	}
}

func TestAnAnswerThatNeverComesHasADeadline(t *testing.T) {
	b := newPrivateBus(t)
	f := newFake(t, b)
	asked, release := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(release) })
	f.onJob(func(*fake, string, string, dbus.ObjectPath) *dbus.Error {
		close(asked)
		<-release
		return nil
	})
	ctx, c := dialFake(t, b)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		<-asked
		cancel()
	}()
	if _, err := c.Start(ctx, "a.service"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was canceled", err)
	}
}
