package accesslog

// write takes buffers from the handles and writes them until it is told to
// stop; what was handed over by then is still written.
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
		lost, err := b.sink.write(b.data, b.entries)
		l.lost.Add(uint64(lost))
		if err != nil {
			l.mu.Lock()
			l.failure = err
			l.mu.Unlock()
		}
		b.sink.buffers.Add(-1)
		b.data, b.entries, b.sink = b.data[:0], 0, nil
		// First the buffer is back, then the place is free: a handle that
		// hands over its buffer finds the other one.
		h.returned.Store(b)
		h.handed.Store(nil)
	}
	return any
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
