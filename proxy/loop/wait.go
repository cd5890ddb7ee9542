package loop

import (
	"math"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawWait is how long the kernel is waited in without telling the Go runtime,
// which saves a busy loop the two handovers. Not longer: sysmon would begin to
// look for a thread that holds a P and makes no progress, which costs an idle
// process 6 ms of CPU a second.
const rawWait = 5 * time.Millisecond

// wait fills l.events with what is ready, waiting for it until a moment.
func (l *Loop) wait(until Instant) int {
	timeout := milliseconds(until, l.now)
	first := min(timeout, rawMilliseconds)
	if n, interrupted := l.waitRaw(first); n > 0 || first == timeout && !interrupted {
		return n
	}
	// Nothing yet, or a signal, which is mostly the runtime that wants this
	// thread to make way: from here on it can have the P.
	return l.waitKnown(timeout - first)
}

const rawMilliseconds = int32(rawWait / time.Millisecond)

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
