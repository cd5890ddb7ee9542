package config

// Version is the format's number. The proxy refuses any other: an apply and
// a proxy of different releases must fail loudly, not half understand.
const Version = 1

// Config is everything that the proxy runs, as `webstack apply` compiled it.
type Config struct {
	// Version must be [Version].
	Version int `json:"version"`
	// Generation is the number of the applied result that this belongs to.
	Generation int        `json:"generation"`
	Proxy      Proxy      `json:"proxy"`
	Listeners  []Listener `json:"listeners"`
	Upstreams  []Upstream `json:"upstreams"`
	Sites      []Site     `json:"sites"`
}

// Proxy holds what applies to every connection.
type Proxy struct {
	// TrustedProxies are the peers (prefixes in CIDR form) whose forwarded
	// headers are believed.
	TrustedProxies []string `json:"trusted_proxies,omitempty"`
	// HeadTimeout bounds the arrival of a whole request head.
	HeadTimeout Duration `json:"head_timeout"`
	// BodyTimeout bounds the gap between two reads of a request body.
	BodyTimeout Duration `json:"body_timeout"`
	// SendTimeout bounds the gap between two writes to a client.
	SendTimeout Duration `json:"send_timeout"`
	// KeepaliveTimeout is how long a client connection may idle between requests.
	KeepaliveTimeout Duration `json:"keepalive_timeout"`
	// MaxConnections caps client connections; 0 derives it from LimitNOFILE.
	MaxConnections int `json:"max_connections,omitempty"`
	// MaxConnectionsPerClient caps those of one client address; 0 does not.
	MaxConnectionsPerClient int `json:"max_connections_per_client,omitempty"`
	// Loops is the number of event loops, read when the proxy starts; 0 is one
	// for each processor.
	Loops int `json:"loops,omitempty"`
	// AccessLog is where requests are logged: an absolute path, "stdout" or
	// "journal"; "" and "off" are nowhere.
	AccessLog string `json:"access_log,omitempty"`
	// AccessFormat is "combined" (as is ""), "json" or "logfmt". The journal
	// has fields of its own.
	AccessFormat string `json:"access_format,omitempty"`
	// StopGrace is how long streams and tunnels may go on when the proxy stops.
	StopGrace Duration `json:"stop_grace"`
	// StopTimeout bounds the whole stop.
	StopTimeout Duration `json:"stop_timeout"`
}

// Listener is one listening socket that systemd passes in.
type Listener struct {
	// Name is the socket unit's FileDescriptorName.
	Name string `json:"name"`
	// Network is "tcp" or "unix".
	Network string `json:"network"`
	// Address is host:port with a literal address ("0.0.0.0:8081",
	// "[::1]:80"), or an absolute path.
	Address string `json:"address"`
	// ProxyProtocol are the peers (prefixes in CIDR form) whose connections
	// begin with a PROXY header; nobody else's do.
	ProxyProtocol []string `json:"proxy_protocol,omitempty"`
}

// Upstream is the set of instances that requests are balanced over.
type Upstream struct {
	// Name is unique; an app's upstream has the app's name.
	Name string `json:"name"`
	// App is the app whose instances these are; empty for remote servers.
	App string `json:"app,omitempty"`
	// Balance is "round-robin", "least-in-flight" or "random-two".
	Balance string `json:"balance"`
	// MaxInFlight is how many exchanges one instance has at a time, 0 for any
	// number.
	MaxInFlight int `json:"max_in_flight,omitempty"`
	// Queue is how many exchanges wait at most while every instance is full,
	// QueueTimeout for how long.
	Queue        int      `json:"queue,omitempty"`
	QueueTimeout Duration `json:"queue_timeout,omitempty"`
	// MaxFails failures within FailTimeout take an instance out for
	// FailTimeout (nginx's max_fails and fail_timeout); 0 never.
	MaxFails          int      `json:"max_fails"`
	FailTimeout       Duration `json:"fail_timeout"`
	ConnectTimeout    Duration `json:"connect_timeout"`
	Keepalive         int      `json:"keepalive"`
	KeepaliveTimeout  Duration `json:"keepalive_timeout"`
	KeepaliveRequests int      `json:"keepalive_requests"`
	// Hold is how long a request waits while no instance is ready; 0 is not at
	// all.
	Hold Duration `json:"hold,omitempty"`
	// SlowStart is how long an instance that came back takes to get its whole
	// share; 0 gives it at once.
	SlowStart Duration `json:"slow_start,omitempty"`
	// Health is the active check, nil for none.
	Health *Health `json:"health,omitempty"`
	// OnDemand: its instances are started by the first request, which waits.
	OnDemand  bool       `json:"on_demand,omitempty"`
	Instances []Instance `json:"instances"`
}

// Health is an active check: every Interval each instance is asked, Fall
// failures in a row put it out and Rise successes in a row back.
type Health struct {
	// Path is what is asked for with GET; "" only connects.
	Path     string   `json:"path,omitempty"`
	Interval Duration `json:"interval"`
	// Timeout bounds one check.
	Timeout Duration `json:"timeout"`
	Rise    int      `json:"rise"`
	Fall    int      `json:"fall"`
	// Status are the statuses that are well.
	Status []StatusRange `json:"status,omitempty"`
	// Host is the Host field; "" is the instance's address.
	Host string `json:"host,omitempty"`
	// Body must occur in the answer's first 64 KB; "" is any.
	Body string `json:"body,omitempty"`
}

// StatusRange is From to To, both included.
type StatusRange struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Instance is one address of an upstream.
type Instance struct {
	// ID is what status and drains call it: "app@8021", or the address. It is
	// the identity that a reload reconciles by.
	ID string `json:"id"`
	// Network is "tcp" or "unix".
	Network string `json:"network"`
	// Address is host:port or an absolute path.
	Address string `json:"address"`
	Weight  int    `json:"weight"`
	Backup  bool   `json:"backup,omitempty"`
	// Woken: somebody else holds its listening socket, and a connection
	// starts it. It is never connected to but for a request.
	Woken bool `json:"woken,omitempty"`
}

// Site is host names on listeners, with their routes.
type Site struct {
	Name string `json:"name"`
	// Listeners are names out of Config.Listeners.
	Listeners []string `json:"listeners"`
	// Hosts are exact lower-case names or "*.example.com"; empty means every
	// host that no other site of the listener names.
	Hosts  []string `json:"hosts,omitempty"`
	Routes []Route  `json:"routes"`
}

// Match says how a route's path is compared, on whole segments of the
// decoded, normalised path.
type Match string

const (
	// MatchPrefix: "/api" is /api and everything below, never /apiary.
	MatchPrefix Match = "prefix"
	// MatchBelow: "/api/" is everything below, and not /api itself.
	MatchBelow Match = "below"
	// MatchExact is exactly that path.
	MatchExact Match = "exact"
)

// Route is one path and exactly one of Upstream, Files, Redirect, Respond.
type Route struct {
	Match Match  `json:"match"`
	Path  string `json:"path"`

	Upstream string    `json:"upstream,omitempty"`
	Files    *Files    `json:"files,omitempty"`
	Redirect *Redirect `json:"redirect,omitempty"`
	Respond  *Respond  `json:"respond,omitempty"`

	// StripPrefix removes Path before the request goes to the upstream and
	// says so in X-Forwarded-Prefix.
	StripPrefix bool `json:"strip_prefix,omitempty"`
	// Fallback is the path that is served instead, as if it had been asked
	// for, where Files has no such file.
	Fallback string `json:"fallback,omitempty"`
	// Internal routes are reached by a fallback or by X-Accel-Redirect alone.
	Internal bool `json:"internal,omitempty"`
	// AccessLog says that its requests are logged.
	AccessLog bool `json:"access_log,omitempty"`
	// RequestBuffer takes the whole body before the app sees the request.
	RequestBuffer bool `json:"request_buffer,omitempty"`
	// MaxBodyBytes is the longest request body, 0 for no limit.
	MaxBodyBytes int64 `json:"max_body_bytes"`
	// Retry is "error" (the retry rule) or "never".
	Retry string `json:"retry"`
	// Tries is how many other instances may be tried after the first.
	Tries           int      `json:"tries"`
	ResponseTimeout Duration `json:"response_timeout"`
	IdleTimeout     Duration `json:"idle_timeout"`
	// Upgrade lists the tokens (lower case) that may become tunnels.
	Upgrade []string `json:"upgrade,omitempty"`
	// RequestHeaders and ResponseHeaders are set on the way to the app and to
	// the client; an empty value removes the field. Values may hold the
	// request's placeholders.
	RequestHeaders  []Field `json:"request_headers,omitempty"`
	ResponseHeaders []Field `json:"response_headers,omitempty"`
}

// Field is one header field.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Files serves a folder: the rest of the path after the route's own is looked
// up below Root (nginx's alias).
type Files struct {
	// Root is an absolute folder.
	Root string `json:"root"`
	// FollowSymlinksTo are folders that a symlink below Root may lead to.
	FollowSymlinksTo []string `json:"follow_symlinks_to,omitempty"`
	// Index is the file name served for a folder; "" for none.
	Index string `json:"index,omitempty"`
	// Expires sets Expires and Cache-Control: max-age; nil sets neither.
	Expires *Duration `json:"expires,omitempty"`
	// Immutable adds "immutable" to Cache-Control.
	Immutable bool `json:"immutable,omitempty"`
	// Precompressed serves x.zst, x.br or x.gz instead of x to who takes it.
	Precompressed bool `json:"precompressed,omitempty"`
}

// Redirect answers with a Location.
type Redirect struct {
	// Location may hold the request's placeholders.
	Location string `json:"location"`
	Status   int    `json:"status"`
}

// Respond answers with a fixed body.
type Respond struct {
	Status int    `json:"status"`
	Body   string `json:"body,omitempty"`
}
