package balance

import (
	"sync/atomic"
	"time"
)

// Outcome is what a try says about the instance that it was made on.
type Outcome int

const (
	// Answered: a whole response head came, whatever its status.
	Answered Outcome = iota
	// Failed: it could not be reached, died, sent garbage or was too slow.
	Failed
	// Abandoned: the try ended for a reason that is not the instance's, such
	// as a client that went away. It is no verdict either way.
	Abandoned
)

// Instance is one address of a group. The same Instance lives on through
// changes of config for as long as its ID and its address stay.
type Instance struct {
	// ID is what status and drains call it.
	ID string
	// Network is "tcp" or "unix", Address what to dial.
	Network, Address string
	// Woken: a connection starts it.
	Woken bool

	inFlight atomic.Int64
	requests atomic.Uint64
	failed   atomic.Uint64
	errors   atomic.Uint64
	lastErr  atomic.Pointer[string]

	// suspected: it has a request that is sent again, see apart.go.
	suspected atomic.Bool

	// gate is what is against giving it a request, as bits.
	gate atomic.Uint32
	// clock is the board's, which all times here are by.
	clock clock
	// rampFrom is when its ramp began; credit is what it has gathered of turns
	// meanwhile.
	rampFrom, credit atomic.Int64
	// outAt is when passive failures took it out, backAt when whatever it was
	// last ended. Both are for people.
	outAt, backAt atomic.Int64

	// The lock of the board guards these.
	marks Marks
	// drainedAt is when the first drain of those that it has came.
	drainedAt time.Time
	probe     probe

	// Passive health.
	//
	// fails counts failures since it was last forgiven. failedAt is when the
	// latest came; checkedAt is that too, until fail_timeout has passed and
	// one request is let through to check, which moves it on. A success
	// forgives only when checkedAt is the later: that is nginx's rule, by
	// which fails is not a sliding window.
	fails     atomic.Int64
	failedAt  atomic.Int64
	checkedAt atomic.Int64
}

// InFlight is how many uses have begun and not ended.
func (in *Instance) InFlight() int { return int(in.inFlight.Load()) }

// Requests is how many uses have begun.
func (in *Instance) Requests() uint64 { return in.requests.Load() }

// Failures is how many uses ended as [Failed].
func (in *Instance) Failures() uint64 { return in.failed.Load() }

// Errors is how many of its answers had a status of 500 or above.
func (in *Instance) Errors() uint64 { return in.errors.Load() }

// LastError is the reason of the latest failure, "" if there was none.
func (in *Instance) LastError() string {
	if p := in.lastErr.Load(); p != nil {
		return *p
	}
	return ""
}

// fail counts one failure.
func (in *Instance) fail(now time.Time, p Passive) {
	at := in.clock.at(now)
	in.failedAt.Store(at)
	in.checkedAt.Store(at)
	if in.fails.Add(1) == int64(p.MaxFails) {
		in.outAt.Store(at)
	}
}

// forgive clears the failures after a success, when the check that it was has
// been let through after a quiet fail_timeout.
func (in *Instance) forgive(g *Group) {
	if in.fails.Load() == 0 {
		return
	}
	if checked := in.checkedAt.Load(); in.failedAt.Load() < checked {
		in.clear(checked, g)
	}
}

// clear forgets the failures. An instance that they had out is back since at.
func (in *Instance) clear(at int64, g *Group) {
	fails := in.fails.Swap(0)
	if most := int64(g.settings.MaxFails); !g.single && most > 0 && fails >= most {
		in.backAt.Store(at)
		in.rise(at, &g.settings)
	}
}

// backSince is when it last came back into rotation: where nobody has tried it
// since, that is when FailTimeout had passed.
func (in *Instance) backSince(g *Group) int64 {
	p := &g.settings.Passive
	if !g.single && p.MaxFails > 0 && in.fails.Load() >= int64(p.MaxFails) {
		return in.checkedAt.Load() + int64(p.FailTimeout)
	}
	return in.backAt.Load()
}

// recheck makes the pick that panic mode let through a check: when the
// instance answers, it is back. Otherwise a machine whose proxy was up before
// its instances would wait for fail_timeout with all of them well.
func (in *Instance) recheck(now time.Time) { in.checkedAt.Store(in.clock.at(now)) }

// out says that MaxFails failures have taken it out of rotation and that
// FailTimeout has not passed since.
func (in *Instance) out(now time.Time, p Passive) bool {
	return p.MaxFails > 0 && in.fails.Load() >= int64(p.MaxFails) &&
		in.clock.at(now)-in.checkedAt.Load() <= int64(p.FailTimeout)
}

// admit says whether a use may begin now. When FailTimeout has passed since
// the last check, exactly one concurrent caller is let through to check it
// again; the others see it out until that one has ended.
func (in *Instance) admit(now time.Time, p Passive) bool {
	if p.MaxFails == 0 || in.fails.Load() == 0 {
		return true
	}
	checked, at := in.checkedAt.Load(), in.clock.at(now)
	if at-checked > int64(p.FailTimeout) {
		if in.checkedAt.CompareAndSwap(checked, at) {
			return true
		}
	}
	return !in.out(now, p)
}

// begin counts a use, unless there are limit of them (0 is no limit).
func (in *Instance) begin(limit int64) bool {
	if limit == 0 {
		in.inFlight.Add(1)
		in.requests.Add(1)
		return true
	}
	for {
		n := in.inFlight.Load()
		if n >= limit {
			return false
		}
		if in.beginAt(n) {
			return true
		}
	}
}

// beginAt counts a use if there are still as many as the caller has seen: its
// choice was made by that number.
func (in *Instance) beginAt(seen int64) bool {
	if !in.inFlight.CompareAndSwap(seen, seen+1) {
		return false
	}
	in.requests.Add(1)
	return true
}
