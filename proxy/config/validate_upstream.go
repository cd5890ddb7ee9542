package config

import "slices"

// maxWeight keeps the sum of all weights far from an overflow.
const maxWeight = 65535

func (c *Config) validateUpstreams(p *problems) {
	names, addresses := map[string]bool{}, map[string]string{}
	for i := range c.Upstreams {
		u := &c.Upstreams[i]
		p := p.in("upstream %q", u.Name)
		if u.Name == "" {
			p.add("it has no name")
		}
		if names[u.Name] {
			p.add("the name is there twice")
		}
		names[u.Name] = true
		u.validate(p)
		u.validateInstances(p, addresses)
	}
}

func (u *Upstream) validate(p *problems) {
	switch u.Balance {
	case "round-robin", "least-in-flight", "random-two":
	default:
		p.add("balance %q is not \"round-robin\", \"least-in-flight\" or \"random-two\"", u.Balance)
	}
	p.count("max_in_flight", int64(u.MaxInFlight))
	p.count("queue", int64(u.Queue))
	p.duration("queue_timeout", u.QueueTimeout, u.Queue > 0)
	if u.Queue > 0 && u.MaxInFlight == 0 {
		p.add("queue is %d and max_in_flight 0: nothing would ever wait", u.Queue)
	}
	p.count("max_fails", int64(u.MaxFails))
	p.duration("fail_timeout", u.FailTimeout, u.MaxFails > 0)
	p.duration("connect_timeout", u.ConnectTimeout, true)
	p.count("keepalive", int64(u.Keepalive))
	p.duration("keepalive_timeout", u.KeepaliveTimeout, false)
	p.count("keepalive_requests", int64(u.KeepaliveRequests))
	p.duration("hold", u.Hold, false)
	p.duration("slow_start", u.SlowStart, false)
	if u.Health != nil {
		u.Health.validate(p.in("health"))
	}
	if u.OnDemand {
		u.validateOnDemand(p)
	}
}

// validateOnDemand holds that there is somebody to start, and a request that
// waits for it. An instance that a connection wakes needs neither.
func (u *Upstream) validateOnDemand(p *problems) {
	if u.App == "" {
		p.add("on_demand needs an app: nobody starts remote servers")
	}
	woken := !slices.ContainsFunc(u.Instances, func(in Instance) bool { return !in.Woken })
	if u.Hold == 0 && !woken {
		p.add("on_demand with hold 0: no request would wait for the start")
	}
}

// validateInstances also holds an identity to one address across upstreams: a
// drain names an instance by its identity in all of them.
func (u *Upstream) validateInstances(p *problems, addresses map[string]string) {
	if len(u.Instances) == 0 {
		p.add("it has no instance")
	}
	ids := map[string]bool{}
	for _, in := range u.Instances {
		p := p.in("instance %q", in.ID)
		if in.ID == "" {
			p.add("it has no id")
		}
		if ids[in.ID] {
			p.add("the id is there twice")
		}
		ids[in.ID] = true
		switch in.Network {
		case "tcp":
			if !isHostPort(in.Address) {
				p.add("address %q is not a host with a port", in.Address)
			}
		case "unix":
			validateSocket(p, in.Address)
		default:
			p.add("network %q is neither tcp nor unix", in.Network)
		}
		if in.Weight < 1 || in.Weight > maxWeight {
			p.add("weight %d is not between 1 and %d", in.Weight, maxWeight)
		}
		if other, known := addresses[in.ID]; known && other != in.Address {
			p.add("it has the address %q here and %q in another upstream", in.Address, other)
		}
		addresses[in.ID] = in.Address
	}
}
