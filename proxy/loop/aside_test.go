package loop

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestAsideRunsSoManyAtOnceAndTheRestInOrder(t *testing.T) {
	const atOnce, queue = 3, 4
	a := NewAside(atOnce, queue)
	started, release := make(chan struct{}, atOnce), make(chan struct{})
	for range atOnce {
		if !a.Do(func() { started <- struct{}{}; <-release }) {
			t.Fatal("an idle one refused")
		}
	}
	for range atOnce {
		wantSoon(t, started, "a call to begin")
	}
	var mu sync.Mutex
	var order []int
	var done sync.WaitGroup
	done.Add(queue)
	for i := range queue {
		if !a.Do(func() {
			defer done.Done()
			mu.Lock()
			defer mu.Unlock()
			order = append(order, i)
		}) {
			t.Fatalf("it refused with %d waiting, want %d", i, queue)
		}
	}
	if a.Do(func() { t.Error("what was refused was called") }) {
		t.Errorf("%d may wait", queue+1)
	}
	mu.Lock()
	if len(order) != 0 {
		t.Error("more run at once than may")
	}
	mu.Unlock()
	// One goes on, and so takes all that wait, in their order.
	release <- struct{}{}
	done.Wait()
	for i, got := range order {
		if got != i {
			t.Errorf("they were called in the order %v", order)
			break
		}
	}
	close(release)
}

func TestAsideUnderLoad(t *testing.T) {
	a := NewAside(4, 10)
	var running, called atomic.Int64
	var taken int64
	var done sync.WaitGroup
	for range 5000 {
		done.Add(1)
		ok := a.Do(func() {
			defer done.Done()
			if n := running.Add(1); n > 4 {
				t.Errorf("%d run at once, want 4", n)
			}
			running.Add(-1)
			called.Add(1)
		})
		if ok {
			taken++
		} else {
			done.Done()
		}
	}
	done.Wait()
	if got := called.Load(); got != taken {
		t.Errorf("%d of %d were called", got, taken)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := cap(a.waiting); n > 64 {
		t.Errorf("there is room for %d, where 10 may wait", n)
	}
}
