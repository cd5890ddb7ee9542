package spec

import "time"

// Spec is what the operator wrote, parsed, merged and valid, with every
// default filled in and every inheritance (like, site to route) resolved.
// Slices are in the order of the text.
type Spec struct {
	Apps      []*App
	Upstreams []*Upstream
	Sites     []*Site
	Proxy     Proxy
	OnChange  []OnChange
	// positions maps a dotted key ("app.shop.user") to where it stands.
	positions map[string]Position
	// sources keeps the lines of each file for excerpts.
	sources map[string][]string
	// effective is what Provenance lists.
	effective []Provenance
}

// Position is a place in the operator's text. Lines and columns count from 1,
// columns in characters; Length is the marked excerpt's, in characters.
type Position struct {
	File   string
	Line   int
	Column int
	Length int
}

// App is what the operator runs as UNIT@.service.
type App struct {
	Name string
	// Unit is the template's name without "@.service".
	Unit string
	// Command is the argv, split by systemd's rules where it was written as a
	// string. Unit placeholders ({port} ...) are still in it; "%" and "$" are
	// literal.
	Command []string
	// Ports are the instances of an app that listens; nil for a worker.
	Ports []int
	// Count is the number of instances of a worker, named 1..Count.
	Count int
	// Address is the template of an instance's address
	// ("127.0.0.1:{port}"); "" for a worker.
	Address     string
	Directory   string
	User, Group string
	Umask       string // octal, "" for systemd's
	Nice        *int
	Env         []EnvVar
	EnvFiles    []string // each may begin with "-" (optional)
	Credentials []Credential
	// Bind is who binds Address: "app", or "systemd" (a socket unit for each
	// instance, whose descriptor the process inherits as its third).
	Bind  string
	Start string // "boot", "on-demand", "manual"
	// IdleStop stops an on-demand app that had no request for so long; 0 never.
	IdleStop       time.Duration
	Restart        string // "always", "on-failure", "never"
	RestartDelay   time.Duration
	StartTimeout   time.Duration
	StopTimeout    time.Duration
	DrainTimeout   time.Duration
	StopSignal     string // "TERM", without SIG
	StopKill       string // "group", "process"
	SuccessExit    []string
	Stdout, Stderr string // "journal", "" (as stdout), or an absolute path
	// DependsOn are unit names ("postgresql.service") and targets of other
	// apps ("shop.target"), already resolved.
	DependsOn []string
	Limits    Limits
	// Service are verbatim [Service] keys; a repeated key has several values.
	Service []ServiceKey
	Balance Balance
	// Watchdog restarts an instance that fails its health check; nil never.
	Watchdog *Watchdog
	Deploy   Deploy
}

// Watchdog restarts what is active and fails its health check for After, at
// most Limit times in an hour for each instance.
type Watchdog struct {
	After time.Duration `json:"after_ns"`
	Limit int           `json:"limit"`
}

// Deploy is how a new release is rolled out.
type Deploy struct {
	// Before is the argv of a command that runs once, in the new release, as
	// the app's user, before anything is switched; nil for none.
	Before []string `json:"before,omitempty"`
	// Canary is how many instances are switched first, and Watch for how long
	// they are watched.
	Canary int           `json:"canary"`
	Watch  time.Duration `json:"watch_ns"`
	// Keep is how many releases stay on the disk.
	Keep int `json:"keep"`
}

// Health is an active check, see config.Health.
type Health struct {
	Path     string // "" connects only
	Interval time.Duration
	Timeout  time.Duration
	Rise     int
	Fall     int
	Status   []StatusRange
	Host     string
	Body     string
}

// StatusRange is From to To, both included.
type StatusRange struct{ From, To int }

// OnChange is a command or a URL that is told of events.
type OnChange struct {
	// Command is an argv; URL is posted to. Exactly one is there.
	Command []string `json:"command,omitempty"`
	URL     string   `json:"url,omitempty"`
	// Timeout bounds one call, MinInterval is the least time between two.
	Timeout     time.Duration `json:"timeout_ns"`
	MinInterval time.Duration `json:"min_interval_ns"`
}

// EnvVar is one environment variable. Value may hold unit placeholders.
type EnvVar struct{ Name, Value string }

// Credential is one LoadCredential=: Name and the path of its source.
type Credential struct{ Name, Path string }

// ServiceKey is one verbatim key of the [Service] section.
type ServiceKey struct {
	Name   string
	Values []string
}

// Limits are resource limits; zero values leave systemd's.
type Limits struct {
	MemoryBytes int64
	CPUPercent  int
	Tasks       int
	OpenFiles   int
}

// Balance is the part that an app and an upstream have in common.
type Balance struct {
	Method            string // "round-robin", "least-in-flight", "random-two"
	MaxInFlight       int    // of one instance, 0 for any number
	Queue             int
	QueueTimeout      time.Duration
	MaxFails          int
	FailTimeout       time.Duration
	ConnectTimeout    time.Duration
	Keepalive         int
	KeepaliveTimeout  time.Duration
	KeepaliveRequests int
	// Hold is how long a request waits while nothing is ready, SlowStart the
	// ramp of an instance that came back.
	Hold      time.Duration
	SlowStart time.Duration
	// Health is the active check; nil for none (a worker).
	Health *Health
}

// Upstream is a named list of servers. A route with a literal list of
// addresses gets an Upstream of its own, named by its dotted key.
type Upstream struct {
	Name    string
	Servers []Server
	Balance Balance
}

// Server is an address ("host:port", "unix:/path") or an app, never both.
type Server struct {
	Address string
	App     string
	Weight  int
	Backup  bool
}

// Listen is one address that a site listens on.
type Listen struct {
	// Network is "tcp" or "unix".
	Network string
	// Address is host:port with a literal address ("0.0.0.0:8081" for a bare
	// port, which is IPv4 only, as nginx's listen is), or an absolute path.
	Address string
}

// Site is host names and listeners with their routes.
type Site struct {
	Name   string
	Listen []Listen
	Hosts  []string
	Routes []*Route
	// ProxyProtocol are the peers (CIDR) that speak it; all sites of a
	// listener have the same.
	ProxyProtocol []string
}

// Route is one path and its action, site and built-in values merged in.
type Route struct {
	// Key is the path as written: "/", "/api/", "= /x".
	Key string
	// Match is "prefix", "below" or "exact"; Path is the key without "= ".
	Match, Path string

	App      string // name of an App
	Upstream string // name of an Upstream
	Files    string // absolute folder
	Redirect string
	Respond  bool
	Status   int
	Body     string

	FollowSymlinksTo []string
	Fallback         string // a path of the site, "" for none
	Internal         bool
	Precompressed    bool
	RequestBuffer    bool
	AccessLog        bool
	StripPrefix      bool
	Index            string
	Expires          *time.Duration
	Immutable        bool
	MaxBodyBytes     int64
	Retry            string // "error", "never"
	Tries            int
	ResponseTimeout  time.Duration
	IdleTimeout      time.Duration
	Upgrade          []string
	RequestHeaders   []Header
	ResponseHeaders  []Header
}

// Header is a field to set; an empty value removes it.
type Header struct{ Name, Value string }

// Proxy is the [proxy] table.
type Proxy struct {
	TrustedProxies   []string // CIDR
	HeadTimeout      time.Duration
	BodyTimeout      time.Duration
	SendTimeout      time.Duration
	KeepaliveTimeout time.Duration
	AccessLog        string // "stdout", "journal", "off", or an absolute path
	AccessFormat     string // "combined", "json", "logfmt"
	MaxConnections   int
	MaxPerClient     int
	Loops            int // 0 is one for each processor
	StopGrace        time.Duration
	StopTimeout      time.Duration
}
