package loop

import (
	"math"
	"time"
)

// Instant is a moment of the monotonic clock: nanoseconds since the process
// began, the same for all loops of the process.
type Instant int64

// Never is later than any moment that comes.
const Never Instant = math.MaxInt64

// epoch is where instants are counted from. It is read once and never set:
// loops hand instants to each other.
var epoch = time.Now()

// instantOf needs a time that carries the monotonic clock, as time.Now's does.
func instantOf(t time.Time) Instant { return Instant(t.Sub(epoch)) }

// Add gives the moment d later, or Never.
func (i Instant) Add(d time.Duration) Instant {
	if d > 0 && Instant(d) > Never-i {
		return Never
	}
	return i + Instant(d)
}

// Sub gives the time from an earlier moment to this one.
func (i Instant) Sub(earlier Instant) time.Duration { return time.Duration(i - earlier) }
