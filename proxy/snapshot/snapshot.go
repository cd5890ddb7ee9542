package snapshot

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/webstack/webstack/proxy/balance"
	"github.com/webstack/webstack/proxy/header"
	"github.com/webstack/webstack/proxy/route"
	"github.com/webstack/webstack/proxy/static"
	"github.com/webstack/webstack/proxy/static/open"
)

// Snapshot is everything that requests are served by.
type Snapshot struct {
	Generation int
	Limits     Limits
	// Loops is how many event loops there are; it is read when they start. 0
	// is one for each processor.
	Loops int
	Trust header.Trust
	// Listeners are those that a site uses, by name. A listener that is not
	// here answers 503.
	Listeners map[string]*Listener
	Upstreams []*Upstream
	Sites     []*Site
	// Routes are what a table's targets count.
	Routes []*Route
}

// Limits bound what a client connection may take.
type Limits struct {
	// Head bounds the arrival of a whole request head, Body the gap between
	// two reads of a request body, Send that between two writes, Keepalive
	// the time between two requests.
	Head, Body, Send, Keepalive time.Duration
	// MinRate is what a request body, and an answer to a client that takes
	// less than it could, must come to in octets per second; 0 for any rate.
	MinRate int
	// MaxConnections caps client connections; 0 leaves it to the server.
	MaxConnections int
	// MaxPerClient caps those of one client address; 0 does not.
	MaxPerClient int
}

// Listener is one listening socket's sites.
type Listener struct {
	Name  string
	Table *route.Table
	// Sites are in the order that Table.Site counts them by.
	Sites []*Site
	// ProxyProtocol are the peers whose connections begin with a PROXY header.
	ProxyProtocol header.Trust
}

// Site is what requests are accounted to.
type Site struct {
	Name      string
	Listeners []string
	Counters  *Counters
	// Maintenance is what the site answers instead of serving, nil while it
	// serves. It outlives a reload; what it points to is never changed.
	Maintenance *atomic.Pointer[Maintenance]
}

// Counters outlive a reload.
type Counters struct {
	// Requests are all, Errors those that were answered with 500 or above.
	Requests, Errors atomic.Uint64
}

// Maintenance is the answer of a site that is being worked on: 503, to all but
// those who are let in.
type Maintenance struct {
	// Page is the answer's body, HTML; "" is a plain sentence.
	Page string
	// RetryAfter is the field's value in seconds, 0 for none.
	RetryAfter int
	// Allow are the clients that are served all the same.
	Allow []netip.Prefix
}

// Allows says whether the client is served all the same. One without an
// address, of a unix socket, is not.
func (m *Maintenance) Allows(client netip.Addr) bool {
	client = client.Unmap()
	for _, prefix := range m.Allow {
		if prefix.Contains(client) {
			return true
		}
	}
	return false
}

// Upstream is a group of instances and how to connect to them.
type Upstream struct {
	Name, App string
	Group     *balance.Group
	// QueueTimeout bounds the wait for an instance that is not full, Hold that
	// for one that is ready.
	QueueTimeout, Hold time.Duration
	Dial               Dial
}

// Dial says how connections to instances are made and kept.
type Dial struct {
	ConnectTimeout time.Duration
	// Keepalive is how many idle connections to one instance are kept,
	// KeepaliveTimeout for how long, KeepaliveRequests for how many requests
	// (0 for any number).
	Keepalive         int
	KeepaliveTimeout  time.Duration
	KeepaliveRequests int
}

// Route is one path and exactly one of Upstream, Files, Redirect, Respond.
type Route struct {
	Site *Site
	Kind route.Kind
	Path string

	Upstream *Upstream
	Files    *Files
	Redirect *Redirect
	Respond  *Respond

	StripPrefix bool
	// Fallback is the path that is matched instead where Files has no such
	// file, "" for none.
	Fallback string
	// Internal routes are reached by a fallback or by X-Accel-Redirect alone.
	Internal bool
	// AccessLog says that its requests are logged.
	AccessLog bool
	// RequestBuffer takes the whole body before the app sees the request.
	RequestBuffer bool
	// MaxBody is in bytes, 0 for no limit.
	MaxBody int64
	// NeverRetry switches the retry rule off, Tries is how many other
	// instances it may go to.
	NeverRetry bool
	Tries      int
	// ResponseTimeout bounds the wait for an answer's first byte,
	// IdleTimeout the gap between bytes of an answer or in a tunnel.
	ResponseTimeout, IdleTimeout time.Duration
	// Upgrade are the tokens that may become tunnels.
	Upgrade []string

	RequestHeaders, ResponseHeaders *header.Rules
}

// Files serves a folder.
type Files struct {
	Root    *open.Root
	Options static.Options
}

// Redirect answers with a Location.
type Redirect struct {
	Location *route.Template
	Status   int
}

// Respond answers with a fixed body.
type Respond struct {
	Status int
	Body   string
}
