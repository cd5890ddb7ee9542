package accesslog

// write takes buffers from the handles and writes them until it is told to
// stop, which happens when no handle is used any more; then it takes the rest
// as well.
func (l *Log) write(stop <-chan struct{}) {
	for {
		stopping := false
		select {
		case <-l.bell:
		case <-stop:
			stopping = true
		}
		for l.round() {
		}
		if stopping {
			l.rest()
		}
		l.closeRetired()
		if stopping {
			return
		}
	}
}

// round writes at most one buffer of each handle and says whether there was
// any.
func (l *Log) round() (any bool) {
	l.mu.Lock()
	handles := l.handles
	l.mu.Unlock()
	for _, h := range handles {
		b := h.handed.Load()
		if b == nil {
			continue
		}
		any = true
		l.empty(b)
		// First the buffer is back, then the place is free: a handle that
		// hands over its buffer finds the other one.
		h.returned.Store(b)
		h.handed.Store(nil)
	}
	return any
}

// rest writes what the handles have not handed over.
func (l *Log) rest() {
	l.mu.Lock()
	handles := l.handles
	l.mu.Unlock()
	for _, h := range handles {
		if h.Pending() {
			l.empty(h.filling)
		}
	}
}

// empty writes a buffer.
func (l *Log) empty(b *buffer) {
	lost, err := b.sink.write(b.data, b.entries)
	l.lost.Add(uint64(lost))
	if err != nil {
		l.mu.Lock()
		l.failure = err
		l.mu.Unlock()
	}
	b.sink.buffers.Add(-1)
	b.data, b.entries, b.sink = b.data[:0], 0, nil
}

// closeRetired closes the sinks that no buffer is for any more.
func (l *Log) closeRetired() {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.retired[:0]
	for _, s := range l.retired {
		if s.buffers.Load() > 0 {
			kept = append(kept, s)
			continue
		}
		s.close()
	}
	clear(l.retired[len(kept):])
	l.retired = kept
}
