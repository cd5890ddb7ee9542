package loop

import (
	"sync"
	"testing"
	"time"
)

func TestPostsOfManyGoroutinesAreCalledOnceAndInOrder(t *testing.T) {
	l := newLoop(t)
	running(t, l, idle)
	const goroutines, posts = 8, 500
	var next [goroutines]int // the loop's own
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range posts {
				l.Post(func() {
					if next[g] != i {
						t.Errorf("post %d of goroutine %d came when %d was next", i, g, next[g])
					}
					next[g] = i + 1
				})
			}
		})
	}
	all.Wait()
	inLoop(t, l, func() {
		for g, n := range next {
			if n != posts {
				t.Errorf("%d posts of goroutine %d were called, want %d", n, g, posts)
			}
		}
	})
}

func TestAPostComesBeforeTheTurn(t *testing.T) {
	l := newLoop(t)
	posted := make(chan struct{})
	seen := make(chan struct{}, 1)
	was := false
	l.Post(func() { was = true; close(posted) })
	running(t, l, turns(func() Instant {
		if was {
			select {
			case seen <- struct{}{}:
			default:
			}
		}
		return Never
	}))
	wantSoon(t, posted, "a post from before Run")
	wantSoon(t, seen, "a turn behind it")
}

func TestAPostFromAPostWaitsForTheNextTurn(t *testing.T) {
	l := newLoop(t)
	count := 0
	running(t, l, turns(func() Instant { count++; return Never }))
	done := make(chan struct{})
	l.Post(func() {
		before := count
		l.Post(func() {
			if count == before {
				t.Error("no turn came between the two")
			}
			close(done)
		})
	})
	wantSoon(t, done, "the second post")
}

func TestAPostIsCalledOrRefusedWhenTheLoopStops(t *testing.T) {
	l := newLoop(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Run(idle)
	}()
	called := make(chan struct{}, 10_000)
	taken := 0
	for deadline := time.Now().Add(patience); l.Post(func() { called <- struct{}{} }); taken++ {
		if taken == 100 {
			l.Stop()
		}
		if taken == cap(called)-1 || time.Now().After(deadline) {
			break
		}
	}
	wantSoon(t, ended, "Run to return")
	for range taken {
		wantSoon(t, called, "a post that was taken")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if l.Post(func() {}) {
		t.Error("a closed loop takes posts")
	}
	l.Stop()
}

func TestAPostWakesOnce(t *testing.T) {
	l := newLoop(t)
	defer l.Close()
	for range 3 {
		l.Post(func() {})
		l.Post(func() {})
		if got := l.wait(l.now); got != 1 {
			t.Fatalf("two posts made %d events, want 1", got)
		}
		l.posts.run()
		if got := l.wait(l.now); got != 0 {
			t.Fatalf("%d events behind them, want none: the loop would never sleep again", got)
		}
	}
}
