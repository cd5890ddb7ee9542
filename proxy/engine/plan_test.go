package engine

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/snapshot"
)

// plan is what a scene is made of; a test changes what it is about.
type plan struct {
	limits    snapshot.Limits
	instances []string
	// address is where all instances are, for a test with sockets.
	address  string
	settings balance.Settings
	dial     snapshot.Dial
	// queueTimeout is the upstream's.
	queueTimeout time.Duration
	// app is the route of "/", more are others.
	app  *snapshot.Route
	more []*snapshot.Route
}

func newPlan() *plan {
	return &plan{
		limits: snapshot.Limits{
			Head: 10 * time.Second, Body: 20 * time.Second, Send: 30 * time.Second, Keepalive: 75 * time.Second,
		},
		instances: []string{"app@1"},
		settings:  balance.Settings{Passive: balance.Passive{MaxFails: 1, FailTimeout: 10 * time.Second}},
		dial: snapshot.Dial{
			ConnectTimeout: 5 * time.Second, Keepalive: 8, KeepaliveTimeout: time.Minute, KeepaliveRequests: 1000,
		},
		queueTimeout: 15 * time.Second,
		app:          appRoute("/"),
	}
}

// appRoute is a route to the scene's upstream.
func appRoute(path string) *snapshot.Route {
	return &snapshot.Route{
		Kind: route.Prefix, Path: path, Tries: 2, MaxBody: 1 << 20, AccessLog: true,
		ResponseTimeout: 40 * time.Second, IdleTimeout: 50 * time.Second, Upgrade: []string{"websocket"},
	}
}

// compile makes the plan's snapshot; instances that prev has live on.
func (p *plan) compile(t testing.TB, prev *snapshot.Snapshot) *snapshot.Snapshot {
	t.Helper()
	var before *balance.Group
	if prev != nil {
		before = prev.Upstreams[0].Group
	}
	var members []balance.Member
	for i, id := range p.instances {
		address := p.address
		if address == "" {
			address = fmt.Sprintf("127.0.0.1:%d", 8021+i)
		}
		members = append(members, balance.Member{ID: id, Network: "tcp", Address: address})
	}
	up := &snapshot.Upstream{
		Name: "app", App: "app", Group: balance.NewGroup(p.settings, members, before),
		QueueTimeout: p.queueTimeout, Hold: p.settings.Hold, Dial: p.dial,
	}
	site := &snapshot.Site{Name: "site", Counters: new(snapshot.Counters), Maintenance: new(atomic.Pointer[snapshot.Maintenance])}
	if prev != nil {
		site.Maintenance = prev.Sites[0].Maintenance
	}
	s := &snapshot.Snapshot{
		Limits: p.limits, Upstreams: []*snapshot.Upstream{up}, Sites: []*snapshot.Site{site},
		Routes: append([]*snapshot.Route{p.app}, p.more...),
	}
	var paths []route.Route
	for i, r := range s.Routes {
		r.Site = site
		if r.Files == nil && r.Redirect == nil && r.Respond == nil {
			r.Upstream = up
		}
		paths = append(paths, route.Route{Kind: r.Kind, Path: r.Path, Target: i})
	}
	table, err := route.Compile([]route.Site{{Name: "site", Routes: paths}})
	if err != nil {
		t.Fatal(err)
	}
	s.Listeners = map[string]*snapshot.Listener{"web": {Name: "web", Table: table, Sites: s.Sites}}
	up.Group.TakeOver(time.Time{})
	return s
}
