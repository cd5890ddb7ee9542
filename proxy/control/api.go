package control

import "slices"

// Socket is where serve makes its control socket. Absent or refused means
// that the proxy is not running, which is a state and not an error.
const Socket = "/run/webstack/control.sock"

// Version is the API's: the first segment of every path ("/v1/status") and
// the version field of every document.
const Version = 1

// Status is the answer to GET /v1/status; with ?instance=ID it says of that
// instance alone.
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

// only is what a status says of one instance: its upstreams, each with it alone.
func (s Status) only(id string) Status {
	s.Listeners, s.Sites = []ListenerStatus{}, []SiteStatus{}
	has := []UpstreamStatus{}
	for _, u := range s.Upstreams {
		i := slices.IndexFunc(u.Instances, func(i InstanceStatus) bool { return i.ID == id })
		if i >= 0 {
			u.Instances = u.Instances[i : i+1]
			has = append(has, u)
		}
	}
	s.Upstreams = has
	return s
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
	Waiting int `json:"waiting"`
	// Held is how many wait because no instance is ready, or it is paused.
	Held int `json:"held"`
	// Paused: its requests wait until it is resumed.
	Paused bool `json:"paused"`
	// IdleSince is when it last had a request in flight or waiting, RFC 3339;
	// "" while it has one.
	IdleSince string           `json:"idle_since,omitempty"`
	Instances []InstanceStatus `json:"instances"`
}

// InstanceStatus is what the proxy knows of one instance.
type InstanceStatus struct {
	ID      string `json:"id"`
	Address string `json:"address"`
	// State is what keeps it out, or "up": "draining" (somebody asked for it),
	// "stopped" or "starting" (its unit is), "down" (its unit has failed, its
	// health check fails, or its requests do), or "removed" (no longer in the
	// config, exchanges still in flight).
	State string `json:"state"`
	// Since is when that state began, RFC 3339. Reason is why, "" where there
	// is nothing to say.
	Since  string `json:"since,omitempty"`
	Reason string `json:"reason,omitempty"`
	// DrainedBy is who asked for the drain.
	DrainedBy string `json:"drained_by,omitempty"`
	InFlight  int    `json:"in_flight"`
	Requests  uint64 `json:"requests"`
	Failed    uint64 `json:"failed"`
	// Errors is how many of its answers had a status of 500 or above.
	Errors uint64 `json:"errors_5xx"`
	// LastError is the latest failed try, "" if there was none.
	LastError string `json:"last_error,omitempty"`
}

// SiteStatus is one site with its traffic since the proxy started.
type SiteStatus struct {
	Name      string   `json:"name"`
	Listeners []string `json:"listeners"`
	Requests  uint64   `json:"requests"`
	Errors    uint64   `json:"errors_5xx"`
	// Maintenance: it answers 503 with its page.
	Maintenance bool `json:"maintenance"`
}

// DrainRequest is the body of POST /v1/drain and /v1/undrain.
type DrainRequest struct {
	// Instance is an InstanceStatus.ID, in every upstream that has it.
	Instance string `json:"instance"`
	// By is who asks, for people: "webstack restart". A drain belongs to who
	// asked for it: undrain ends it only for the same By, or for all where By
	// is "". The instance is in rotation when nobody drains it any more.
	By string `json:"by,omitempty"`
	// LeaseMS ends the drain by itself after so many milliseconds unless it is
	// asked for again, so that nothing stays drained for ever by a command
	// that was killed; 0 lasts until undrain.
	LeaseMS int64 `json:"lease_ms,omitempty"`
}

// What a unit can be, as systemd has it, for InstanceReport.State.
const (
	// UnitStarting: it runs and is not ready, or it is about to be started.
	UnitStarting = "starting"
	// UnitUp: it is ready. That clears its failures by requests.
	UnitUp = "up"
	// UnitStopped: it was stopped, or is being stopped. It stays out until it
	// is reported otherwise.
	UnitStopped = "stopped"
	// UnitDown: its process is gone by itself.
	UnitDown = "down"
	// UnitUnknown takes back what was reported.
	UnitUnknown = "unknown"
)

// InstanceReport says what systemd knows of one instance.
type InstanceReport struct {
	// Instance is an InstanceStatus.ID.
	Instance string `json:"instance"`
	State    string `json:"state"`
	// Reason is for people: "exit 1", "killed by signal 9".
	Reason string `json:"reason,omitempty"`
}

// ReportRequest is the body of POST /v1/report. Instances that no upstream
// has are passed over and counted in ReportResult.
type ReportRequest struct {
	Reports []InstanceReport `json:"reports"`
	// Sent is when it was sent, as the server knows it: of two reports on an
	// instance the later counts, in whichever order they come. 0 is now.
	Sent int64 `json:"-"`
}

// ReportResult is the answer to it.
type ReportResult struct {
	Version int `json:"version"`
	Unknown int `json:"unknown"`
}

// PauseRequest is the body of POST /v1/pause and /v1/resume: requests of the
// upstream wait, each as long as its hold.
type PauseRequest struct {
	// Upstream is an UpstreamStatus.Name.
	Upstream string `json:"upstream"`
	// LeaseMS ends the pause by itself; 0 lasts until resume.
	LeaseMS int64 `json:"lease_ms,omitempty"`
}

// MaintenanceRequest is the body of POST /v1/maintenance.
type MaintenanceRequest struct {
	Site string `json:"site"`
	On   bool   `json:"on"`
	// Page is the HTML of the 503, "" for a plain sentence.
	Page string `json:"page,omitempty"`
	// Allow are prefixes in CIDR form whose clients are served all the same.
	Allow []string `json:"allow,omitempty"`
	// RetryAfterSeconds is the 503's Retry-After; 0 is none.
	RetryAfterSeconds int `json:"retry_after_s,omitempty"`
}

// What an Event can be of.
const (
	// EventInstance: an instance's State has changed.
	EventInstance = "instance"
	// EventWanted: requests wait for an upstream none of whose instances is
	// ready, and whose instances are started on demand.
	EventWanted = "wanted"
	// EventReload: a config was taken, or rejected (Reason).
	EventReload = "reload"
	// EventPause: an upstream was paused or resumed (State).
	EventPause = "pause"
	// EventMaintenance: a site's maintenance went on or off (State).
	EventMaintenance = "maintenance"
	// EventStop: the proxy stops. It is a stream's last line.
	EventStop = "stop"
	// EventAlive: nothing happened for a while, and the stream goes on.
	EventAlive = "alive"
	// EventCut: the stream ends here, and what happens next is not in it
	// (Reason). Who wants to go on asks anew, and learns the present state.
	EventCut = "cut"
)

// Event is one line of GET /v1/events, which goes on until either side closes.
// The first lines are the present state of every instance, as if it had just
// become that, each with Now set.
type Event struct {
	Version int `json:"version"`
	// Time is RFC 3339 with milliseconds.
	Time string `json:"time"`
	// Kind is an Event constant.
	Kind     string `json:"kind"`
	Now      bool   `json:"now,omitempty"`
	Upstream string `json:"upstream,omitempty"`
	App      string `json:"app,omitempty"`
	Instance string `json:"instance,omitempty"`
	Site     string `json:"site,omitempty"`
	// From and State are what it was and is: an InstanceStatus.State, or "on"
	// and "off".
	From  string `json:"from,omitempty"`
	State string `json:"state,omitempty"`
	// Reason is for people.
	Reason string `json:"reason,omitempty"`
	// Probe is what active checks say of an instance: "up", "down", "unknown".
	// When they begin or end to fail, that is an event too, whatever State is.
	Probe      string `json:"probe,omitempty"`
	Generation int    `json:"generation,omitempty"`
}

// ReloadResult is the answer to POST /v1/reload. A rejected config is 422
// with the reason in Error, and changes nothing.
type ReloadResult struct {
	Version    int    `json:"version"`
	Generation int    `json:"generation"`
	Error      string `json:"error,omitempty"`
}
