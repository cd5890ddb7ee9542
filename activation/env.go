package activation

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Env is what the package reads of the process.
type Env struct {
	// Get and Unset are of environment variables.
	Get   func(name string) string
	Unset func(name string) error
	// PID is the process's own: variables with another were meant for
	// somebody else.
	PID int
	// FirstFD is the first descriptor passed, SD_LISTEN_FDS_START.
	FirstFD int
	// Monotonic reads CLOCK_MONOTONIC.
	Monotonic func() (time.Duration, error)
}

// firstFD is SD_LISTEN_FDS_START, see sd_listen_fds(3).
const firstFD = 3

// Process is the Env of this process.
func Process() Env {
	return Env{Get: os.Getenv, Unset: os.Unsetenv, PID: os.Getpid(), FirstFD: firstFD, Monotonic: monotonic}
}

func monotonic() (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0, err
	}
	return time.Duration(ts.Nano()), nil
}
