package lossless

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/webstack/webstack/proxy/control"
)

// watchInterval is how often the proxy is asked how it is: what lasts shorter
// in its rotation is not seen.
const watchInterval = 20 * time.Millisecond

// watchTimeout bounds one question.
const watchTimeout = 5 * time.Second

// Watch follows a proxy's status while a storm blows.
type Watch struct {
	upstream string
	client   http.Client
	stop     context.CancelFunc
	done     chan struct{}

	mu   sync.Mutex
	seen Sight
	up   map[string]time.Time // when each was last seen in rotation
}

// Sight is what a watch saw.
type Sight struct {
	// Asked is how often there was an answer; without one all else is nothing.
	Asked int
	// Fewest of Instances were in rotation at a time.
	Fewest, Instances int
	// Memory is the proxy's resident memory, each time.
	Memory []int64
	// Held is the most requests that waited at a time because nothing was
	// ready.
	Held int
	// Drained is each time at which an instance left the rotation.
	Drained []Event
}

// NewWatch follows an upstream through the control socket, to which dial
// connects.
func NewWatch(upstream string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *Watch {
	ctx, stop := context.WithCancel(context.Background())
	w := &Watch{upstream: upstream, stop: stop, done: make(chan struct{}), up: map[string]time.Time{}}
	w.client.Timeout = watchTimeout
	w.client.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dial(ctx, "unix", control.Socket)
	}}
	go w.run(ctx)
	return w
}

// Stop ends it.
func (w *Watch) Stop() Sight {
	w.stop()
	<-w.done
	w.client.CloseIdleConnections()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

func (w *Watch) run(ctx context.Context) {
	defer close(w.done)
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		// The answer is not older than the question.
		asked := time.Now()
		if status, err := w.ask(ctx); err == nil {
			w.take(status, asked)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w *Watch) ask(ctx context.Context) (*control.Status, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://proxy/v1/status", nil)
	if err != nil {
		return nil, err
	}
	response, err := w.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the control socket answers %d", response.StatusCode)
	}
	var status control.Status
	return &status, json.NewDecoder(response.Body).Decode(&status)
}

// take compares a status with what was seen before.
func (w *Watch) take(status *control.Status, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &w.seen
	for _, u := range status.Upstreams {
		if u.Name != w.upstream {
			continue
		}
		up := 0
		for _, i := range u.Instances {
			since, was := w.up[i.ID]
			switch {
			case i.State == "up":
				up++
				w.up[i.ID] = now
			case was:
				delete(w.up, i.ID)
				if i.State == "draining" || i.State == "stopped" || i.State == "removed" {
					// Not before it was last seen up.
					s.Drained = append(s.Drained, Event{At: since, Unit: i.ID + ".service", What: Drained})
				}
			}
		}
		if s.Asked == 0 || up < s.Fewest {
			s.Fewest = up
		}
		s.Instances = max(s.Instances, len(u.Instances))
		s.Held = max(s.Held, u.Held)
		s.Memory = append(s.Memory, status.MemoryBytes)
		s.Asked++
	}
}

// growth is how much more memory the second half took at most than the first.
func (s Sight) growth() int64 {
	half := len(s.Memory) / 2
	if half == 0 {
		return 0
	}
	return max(0, slices.Max(s.Memory[half:])-slices.Max(s.Memory[:half]))
}
