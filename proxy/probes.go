package proxy

import (
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/health"
	"github.com/webstack/webstack/proxy/snapshot"
)

// probe has the instances of the current config checked, but for those that a
// connect would wake.
func (p *Proxy) probe() {
	p.probed = map[spot]bool{}
	var targets []health.Target
	for i, u := range p.current.Upstreams {
		c := &p.config.Upstreams[i]
		for _, in := range c.Instances {
			if c.Health != nil && !in.Woken {
				p.probed[spot{u.Name, in.ID}] = true
				targets = append(targets, p.target(u, c, in))
			}
		}
	}
	p.prober.Set(targets)
}

func (p *Proxy) target(u *snapshot.Upstream, c *config.Upstream, in config.Instance) health.Target {
	at, onDemand, most := spot{u.Name, in.ID}, c.OnDemand, c.MaxInFlight
	instance := u.Group.Find(in.ID)
	return health.Target{
		Upstream: u.Name, ID: in.ID, Network: in.Network, Address: in.Address, Check: *c.Health,
		Pace: func() health.Pace {
			if most > 0 && instance.InFlight() >= most {
				return health.Rest // it would have to wait behind what it works on
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			return pace(p.seen[at].View, p.hearsay[at.id], onDemand)
		},
		Tell: func(err error) {
			reason := ""
			if err != nil {
				reason = "health check: " + err.Error()
			}
			u.Group.Probed(time.Now(), at.id, err == nil, reason)
			if err != nil {
				p.stir()
			}
		},
	}
}

// pace is how an instance is to be checked. hearsay: what is known of its unit
// is what another process had heard.
func pace(v balance.View, hearsay, onDemand bool) health.Pace {
	switch {
	case v.State == "", v.State == balance.Removed:
		return health.Rest
	case hearsay:
		return health.Quick
	case v.Unit != balance.UnitUp && onDemand:
		return health.Rest
	case v.Unit != balance.UnitUp && v.Unit != balance.UnitUnknown:
		return health.Rest
	case v.Probe != balance.ProbeUp:
		return health.Quick
	}
	return health.Steady
}
