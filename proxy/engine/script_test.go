package engine

import (
	"slices"
	"time"

	"github.com/webstack/webstack/proxy/loop"
)

// clock is the time of a test: it moves when the test says so.
type clock struct {
	now  loop.Instant
	wall time.Time
}

func (c *clock) move(d time.Duration) {
	c.now += loop.Instant(d)
	c.wall = c.wall.Add(d)
}

// newClock begins some time after the process, at a wall time of its own.
func newClock() *clock {
	return &clock{
		now:  loop.Instant(time.Hour),
		wall: time.Date(2026, time.March, 29, 1, 59, 58, 0, time.UTC),
	}
}

// script is a driver without a kernel: streams in memory, a clock that is
// moved, and turns that are taken when the test asks for them.
type script struct {
	*clock
	worker  *worker
	posts   []func()
	streams []*memory
	// next is when the worker wants its next turn.
	next loop.Instant
}

func (s *script) Now() loop.Instant { return s.now }
func (s *script) Wall() time.Time   { return s.wall }

func (s *script) Post(f func()) bool {
	s.posts = append(s.posts, f)
	return true
}

func (s *script) newStream() *memory {
	m := &memory{script: s, room: memoryRoom}
	s.streams = append(s.streams, m)
	return m
}

func (s *script) forget(m *memory) {
	s.streams = slices.DeleteFunc(s.streams, func(other *memory) bool { return other == m })
}

// turn is one turn of the loop: what became ready, what was posted, and then
// the worker's own. It says whether there may be more to do at once.
func (s *script) turn() bool {
	busy := false
	for _, m := range slices.Clone(s.streams) {
		if !m.edge || m.handler == nil {
			continue
		}
		m.edge = false
		if ev := m.events(); ev != 0 {
			busy = true
			m.handler.Ready(ev)
		}
	}
	posts := s.posts
	s.posts = nil
	for _, f := range posts {
		busy = true
		f()
	}
	s.next = s.worker.Turn()
	return busy || s.next <= s.now || len(s.posts) > 0
}
