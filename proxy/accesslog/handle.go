package accesslog

import (
	"sync/atomic"
	"time"
)

const (
	// handBytes is when a buffer is worth a write of its own.
	handBytes = 32 << 10
	// bufferBytes is when it takes no more entries. While the writer has one
	// buffer, the loop fills the other: at 80,000 requests a second on one
	// processor that it shares with the writer, this is some 15 ms, several
	// times what the kernel's scheduler lets the writer wait for its turn.
	// What is not filled costs no memory.
	bufferBytes = 256 << 10
)

// FlushAge is how long an entry may lie in a loop's buffer. Whoever uses a
// handle comes back to Flush it within that time while it is Pending.
const FlushAge = 200 * time.Millisecond

// Handle is one loop's end of a log. It is used by one goroutine at a time.
type Handle struct {
	log *Log
	// filling is the buffer that entries go to. The other one is handed (on
	// its way to the writer) or returned: nothing ever waits for it.
	filling          *buffer
	handed, returned atomic.Pointer[buffer]
	stamp            stamp
	// dropped counts the entries that found no room.
	dropped atomic.Uint64
}

// buffer is entries for one sink.
type buffer struct {
	data    []byte
	entries int
	sink    *sink
	// since is when the first of them was written.
	since time.Time
}

// newBuffer has room beyond bufferBytes for the entry that fills it: one of
// 16 KB stays below that though every byte of it is escaped.
func newBuffer() *buffer { return &buffer{data: make([]byte, 0, bufferBytes+64<<10)} }

// full says that the buffer takes no entry for that sink.
func (b *buffer) full(s *sink) bool {
	return b.entries > 0 && (b.sink != s || len(b.data) >= bufferBytes)
}

// Write formats the entry into the handle's buffer. Where there is no room it
// is dropped and counted.
func (h *Handle) Write(e *Entry) {
	s := h.log.current.Load()
	if s == nil {
		return
	}
	b := h.filling
	if b.full(s) {
		h.hand()
		if b = h.filling; b.full(s) {
			h.dropped.Add(1)
			return
		}
	}
	if b.entries == 0 {
		if s = h.log.begin(); s == nil {
			return
		}
		b.sink, b.since = s, e.Time
	}
	b.data = s.append(b.data, e, &h.stamp)
	b.entries++
}

// Pending says that there are entries in the buffer.
func (h *Handle) Pending() bool { return h.filling.entries > 0 }

// Flush hands the buffer to the writer when it is old or big enough. It costs
// next to nothing when there is nothing in it.
func (h *Handle) Flush(now time.Time) {
	b := h.filling
	if b.entries == 0 {
		return
	}
	age := now.Sub(b.since)
	// A clock that was set back must not keep entries forever.
	if len(b.data) >= handBytes || age >= FlushAge || age < 0 || b.sink != h.log.current.Load() {
		h.hand()
	}
}

// Finish hands over what there is, however young.
func (h *Handle) Finish() {
	if h.Pending() {
		h.hand()
	}
}

// hand gives the buffer to the writer, if it has taken the one before.
func (h *Handle) hand() {
	if h.handed.Load() != nil {
		return
	}
	other := h.returned.Swap(nil)
	h.handed.Store(h.filling)
	h.filling = other
	h.log.ring()
}
