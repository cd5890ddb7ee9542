package lossless

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/webstack/webstack/integration/load"
)

// Rate is what "a thousand requests a second or more" means here.
const Rate = 1100

// timeout bounds one request: more than the longest hold, so that who was
// forgotten is told from who had to wait.
const timeout = 20 * time.Second

// parts are how the requests are spread over the kinds: of 100, and by how
// many workers. There are more workers than the rate needs, for those that
// wait while nothing is ready are not to stop the others.
var parts = []struct {
	kind    Kind
	percent float64
	workers int
}{
	{GetNew, 35, 56},
	{GetKept, 45, 56},
	{PostNew, 10, 16},
	{PostKept, 10, 16},
}

// Options describe a storm.
type Options struct {
	// Address is the site's, host:port.
	Address string
	// Dial connects to it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Rate is requests a second; 0 is [Rate].
	Rate float64
	// Streams and Sockets are how many are open at a time.
	Streams, Sockets int
}

// Storm is running clients.
type Storm struct {
	opts    Options
	ledger  *ledger
	loads   []*load.Load
	stop    context.CancelFunc
	lasting sync.WaitGroup
	began   time.Time
}

// Tally is what a storm saw.
type Tally struct {
	Attempts [kinds]int
	Misses   []Miss
	// Answered are the ids of the POSTs that got a 2xx.
	Answered map[string]bool
	Repeated int
	// Wait is the longest that a right answer took, Gap the longest time in
	// which no new connection was answered.
	Wait, Gap    time.Duration
	Began, Ended time.Time
}

// Start lets a storm loose. Stop ends it.
func Start(opts Options) (*Storm, error) {
	if opts.Rate <= 0 {
		opts.Rate = Rate
	}
	s := &Storm{opts: opts, began: time.Now()}
	s.ledger = newLedger(s.began)
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	for _, part := range parts {
		a := &asks{kind: part.kind, base: "http://" + opts.Address, ledger: s.ledger}
		l, err := load.Start(ctx, load.Options{
			URL: a.base, Dial: opts.Dial, Timeout: timeout, Next: a.next,
			NewConnection: part.kind == GetNew || part.kind == PostNew,
			Attentive:     true,
			Workers:       part.workers, Rate: opts.Rate * part.percent / 100,
		})
		if err != nil {
			s.Stop()
			return nil, fmt.Errorf("cannot start a storm: %w", err)
		}
		s.loads = append(s.loads, l)
	}
	for range opts.Streams {
		s.lasting.Go(func() { s.keep(ctx, Stream, readEvents) })
	}
	for range opts.Sockets {
		s.lasting.Go(func() { s.keep(ctx, Socket, converse) })
	}
	return s, nil
}

// Stop ends the storm, each request under way in its own time.
func (s *Storm) Stop() Tally {
	s.stop()
	ended := time.Now()
	repeated := 0
	for _, l := range s.loads {
		repeated += l.Stop().Repeated
	}
	s.lasting.Wait()
	l := s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	return Tally{
		Attempts: l.attempts, Misses: l.misses, Answered: l.answered, Repeated: repeated,
		Wait: l.wait, Gap: l.gap, Began: s.began, Ended: ended,
	}
}
