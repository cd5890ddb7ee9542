package proxy

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// minRate is how slow a client may send a body or take an answer, in octets per
// second. Modems of the last century did more; who does less holds a
// connection and an instance for hours with next to nothing (IIS draws the
// line at 240).
const minRate = 240

// compile turns a config that passed Validate into a snapshot. Instances and
// counters that prev (nil at first) has too live on in it. wanted (nil for
// nobody) is told of upstreams whose instances are to be started.
func compile(c *config.Config, prev *snapshot.Snapshot, wanted func(upstream string)) (*snapshot.Snapshot, error) {
	trust, err := header.ParseTrust(c.Proxy.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("proxy: trusted_proxies: %w", err)
	}
	s := &snapshot.Snapshot{
		Generation: c.Generation,
		Limits: snapshot.Limits{
			Head:           time.Duration(c.Proxy.HeadTimeout),
			Body:           time.Duration(c.Proxy.BodyTimeout),
			Send:           time.Duration(c.Proxy.SendTimeout),
			Keepalive:      time.Duration(c.Proxy.KeepaliveTimeout),
			MinRate:        minRate,
			MaxConnections: c.Proxy.MaxConnections,
			MaxPerClient:   c.Proxy.MaxConnectionsPerClient,
		},
		Loops:     c.Proxy.Loops,
		Trust:     trust,
		Listeners: map[string]*snapshot.Listener{},
	}
	compileUpstreams(s, c, prev, wanted)
	if err := compileSites(s, c, prev); err != nil {
		return nil, err
	}
	return s, compileListeners(s, c)
}

// method is the way to balance of that name.
func method(name string) balance.Method {
	switch name {
	case "least-in-flight":
		return balance.LeastInFlight
	case "random-two":
		return balance.RandomTwo
	}
	return balance.RoundRobin
}

func compileUpstreams(s *snapshot.Snapshot, c *config.Config, prev *snapshot.Snapshot, wanted func(string)) {
	before := map[string]*balance.Group{}
	if prev != nil {
		for _, u := range prev.Upstreams {
			before[u.Name] = u.Group
		}
	}
	for _, u := range c.Upstreams {
		var members []balance.Member
		for _, in := range u.Instances {
			members = append(members, balance.Member{
				ID: in.ID, Network: in.Network, Address: in.Address, Weight: in.Weight, Backup: in.Backup,
				Woken: in.Woken,
			})
		}
		settings := balanceSettings(&u)
		if wanted != nil {
			settings.Wanted = func() { wanted(u.Name) }
		}
		s.Upstreams = append(s.Upstreams, &snapshot.Upstream{
			Name:         u.Name,
			App:          u.App,
			Group:        balance.NewGroup(settings, members, before[u.Name]),
			QueueTimeout: time.Duration(u.QueueTimeout),
			Hold:         time.Duration(u.Hold),
			Dial: snapshot.Dial{
				ConnectTimeout:    time.Duration(u.ConnectTimeout),
				Keepalive:         u.Keepalive,
				KeepaliveTimeout:  time.Duration(u.KeepaliveTimeout),
				KeepaliveRequests: u.KeepaliveRequests,
			},
		})
	}
}

// balanceSettings are what the config says of balancing over an upstream.
func balanceSettings(u *config.Upstream) balance.Settings {
	s := balance.Settings{
		Passive:     balance.Passive{MaxFails: u.MaxFails, FailTimeout: time.Duration(u.FailTimeout)},
		Method:      method(u.Balance),
		SlowStart:   time.Duration(u.SlowStart),
		Hold:        time.Duration(u.Hold),
		OnDemand:    u.OnDemand,
		MaxInFlight: u.MaxInFlight,
		Queue:       u.Queue,
		Lock:        new(sync.Mutex),
		Seed:        rand.Uint64(),
		Epoch:       time.Now(),
	}
	if u.Health != nil {
		s.Active = balance.Active{Rise: u.Health.Rise, Fall: u.Health.Fall}
	}
	return s
}

func compileSites(s *snapshot.Snapshot, c *config.Config, prev *snapshot.Snapshot) error {
	before := map[string]*snapshot.Site{}
	if prev != nil {
		for _, site := range prev.Sites {
			before[site.Name] = site
		}
	}
	for _, cs := range c.Sites {
		site := &snapshot.Site{Name: cs.Name, Listeners: cs.Listeners}
		if old := before[cs.Name]; old != nil {
			site.Counters, site.Maintenance = old.Counters, old.Maintenance
		} else {
			site.Counters, site.Maintenance = new(snapshot.Counters), new(atomic.Pointer[snapshot.Maintenance])
		}
		s.Sites = append(s.Sites, site)
		for i := range cs.Routes {
			r, err := compileRoute(&cs.Routes[i], s.Upstreams)
			if err != nil {
				return fmt.Errorf("site %s: route %q: %w", cs.Name, cs.Routes[i].Path, err)
			}
			r.Site = site
			s.Routes = append(s.Routes, r)
		}
	}
	return nil
}

func compileRoute(c *config.Route, upstreams []*snapshot.Upstream) (*snapshot.Route, error) {
	request, err := compileRules(c.RequestHeaders)
	if err != nil {
		return nil, fmt.Errorf("request_headers: %w", err)
	}
	response, err := compileRules(c.ResponseHeaders)
	if err != nil {
		return nil, fmt.Errorf("response_headers: %w", err)
	}
	r := &snapshot.Route{
		Kind:            route.Kind(c.Match),
		Path:            c.Path,
		StripPrefix:     c.StripPrefix,
		Fallback:        c.Fallback,
		Internal:        c.Internal,
		AccessLog:       c.AccessLog,
		RequestBuffer:   c.RequestBuffer,
		MaxBody:         c.MaxBodyBytes,
		NeverRetry:      c.Retry == "never",
		Tries:           c.Tries,
		ResponseTimeout: time.Duration(c.ResponseTimeout),
		IdleTimeout:     time.Duration(c.IdleTimeout),
		Upgrade:         c.Upgrade,
		RequestHeaders:  request,
		ResponseHeaders: response,
	}
	switch {
	case c.Files != nil:
		options := static.Options{Index: c.Files.Index, Immutable: c.Files.Immutable, Precompressed: c.Files.Precompressed}
		if c.Files.Expires != nil {
			expires := time.Duration(*c.Files.Expires)
			options.Expires = &expires
		}
		r.Files = &snapshot.Files{Root: open.NewRoot(c.Files.Root, c.Files.FollowSymlinksTo), Options: options}
	case c.Redirect != nil:
		location, err := route.CompileTemplate(c.Redirect.Location, route.ForLocation)
		if err != nil {
			return nil, fmt.Errorf("redirect: %w", err)
		}
		r.Redirect = &snapshot.Redirect{Location: location, Status: c.Redirect.Status}
	case c.Respond != nil:
		r.Respond = &snapshot.Respond{Status: c.Respond.Status, Body: c.Respond.Body}
	default:
		for _, u := range upstreams {
			if u.Name == c.Upstream {
				r.Upstream = u
			}
		}
		if r.Upstream == nil {
			return nil, fmt.Errorf("no upstream %q", c.Upstream)
		}
	}
	return r, nil
}

func compileRules(fields []config.Field) (*header.Rules, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	list := make([]header.Field, 0, len(fields))
	for _, f := range fields {
		list = append(list, header.Field{Name: f.Name, Value: f.Value})
	}
	return header.CompileRules(list)
}

func compileListeners(s *snapshot.Snapshot, c *config.Config) error {
	for _, l := range c.Listeners {
		peers, err := header.ParseTrust(l.ProxyProtocol)
		if err != nil {
			return fmt.Errorf("listener %s: proxy_protocol: %w", l.Name, err)
		}
		listener := &snapshot.Listener{Name: l.Name, ProxyProtocol: peers}
		for i, site := range c.Sites {
			for _, name := range site.Listeners {
				if name == l.Name {
					listener.Sites = append(listener.Sites, s.Sites[i])
				}
			}
		}
		if len(listener.Sites) == 0 {
			continue
		}
		table, err := route.Compile(c.RouteSites(l.Name))
		if err != nil {
			return fmt.Errorf("listener %s: %w", l.Name, err)
		}
		listener.Table = table
		s.Listeners[l.Name] = listener
	}
	return nil
}
