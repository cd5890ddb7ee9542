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
	for _, tt := range []struct {
		wait  time.Duration
		brisk int
	}{
		{time.Millisecond, 0},
		{rawWait + 5*time.Millisecond, 0},
		{time.Millisecond, busyTurns},
		{rawWait + 5*time.Millisecond, busyTurns},
	} {
		var due Instant
		var thread int
		inLoop(t, l, func() {
			l.brisk = tt.brisk
			due = l.Now().Add(tt.wait)
			a.deadlines.Set(&a.timer, due)
			thread = unix.Gettid()
		})
		deadline := time.After(patience)
		for rang := false; !rang; {
			select {
			case at := <-a.rang:
				rang = true
				if at < due {
					t.Errorf("a deadline in %v came %v early", tt.wait, due.Sub(at))
				}
			case <-deadline:
				t.Fatalf("a deadline in %v did not come", tt.wait)
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

func TestALoopWithPausesIsNotBusy(t *testing.T) {
	var l Loop
	turn := func(times int, gap time.Duration) {
		for range times {
			l.pace(Instant(gap))
		}
	}
	turn(busyTurns-1, time.Millisecond)
	if l.brisk >= busyTurns {
		t.Error("a few turns in a row make a loop busy")
	}
	turn(100, time.Millisecond)
	if l.brisk < busyTurns {
		t.Error("many turns in a row do not")
	}
	turn(1, rawWait)
	if l.brisk != 0 {
		t.Error("it is still busy behind a pause")
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
