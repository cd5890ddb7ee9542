package loop

import (
	"math"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A wait that the Go runtime is not told of saves a busy loop two handovers.
// But as long as a thread holds a P without making progress, sysmon looks at
// it every 20 us and more: a raw wait of 5 ms costs about 1 ms of CPU, which a
// loop with few requests would pay behind each of them, and one without a
// limit 6 ms in each second. So a loop waits raw only while it is busy.
const (
	// rawWait is the longest raw wait; what is left is waited known.
	rawWait = 5 * time.Millisecond
	// A loop is busy when this many turns have followed each other more
	// closely than that: the next one will probably end a raw wait.
	busyTurns = 16
)

// wait fills l.events with what is ready, waiting for it until a moment.
func (l *Loop) wait(until Instant) int {
	timeout := milliseconds(until, l.now)
	raw := min(timeout, int32(rawWait/time.Millisecond))
	if timeout > 0 && l.brisk < busyTurns {
		return l.waitKnown(timeout)
	}
	if n, interrupted := l.waitRaw(raw); n > 0 || raw == timeout && !interrupted {
		return n
	}
	// Nothing yet, or a signal, which is mostly the runtime that wants this
	// thread to make way: from here on it can have the P.
	return l.waitKnown(timeout - raw)
}

// pace counts the turns that followed each other closely.
func (l *Loop) pace(gap Instant) {
	switch {
	case gap >= Instant(rawWait):
		l.brisk = 0
	case l.brisk < busyTurns:
		l.brisk++
	}
}

// waitRaw may return early, interrupted by a signal.
func (l *Loop) waitRaw(timeout int32) (n int, interrupted bool) {
	r, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll),
		uintptr(unsafe.Pointer(&l.events[0])), batch, uintptr(timeout), 0, 0)
	return count(r, errno), errno == unix.EINTR
}

// waitKnown may return early, interrupted by a signal: the turn then comes for
// nothing.
func (l *Loop) waitKnown(timeout int32) int {
	r, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll),
		uintptr(unsafe.Pointer(&l.events[0])), batch, uintptr(timeout), 0, 0)
	return count(r, errno)
}

// count is the number of events of a wait. An error other than EINTR says that
// the loop's own descriptor is bad, which no turn can mend.
func count(r uintptr, errno unix.Errno) int {
	switch errno {
	case 0:
		return int(r)
	case unix.EINTR:
		return 0
	}
	panic("cannot wait for events: " + errno.Error())
}

// milliseconds is the time until a moment for epoll_wait(2), rounded up so
// that nothing wakes before its deadline. What is too far away to count wakes
// in between.
func milliseconds(until, now Instant) int32 {
	if until <= now {
		return 0
	}
	const unit = Instant(time.Millisecond)
	left := until - now
	return int32(min((left-1)/unit+1, math.MaxInt32))
}
