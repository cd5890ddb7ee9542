package control

import (
	"net/http"
	"strconv"

	"golang.org/x/sys/unix"
)

// sentHeader says when a call was made, in nanoseconds of the clock that all
// processes of a machine share and nobody sets. A proxy that was stopped for a
// while finds what it was told meanwhile in its backlog, and takes it all at
// once and in any order, from callers who have given up long ago: only by when
// it was said does the latest word win.
const sentHeader = "Webstack-Sent"

// sentNow is the value of sentHeader for a call that is made now.
func sentNow() string { return strconv.FormatInt(monotonic(), 10) }

// sentAt is when a call was made: now, where that is not said or lies ahead.
func sentAt(h http.Header) int64 {
	now := monotonic()
	if said, err := strconv.ParseInt(h.Get(sentHeader), 10, 64); err == nil && said > 0 && said < now {
		return said
	}
	return now
}

// monotonic reads CLOCK_MONOTONIC (clock_gettime(2)), which cannot fail.
func monotonic() int64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0
	}
	return t.Nano()
}
