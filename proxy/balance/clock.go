package balance

import "time"

// clock turns the callers' times into numbers that can be kept in atomics: the
// nanoseconds since its epoch. Where the epoch and the times carry the
// monotonic clock, as those of time.Now do, somebody who sets the machine's
// clock changes none of them: else an instance that has failed, or a request
// that asks again, would wait for as long as the clock was set back.
type clock struct{ epoch time.Time }

// clockOf counts from an epoch; without one it counts as the Unix time does.
func clockOf(epoch time.Time) clock {
	if epoch.IsZero() {
		epoch = time.Unix(0, 0)
	}
	return clock{epoch}
}

// at is the number of a time.
func (c clock) at(t time.Time) int64 { return int64(t.Sub(c.epoch)) }

// shown is the time of a number, for people: by the clock as it is set now, so
// many nanoseconds ago. 0 is none.
func (c clock) shown(now time.Time, at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(at - c.at(now)))
}
