package control

// Socket is where serve makes its control socket. Absent or refused means
// that the proxy is not running, which is a state and not an error.
const Socket = "/run/webstack/control.sock"

// Version is the API's: the first segment of every path ("/v1/status") and
// the version field of every document.
const Version = 1

// Status is the answer to GET /v1/status.
type Status struct {
	Version int `json:"version"`
	PID     int `json:"pid"`
	// Generation is the config's that new requests are served by.
	Generation int `json:"generation"`
	// StartedAt is RFC 3339.
	StartedAt   string `json:"started_at"`
	Connections int    `json:"connections"`
	MemoryBytes int64  `json:"memory_bytes"`
	// LogDropped is how many lines the access log has lost.
	LogDropped uint64           `json:"log_dropped"`
	Listeners  []ListenerStatus `json:"listeners"`
	Upstreams  []UpstreamStatus `json:"upstreams"`
	Sites      []SiteStatus     `json:"sites"`
}

// ListenerStatus is one listener: what the config names and what was passed in.
type ListenerStatus struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	// Open says that systemd passed it in; Configured that a site uses it.
	Open       bool `json:"open"`
	Configured bool `json:"configured"`
}

// UpstreamStatus is one upstream with its instances.
type UpstreamStatus struct {
	Name string `json:"name"`
	App  string `json:"app,omitempty"`
	// Waiting is how many requests are in the upstream's queue.
	Waiting   int              `json:"waiting"`
	Instances []InstanceStatus `json:"instances"`
}

// InstanceStatus is what the proxy knows of one instance.
type InstanceStatus struct {
	ID      string `json:"id"`
	Address string `json:"address"`
	// State is "up", "down" (out by passive failures), "draining", or
	// "removed" (no longer in the config, exchanges still in flight).
	State    string `json:"state"`
	InFlight int    `json:"in_flight"`
	Requests uint64 `json:"requests"`
	Failed   uint64 `json:"failed"`
	// LastError is the latest failed try, "" if there was none.
	LastError string `json:"last_error,omitempty"`
}

// SiteStatus is one site with its traffic since the proxy started.
type SiteStatus struct {
	Name      string   `json:"name"`
	Listeners []string `json:"listeners"`
	Requests  uint64   `json:"requests"`
	Errors    uint64   `json:"errors_5xx"`
}

// DrainRequest is the body of POST /v1/drain and /v1/undrain.
type DrainRequest struct {
	// Instance is an InstanceStatus.ID, in every upstream that has it.
	Instance string `json:"instance"`
}

// ReloadResult is the answer to POST /v1/reload. A rejected config is 422
// with the reason in Error, and changes nothing.
type ReloadResult struct {
	Version    int    `json:"version"`
	Generation int    `json:"generation"`
	Error      string `json:"error,omitempty"`
}
