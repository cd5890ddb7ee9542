package activation

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// WatchdogInterval is how often systemd wants a sign of life, 0 for never,
// see sd_watchdog_enabled(3).
func WatchdogInterval(env Env) (time.Duration, error) {
	usec, pid := env.Get("WATCHDOG_USEC"), env.Get("WATCHDOG_PID")
	for _, v := range []string{"WATCHDOG_USEC", "WATCHDOG_PID"} {
		if err := env.Unset(v); err != nil {
			return 0, err
		}
	}
	if usec == "" || pid != "" && pid != strconv.Itoa(env.PID) {
		return 0, nil
	}
	n, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || n <= 0 || n > int64(time.Duration(1<<63-1)/time.Microsecond) {
		return 0, fmt.Errorf("cannot feed the watchdog: WATCHDOG_USEC is %q", usec)
	}
	return time.Duration(n) * time.Microsecond, nil
}

// RunWatchdog gives a sign of life twice per interval while healthy returns
// nil, until ctx is done. What keeps healthy from answering, or what it
// reports, ends in a restart by systemd: ask it about the loops that do the
// work, and about nothing that may fail by itself. Reports go to failed.
func (n *Notifier) RunWatchdog(ctx context.Context, interval time.Duration, healthy func() error, failed func(error)) {
	if interval <= 0 || !n.Enabled() {
		return
	}
	ticker := time.NewTicker(interval / 2)
	defer ticker.Stop()
	n.watch(ctx, ticker.C, healthy, failed)
}

func (n *Notifier) watch(ctx context.Context, ticks <-chan time.Time, healthy func() error, failed func(error)) {
	for {
		err := healthy()
		if err == nil {
			err = n.Alive()
		}
		if err != nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}
