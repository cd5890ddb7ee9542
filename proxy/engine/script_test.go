package engine

import (
	"slices"
	"sync"
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
	mu      sync.Mutex // what is done aside is posted from there
	posts   []func()
	posted  chan struct{}
	streams []*memory
	batch   []*memory // those of the present turn
	// next is when the worker wants its next turn.
	next loop.Instant
}

func (s *script) Now() loop.Instant { return s.now }
func (s *script) Wall() time.Time   { return s.wall }

func (s *script) Post(f func()) bool {
	s.mu.Lock()
	s.posts = append(s.posts, f)
	s.mu.Unlock()
	select {
	case s.posted <- struct{}{}:
	default:
	}
	return true
}

func newScript(c *clock) *script { return &script{clock: c, posted: make(chan struct{}, 1)} }

// patience bounds the waits for what is done aside.
const patience = 20 * time.Second

// awaitDisk waits until what is being done aside was posted; it is false where
// nothing is.
func (s *script) awaitDisk() bool {
	for c := s.worker.busy.first; c != nil; c = c.next {
		if c.x == nil || !c.x.file.aside {
			continue
		}
		select {
		case <-s.posted:
			return true
		case <-time.After(patience):
			panic("a file was waited for too long")
		}
	}
	return false
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
	s.batch = append(s.batch[:0], s.streams...)
	for _, m := range s.batch {
		if !m.edge || m.handler == nil {
			continue
		}
		m.edge = false
		if ev := m.events(); ev != 0 {
			busy = true
			m.handler.Ready(ev)
		}
	}
	s.mu.Lock()
	posts := s.posts
	s.posts = nil
	s.mu.Unlock()
	for _, f := range posts {
		busy = true
		f()
	}
	s.next = s.worker.Turn()
	for _, m := range s.streams {
		busy = busy || m.edge && m.handler != nil
	}
	return busy || s.next <= s.now
}
