package loop

import (
	"math"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMilliseconds(t *testing.T) {
	const now = Instant(1_000_000_000)
	for _, tt := range []struct {
		about string
		until Instant
		want  int32
	}{
		{"what is past waits not at all", now - 1, 0},
		{"now waits not at all", now, 0},
		{"the smallest wait is rounded up", now + 1, 1},
		{"a whole millisecond stays one", now + 1e6, 1},
		{"what is more is rounded up", now + 1e6 + 1, 2},
		{"what cannot be counted wakes in between", Never, math.MaxInt32},
		{"before the beginning", math.MinInt64, 0},
	} {
		if got := milliseconds(tt.until, now); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.about, got, tt.want)
		}
	}
}

func TestInstants(t *testing.T) {
	if got := Instant(5).Add(3); got != 8 {
		t.Errorf("5 and 3 gave %d", got)
	}
	if got := Instant(5).Add(-3); got != 2 {
		t.Errorf("5 and -3 gave %d", got)
	}
	if got := Instant(5).Add(math.MaxInt64); got != Never {
		t.Errorf("what is too far away gave %d, want Never", got)
	}
	if got := Never.Add(time.Second); got != Never {
		t.Errorf("a second behind Never gave %d, want Never", got)
	}
	if got := Instant(8).Sub(5); got != 3 {
		t.Errorf("from 5 to 8 gave %d", got)
	}
}

// alarm is a worker with one timer.
type alarm struct {
	l         *Loop
	deadlines Deadlines
	timer     Timer
	rang      chan Instant
}

func (a *alarm) Turn() Instant { a.deadlines.Fire(a.l.Now()); return a.deadlines.Next() }
func (a *alarm) Expire()       { a.rang <- a.l.Now() }

func TestADeadlineComesInTimeAlsoUnderSignals(t *testing.T) {
	l := newLoop(t)
	a := &alarm{l: l, rang: make(chan Instant, 1)}
	a.timer.Owner = a
	running(t, l, a)
	for _, wait := range []time.Duration{time.Millisecond, rawWait + 5*time.Millisecond} {
		var due Instant
		var thread int
		inLoop(t, l, func() {
			due = l.Now().Add(wait)
			a.deadlines.Set(&a.timer, due)
			thread = unix.Gettid()
		})
		deadline := time.After(patience)
		for rang := false; !rang; {
			select {
			case at := <-a.rang:
				rang = true
				if at < due {
					t.Errorf("a deadline in %v came %v early", wait, due.Sub(at))
				}
			case <-deadline:
				t.Fatalf("a deadline in %v did not come", wait)
			default:
				// What the runtime sends to pre-empt a thread: each one ends
				// a wait with EINTR.
				if err := unix.Tgkill(unix.Getpid(), thread, unix.SIGURG); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestASleepingLoopIsWoken(t *testing.T) {
	l := newLoop(t)
	asleep := make(chan int, 1)
	running(t, l, turns(func() Instant {
		select {
		case asleep <- unix.Gettid():
		default:
		}
		return Never
	}))
	<-asleep
	inLoop(t, l, func() {})
	// Stop, which running calls, must wake it as well.
}

func TestALoopStoppedBeforeItRunsReturns(t *testing.T) {
	l := newLoop(t)
	called := false
	l.Post(func() { called = true })
	l.Stop()
	l.Run(turns(func() Instant { t.Error("a turn was given"); return Never }))
	if !called {
		t.Error("what was posted before was not called")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
