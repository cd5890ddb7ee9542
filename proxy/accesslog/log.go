package accesslog

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// sayEvery is how often the error log hears of dropped entries.
	sayEvery = time.Minute
	// drainTime bounds what Run waits for after its context has ended, when
	// the destination does not take what is there.
	drainTime = 2 * time.Second
)

// Log is where entries go. It begins as off.
type Log struct {
	errors  *slog.Logger
	current atomic.Pointer[sink]
	// bell wakes the writer. It has room for one ring, so ringing never waits.
	bell chan struct{}
	// lost counts the entries that could not be written.
	lost atomic.Uint64

	mu      sync.Mutex
	handles []*Handle
	// retired are sinks that may have buffers on their way.
	retired []*sink
	// failure is why entries were lost, for the error log.
	failure error
	// journalSocket and drainTime are other ones in tests.
	journalSocket string
	drainTime     time.Duration
}

// New makes a log that is off. What goes wrong later is said in errors.
func New(errors *slog.Logger) *Log {
	return &Log{errors: errors, bell: make(chan struct{}, 1), journalSocket: journalSocket, drainTime: drainTime}
}

// Configure changes where entries go and how they look: an absolute path,
// "stdout", "journal", or "off". It opens before it replaces; when that fails,
// all stays as it was.
func (l *Log) Configure(destination string, f Format) error {
	next, err := openSink(destination, f, l.journalSocket)
	if err != nil {
		return err
	}
	l.mu.Lock()
	if old := l.current.Swap(next); old != nil {
		l.retired = append(l.retired, old)
	}
	l.mu.Unlock()
	l.ring()
	return nil
}

// Reopen opens the same destination again: its file was renamed.
func (l *Log) Reopen() error {
	s := l.current.Load()
	if s == nil {
		return nil
	}
	return l.Configure(s.destination, s.format)
}

// Destination is where entries go, "off" for nowhere.
func (l *Log) Destination() string {
	if s := l.current.Load(); s != nil {
		return s.destination
	}
	return "off"
}

// Handle makes one loop's end of the log.
func (l *Log) Handle() *Handle {
	h := &Handle{log: l, filling: newBuffer()}
	h.returned.Store(newBuffer())
	l.mu.Lock()
	l.handles = append(l.handles, h)
	l.mu.Unlock()
	return h
}

// Dropped is how many entries were lost so far.
func (l *Log) Dropped() uint64 {
	n := l.lost.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.handles {
		n += h.dropped.Load()
	}
	return n
}

// begin is the current sink, with one more buffer for it.
func (l *Log) begin() *sink {
	for {
		s := l.current.Load()
		if s == nil {
			return nil
		}
		s.buffers.Add(1)
		if l.current.Load() == s {
			return s
		}
		s.buffers.Add(-1)
	}
}

func (l *Log) ring() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// Run writes until the context ends, and then what there is left. The context
// ends after the last use of any handle.
func (l *Log) Run(ctx context.Context) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		l.write(stop)
	}()
	say := time.NewTicker(sayEvery)
	defer say.Stop()
	var said uint64
	for {
		select {
		case <-say.C:
			said = l.sayDropped(said)
		case <-ctx.Done():
			close(stop)
			select {
			case <-stopped:
			case <-time.After(l.drainTime):
			}
			l.sayDropped(said)
			return
		}
	}
}

// sayDropped says what was dropped since it was last said. The writer may be
// stuck in a write for hours, so it is not the one to say it.
func (l *Log) sayDropped(said uint64) uint64 {
	n := l.Dropped()
	if n > said {
		l.mu.Lock()
		why := l.failure
		l.failure = nil
		l.mu.Unlock()
		args := []any{"entries", n - said, "destination", l.Destination()}
		if why != nil {
			args = append(args, "error", why)
		}
		l.errors.Warn("entries of the access log were dropped", args...)
	}
	return n
}
