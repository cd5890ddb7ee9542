package engine

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/loop"
)

const (
	// lookupTimeout bounds the resolver, whose own retries take longer.
	lookupTimeout = 5 * time.Second
	// lookupAge is how long a looked-up address is used for new connections.
	lookupAge = 10 * time.Second
)

// resolve waits for the address of an instance that is a name. It is looked up
// aside: a resolver blocks.
func (c *client) resolve(p *pool) verdict {
	w := c.worker
	for _, waiting := range p.waiting {
		if waiting == c {
			return wait
		}
	}
	p.waiting = append(p.waiting, c)
	if len(p.waiting) > 1 {
		return wait
	}
	name := p.instance.Address
	go func() {
		ctx, done := context.WithTimeout(context.Background(), lookupTimeout)
		defer done()
		ap, err := lookup(ctx, name)
		w.driver.Post(func() { p.resolved(ap, err) })
	}()
	return wait
}

func lookup(ctx context.Context, address string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return netip.AddrPort{}, err
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), uint16(n)), nil
}

// resolved goes on with those that wait for the address.
func (p *pool) resolved(ap netip.AddrPort, err error) {
	waiting := p.waiting
	p.waiting = nil
	switch {
	case err == nil:
		p.address, p.known, p.lookedUp = tcpAddress(ap), true, p.worker.now()
	case p.known:
		// Where the resolver fails, the address that it gave last will do.
		p.worker.log.Warn("a name cannot be looked up again; its last address is used", "instance", p.instance.ID, "error", err)
		p.lookedUp, err = p.worker.now(), nil
	}
	for _, c := range waiting {
		if c.step != stepConnect || c.x == nil || c.x.instance != p.instance || c.x.backend != nil {
			continue
		}
		if err != nil {
			p.worker.attend(c)
			p.worker.reason = "its name cannot be looked up"
			c.tryFailed(balance.Unreached, 0)
		}
		c.run()
	}
}

// stale says that a name should be looked up again before it is connected to.
func (p *pool) stale(now loop.Instant) bool {
	return p.lookedUp != 0 && now-p.lookedUp > loop.Instant(lookupAge)
}
