package proxy

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// detachedLines is how many lines may wait for whoever writes the log: a
// second of an upstream that fails a thousand tries.
const detachedLines = 1024

// detachedLog is a log for the loops. Whoever writes it may have to wait, for
// a journal that is busy or a terminal that is stopped; a loop must not. What
// finds no room is dropped and counted.
type detachedLog struct {
	slog.Handler
	lines   chan line
	dropped *atomic.Uint64
}

// line is a record and the handler, with its attributes, that it is for.
type line struct {
	to     slog.Handler
	record slog.Record
}

func newDetachedLog(to slog.Handler) *detachedLog {
	return &detachedLog{Handler: to, lines: make(chan line, detachedLines), dropped: new(atomic.Uint64)}
}

// Handle takes a line, or drops it.
func (d *detachedLog) Handle(_ context.Context, r slog.Record) error {
	select {
	case d.lines <- line{d.Handler, r.Clone()}:
	default:
		d.dropped.Add(1)
	}
	return nil
}

// WithAttrs and WithGroup share the queue.
func (d *detachedLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &detachedLog{Handler: d.Handler.WithAttrs(attrs), lines: d.lines, dropped: d.dropped}
}

// WithGroup shares the queue, too.
func (d *detachedLog) WithGroup(name string) slog.Handler {
	return &detachedLog{Handler: d.Handler.WithGroup(name), lines: d.lines, dropped: d.dropped}
}

// run writes until the context ends, and then what waits by then.
func (d *detachedLog) run(ctx context.Context) {
	for {
		select {
		case l := <-d.lines:
			d.write(ctx, l)
		case <-ctx.Done():
			for len(d.lines) > 0 {
				d.write(ctx, <-d.lines)
			}
			return
		}
	}
}

// write writes a line, and before it how many there was no room for.
func (d *detachedLog) write(ctx context.Context, l line) {
	if n := d.dropped.Swap(0); n > 0 {
		r := slog.NewRecord(time.Now(), slog.LevelWarn, "lines of this log were dropped", 0)
		r.Add("lines", n)
		_ = d.Handler.Handle(ctx, r)
	}
	// Where it cannot be written there is nobody to tell.
	_ = l.to.Handle(ctx, l.record)
}
