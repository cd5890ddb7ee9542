package health

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/webstack/webstack/proxy/config"
)

// quick is how soon a target that is not known to be up is asked again. It is
// how much longer than needed an instance is out; a refused connect costs
// some 50 microseconds.
const quick = 250 * time.Millisecond

// spread is by how much of itself an interval differs each time: instances
// that were started together are not asked together for ever.
const spread = 0.1

// Pace is how a target wants to be asked.
type Pace int

const (
	// Rest: not now. It asks for a question with [Prober.Hurry].
	Rest Pace = iota
	// Quick: it is not known to be up.
	Quick
	// Steady: at its interval.
	Steady
)

// Target is one instance as an upstream has it.
type Target struct {
	// Upstream and ID, with the address, are what it is known by from one
	// config to the next.
	Upstream, ID     string
	Network, Address string
	Check            config.Health
	// Pace is asked before each question and behind it. Tell is told what
	// came of it, nil where all is well; it is not called where Pace is Rest
	// by then. Both are called on any goroutine, one at a time for a target.
	Pace func() Pace
	Tell func(err error)
}

// key is what a target is known by.
type key struct{ upstream, id, network, address string }

func (t *Target) key() key { return key{t.Upstream, t.ID, t.Network, t.Address} }

// Prober asks its targets while it runs.
type Prober struct {
	check func(ctx context.Context, network, address string, h config.Health) error

	mu     sync.Mutex
	ctx    context.Context // nil while it does not run
	probes map[key]*probe
	asking sync.WaitGroup
}

// probe is one target's goroutine.
type probe struct {
	target atomic.Pointer[Target]
	hurry  chan struct{}
	stop   context.CancelFunc // nil while it does not run
}

// NewProber makes a prober without targets, whose questions are [Check].
func NewProber() *Prober { return &Prober{check: Check, probes: map[key]*probe{}} }

// Run asks until ctx is done.
func (p *Prober) Run(ctx context.Context) {
	p.mu.Lock()
	p.ctx = ctx
	for _, b := range p.probes {
		p.start(b)
	}
	p.mu.Unlock()
	<-ctx.Done()
	p.mu.Lock()
	p.ctx = nil
	p.mu.Unlock()
	p.asking.Wait()
}

// Set changes the targets. One that was there goes on at its pace.
func (p *Prober) Set(targets []Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	stays := map[key]bool{}
	for i := range targets {
		t := targets[i]
		stays[t.key()] = true
		b := p.probes[t.key()]
		if b == nil {
			b = &probe{hurry: make(chan struct{}, 1)}
			p.probes[t.key()] = b
		}
		b.target.Store(&t)
		p.start(b)
	}
	for k, b := range p.probes {
		if !stays[k] {
			if b.stop != nil {
				b.stop()
			}
			delete(p.probes, k)
		}
	}
}

// start is called with the lock held.
func (p *Prober) start(b *probe) {
	if p.ctx == nil || b.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(p.ctx)
	b.stop = stop
	p.asking.Go(func() { b.run(ctx, p.check) })
}

// Hurry has every target of that ID asked at once: something has changed.
func (p *Prober) Hurry(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k, b := range p.probes {
		if k.id == id {
			select {
			case b.hurry <- struct{}{}:
			default: // it will be
			}
		}
	}
}

func (b *probe) run(ctx context.Context, check func(context.Context, string, string, config.Health) error) {
	next := time.NewTimer(b.first())
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.hurry:
		case <-next.C:
		}
		if t := b.target.Load(); t.Pace() != Rest {
			err := check(ctx, t.Network, t.Address, t.Check)
			if ctx.Err() != nil {
				return
			}
			// The config may have changed meanwhile, and the target with it.
			if t = b.target.Load(); t.Pace() != Rest {
				t.Tell(err)
			}
		}
		next.Reset(b.next())
	}
}

// first is within an interval, and soon.
func (b *probe) first() time.Duration {
	return rand.N(min(quick, time.Duration(b.target.Load().Check.Interval)) + 1)
}

func (b *probe) next() time.Duration {
	t := b.target.Load()
	d := time.Duration(t.Check.Interval)
	if t.Pace() == Quick {
		d = min(d, quick)
	}
	return d + time.Duration((rand.Float64()*2-1)*spread*float64(d))
}
