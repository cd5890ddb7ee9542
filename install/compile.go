package install

import (
	"fmt"
	"sort"
	"strings"

	"github.com/webstack/webstack/install/spec"
	"github.com/webstack/webstack/proxy/config"
	"github.com/webstack/webstack/units"
)

// CompileConfig makes the proxy's config out of a spec. The result is valid,
// or the compiler and config.Validate disagree, which is a defect.
func CompileConfig(s *spec.Spec) (*config.Config, error) {
	c := &config.Config{Version: config.Version, Proxy: compileProxy(s.Proxy)}
	names := map[spec.Listen]string{}
	for _, site := range s.Sites {
		for _, l := range site.Listen {
			if _, seen := names[l]; seen {
				continue
			}
			names[l] = units.ListenerName(l.Network, l.Address)
			c.Listeners = append(c.Listeners, config.Listener{
				Name: names[l], Network: l.Network, Address: l.Address, ProxyProtocol: site.ProxyProtocol,
			})
		}
	}
	sort.Slice(c.Listeners, func(i, j int) bool { return c.Listeners[i].Name < c.Listeners[j].Name })

	apps := map[string]*spec.App{}
	for _, a := range s.Apps {
		apps[a.Name] = a
		if a.Address == "" {
			continue
		}
		u := compileUpstream(a.Name, a.Balance)
		u.App = a.Name
		u.OnDemand = a.Start == "on-demand"
		u.Instances = appInstances(a, 1, false)
		c.Upstreams = append(c.Upstreams, u)
	}
	for _, up := range s.Upstreams {
		u := compileUpstream(up.Name, up.Balance)
		for _, server := range up.Servers {
			if server.App != "" {
				u.Instances = append(u.Instances, appInstances(apps[server.App], server.Weight, server.Backup)...)
				continue
			}
			network, address := splitAddress(server.Address)
			u.Instances = append(u.Instances, config.Instance{
				ID: server.Address, Network: network, Address: address,
				Weight: server.Weight, Backup: server.Backup,
			})
		}
		c.Upstreams = append(c.Upstreams, u)
	}
	for _, site := range s.Sites {
		cs := config.Site{Name: site.Name, Hosts: site.Hosts}
		for _, l := range site.Listen {
			cs.Listeners = append(cs.Listeners, names[l])
		}
		for _, r := range site.Routes {
			cs.Routes = append(cs.Routes, compileRoute(r))
		}
		c.Sites = append(c.Sites, cs)
	}
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("the compiled config is not valid: %w", err)
	}
	return c, nil
}

func compileProxy(p spec.Proxy) config.Proxy {
	return config.Proxy{
		TrustedProxies:   p.TrustedProxies,
		HeadTimeout:      config.Duration(p.HeadTimeout),
		BodyTimeout:      config.Duration(p.BodyTimeout),
		SendTimeout:      config.Duration(p.SendTimeout),
		KeepaliveTimeout: config.Duration(p.KeepaliveTimeout),
		StopGrace:        config.Duration(p.StopGrace),
		StopTimeout:      config.Duration(p.StopTimeout),
		AccessLog:        p.AccessLog,
		AccessFormat:     p.AccessFormat,
		Loops:            p.Loops,

		MaxConnections:          p.MaxConnections,
		MaxConnectionsPerClient: p.MaxPerClient,
	}
}

func compileUpstream(name string, b spec.Balance) config.Upstream {
	u := config.Upstream{
		Name: name, Balance: b.Method, MaxInFlight: b.MaxInFlight, Queue: b.Queue,
		MaxFails: b.MaxFails, FailTimeout: config.Duration(b.FailTimeout),
		ConnectTimeout: config.Duration(b.ConnectTimeout),
		Keepalive:      b.Keepalive, KeepaliveTimeout: config.Duration(b.KeepaliveTimeout),
		KeepaliveRequests: b.KeepaliveRequests,
	}
	u.Hold, u.SlowStart = config.Duration(b.Hold), config.Duration(b.SlowStart)
	u.Health = compileHealth(b.Health)
	if b.Queue > 0 {
		u.QueueTimeout = config.Duration(b.QueueTimeout)
	}
	return u
}

func appInstances(a *spec.App, weight int, backup bool) []config.Instance {
	var list []config.Instance
	for _, name := range instanceNames(a) {
		network, address := splitAddress(instanceAddress(a, name))
		list = append(list, config.Instance{
			ID:      strings.TrimSuffix(units.InstanceUnit(a.Unit, name), ".service"),
			Network: network, Address: address, Weight: weight, Backup: backup,
			Woken: a.Start == "on-demand" && a.Bind == "systemd",
		})
	}
	return list
}

func compileHealth(h *spec.Health) *config.Health {
	if h == nil {
		return nil
	}
	out := &config.Health{
		Path: h.Path, Interval: config.Duration(h.Interval), Timeout: config.Duration(h.Timeout),
		Rise: h.Rise, Fall: h.Fall, Host: h.Host, Body: h.Body,
	}
	for _, r := range h.Status {
		out.Status = append(out.Status, config.StatusRange(r))
	}
	return out
}

// splitAddress takes "unix:/path" and "host:port" apart from each other.
func splitAddress(address string) (network, rest string) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return "unix", path
	}
	return "tcp", address
}

func compileRoute(r *spec.Route) config.Route {
	out := config.Route{
		Match: config.Match(r.Match), Path: r.Path,
		MaxBodyBytes: r.MaxBodyBytes, Retry: r.Retry, Tries: r.Tries,
		ResponseTimeout: config.Duration(r.ResponseTimeout), IdleTimeout: config.Duration(r.IdleTimeout),
		ResponseHeaders: compileHeaders(r.ResponseHeaders),
		Internal:        r.Internal, AccessLog: r.AccessLog,
	}
	switch {
	case r.App != "":
		forward(&out, r, r.App)
	case r.Upstream != "":
		forward(&out, r, r.Upstream)
	case r.Files != "":
		out.Files = compileFiles(r)
		out.Fallback = r.Fallback
	case r.Redirect != "":
		out.Redirect = &config.Redirect{Location: r.Redirect, Status: r.Status}
	case r.Respond:
		out.Respond = &config.Respond{Status: r.Status, Body: r.Body}
	}
	return out
}

// forward sends a route's requests on, with what only such a route has.
func forward(out *config.Route, r *spec.Route, upstream string) {
	out.Upstream = upstream
	out.StripPrefix = r.StripPrefix
	out.RequestBuffer = r.RequestBuffer
	out.Upgrade = r.Upgrade
	out.RequestHeaders = compileHeaders(r.RequestHeaders)
}

func compileFiles(r *spec.Route) *config.Files {
	f := &config.Files{Root: r.Files, FollowSymlinksTo: r.FollowSymlinksTo, Index: r.Index, Immutable: r.Immutable, Precompressed: r.Precompressed}
	if r.Expires != nil {
		d := config.Duration(*r.Expires)
		f.Expires = &d
	}
	return f
}

func compileHeaders(list []spec.Header) []config.Field {
	var out []config.Field
	for _, h := range list {
		out = append(out, config.Field(h))
	}
	return out
}
