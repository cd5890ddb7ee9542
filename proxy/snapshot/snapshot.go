package snapshot

import (
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
	Trust      header.Trust
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
	// MaxConnections caps client connections; 0 leaves it to the server.
	MaxConnections int
}

// Listener is one listening socket's sites.
type Listener struct {
	Name  string
	Table *route.Table
	// Sites are in the order that Table.Site counts them by.
	Sites []*Site
}

// Site is what requests are accounted to.
type Site struct {
	Name      string
	Listeners []string
	Counters  *Counters
}

// Counters outlive a reload.
type Counters struct {
	// Requests are all, Errors those that were answered with 500 or above.
	Requests, Errors atomic.Uint64
}

// Upstream is a group of instances and how to connect to them.
type Upstream struct {
	Name, App string
	Group     *balance.Group
	Dial      Dial
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
