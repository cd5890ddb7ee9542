package loop

// Expirer is whoever has a deadline.
type Expirer interface {
	// Expire is called once the deadline has come. The timer is clear by
	// then and may be set again.
	Expire()
}

// Timer is one deadline, embedded in what it is the deadline of. Its zero
// value with an Owner is clear. It must not be copied while it is set.
type Timer struct {
	Owner Expirer
	// at is when it is due; meaningful while it is set.
	at Instant
	// place is the index in the heap plus one; 0 while it is clear.
	place int32
}

// IsSet says whether the timer has a deadline.
func (t *Timer) IsSet() bool { return t.place != 0 }

// At is the timer's deadline, or Never.
func (t *Timer) At() Instant {
	if t.place == 0 {
		return Never
	}
	return t.at
}

// Deadlines holds timers by when they are due: a heap in which each node has
// four children (half the depth of a binary one, and four keys share a cache
// line). Its zero value is empty.
//
// Most deadlines are moved later before they come, once for each exchange. A
// timer that is moved later stays where it is and goes down when it gets to
// the top, so that this costs a store.
type Deadlines struct {
	heap []entry
}

// entry is a timer in the heap. key is at most the timer's own at, which is
// how entries are compared without looking at their timers.
type entry struct {
	key   Instant
	timer *Timer
}

const (
	// fanout is the number of children.
	fanout = 4
	// smallHeap is a size below which memory is not given back: 16 KB.
	smallHeap = 1024
)

// Len is the number of timers that are set.
func (d *Deadlines) Len() int { return len(d.heap) }

// Set gives the timer a deadline, or another one. Never clears it.
func (d *Deadlines) Set(t *Timer, at Instant) {
	switch {
	case at == Never:
		d.Clear(t)
		return
	case t.place == 0:
		d.heap = append(d.heap, entry{at, t})
		t.at, t.place = at, int32(len(d.heap))
	case at >= d.heap[t.place-1].key:
		t.at = at
		return
	default:
		t.at = at
		d.heap[t.place-1].key = at
	}
	d.up(int(t.place) - 1)
}

// Clear takes the deadline away, if the timer has one.
func (d *Deadlines) Clear(t *Timer) {
	if t.place == 0 {
		return
	}
	at := int(t.place) - 1
	t.place = 0
	n := len(d.heap) - 1
	moved := d.heap[n]
	d.heap[n] = entry{}
	d.heap = d.heap[:n]
	if at < n {
		d.heap[at] = moved
		moved.timer.place = int32(at) + 1
		d.down(at)
		d.up(int(moved.timer.place) - 1)
	}
	d.trim()
}

// Next is the earliest deadline, or Never.
func (d *Deadlines) Next() Instant {
	d.settle()
	if len(d.heap) == 0 {
		return Never
	}
	return d.heap[0].key
}

// Fire calls Expire of the timers that are due, the earliest first. Of those
// that an Expire sets anew, no more are called than there were timers before:
// whoever wants to be called at once for ever does not hold up the rest.
func (d *Deadlines) Fire(now Instant) {
	for range len(d.heap) {
		d.settle()
		if len(d.heap) == 0 || d.heap[0].key > now {
			return
		}
		t := d.heap[0].timer
		d.Clear(t)
		t.Owner.Expire()
	}
}

// settle brings a timer to the top that is due when its entry says.
func (d *Deadlines) settle() {
	for len(d.heap) > 0 && d.heap[0].key < d.heap[0].timer.at {
		d.heap[0].key = d.heap[0].timer.at
		d.down(0)
	}
}

func (d *Deadlines) up(at int) {
	e := d.heap[at]
	for at > 0 {
		parent := (at - 1) / fanout
		if d.heap[parent].key <= e.key {
			break
		}
		d.place(at, d.heap[parent])
		at = parent
	}
	d.place(at, e)
}

func (d *Deadlines) down(at int) {
	e := d.heap[at]
	for {
		first := at*fanout + 1
		if first >= len(d.heap) {
			break
		}
		least := first
		for child := first + 1; child < min(first+fanout, len(d.heap)); child++ {
			if d.heap[child].key < d.heap[least].key {
				least = child
			}
		}
		if e.key <= d.heap[least].key {
			break
		}
		d.place(at, d.heap[least])
		at = least
	}
	d.place(at, e)
}

func (d *Deadlines) place(at int, e entry) {
	d.heap[at] = e
	e.timer.place = int32(at) + 1
}

// trim gives memory back after a peak: at a quarter, so that the next growth
// is as far away as the next trim.
func (d *Deadlines) trim() {
	if n := cap(d.heap); n > smallHeap && len(d.heap) <= n/4 {
		d.heap = append(make([]entry, 0, n/2), d.heap...)
	}
}
