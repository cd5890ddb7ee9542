package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/webstack/webstack/integration/bench/process"
)

const (
	// restTimeout is for the proxy to end what nobody waits for any more: the
	// idle connections to instances, and a few turns of its timers.
	restTimeout = idleTimeout + 30*time.Second
	restPause   = 100 * time.Millisecond
	// settled is how long the descriptors have to become no fewer.
	settled = idleTimeout + time.Second
)

// What may differ between two rests.
const (
	// moreDescriptors: a listing of the process's own, a file kept open.
	moreDescriptors = 4
	// moreMemory: a garbage-collected heap is as large as its last peak made
	// it, and peaks of random loads differ. A leak of 100 octets for each of a
	// hundred thousand exchanges is more than that.
	moreMemory = 8 << 20
)

// rest is what the proxy holds when nobody asks for anything.
type rest struct {
	descriptors int
	memory      process.Memory
}

func (r rest) String() string {
	return fmt.Sprintf("%d descriptors, %.1f MB resident, %.1f MB of it anonymous", r.descriptors, float64(r.memory.RSS)/(1<<20), float64(r.memory.Anonymous)/(1<<20))
}

// comeToRest waits until nothing is in flight, no client is connected, and the
// descriptors become no fewer.
func (p *proxy) comeToRest() (rest, error) {
	deadline := time.Now().Add(restTimeout)
	least, since := int(^uint(0)>>1), time.Now()
	for {
		err := p.idle()
		now := time.Now()
		if err == nil {
			open, err := p.Descriptors()
			if err != nil {
				return rest{}, err
			}
			// The question for its status opens one for a moment.
			if open < least {
				least, since = open, now
			}
			if now.Sub(since) >= settled {
				memory, err := p.Memory()
				return rest{least, memory}, err
			}
		} else {
			since = now
		}
		if now.After(deadline) {
			return rest{}, errors.Join(fmt.Errorf("the proxy does not come to rest within %s", restTimeout), err)
		}
		time.Sleep(restPause)
	}
}

// idle is nil when the proxy says that it has nothing to do.
func (p *proxy) idle() error {
	status, err := p.status()
	if err != nil {
		return err
	}
	if status.Connections > 0 {
		return fmt.Errorf("%d clients are connected", status.Connections)
	}
	for _, u := range status.Upstreams {
		for _, in := range u.Instances {
			if in.InFlight != 0 {
				return fmt.Errorf("%d requests are in flight at %s", in.InFlight, in.ID)
			}
		}
	}
	return nil
}

// grown is what the later rest has too much.
func grown(before, after rest) error {
	var all []error
	if after.descriptors > before.descriptors+moreDescriptors {
		all = append(all, fmt.Errorf("%d descriptors have become %d", before.descriptors, after.descriptors))
	}
	if after.memory.RSS > before.memory.RSS+moreMemory {
		all = append(all, fmt.Errorf("%d MB of memory have become %d", before.memory.RSS>>20, after.memory.RSS>>20))
	}
	return errors.Join(all...)
}
