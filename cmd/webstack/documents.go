package main

import (
	"time"

	"github.com/webstack/webstack/install"
	"github.com/webstack/webstack/install/spec"
)

// documentVersion is in every JSON document that the command prints. Fields
// may be added under one version; none is renamed or removed.
const documentVersion = 1

// checkDocument is what check, and every verb that finds a bad spec, prints.
type checkDocument struct {
	Version int       `json:"version"`
	Errors  []problem `json:"errors"`
}

// problem is one mistake in the spec. Lines and columns count from 1.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Length  int    `json:"length"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func problems(found []spec.Diagnostic) []problem {
	list := []problem{}
	for _, d := range found {
		list = append(list, problem{
			File: d.Position.File, Line: d.Position.Line, Column: d.Position.Column, Length: d.Position.Length,
			Message: d.Message, Hint: d.Hint,
		})
	}
	return list
}

// failureDocument is what any other failure prints.
type failureDocument struct {
	Version int     `json:"version"`
	Error   failure `json:"error"`
}

type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Units are those that failed, with what they logged last.
	Units []failedUnit `json:"units,omitempty"`
}

type failedUnit struct {
	Unit string   `json:"unit"`
	Log  []string `json:"log"`
}

// instancesDocument is what start, stop, restart, drain and undrain print: the
// instances that they have done it to.
type instancesDocument struct {
	Version   int      `json:"version"`
	Instances []string `json:"instances"`
}

// upstreamsDocument is what pause and resume print.
type upstreamsDocument struct {
	Version   int      `json:"version"`
	Upstreams []string `json:"upstreams"`
}

// maintenanceDocument is what maintain prints.
type maintenanceDocument struct {
	Version int    `json:"version"`
	Site    string `json:"site"`
	On      bool   `json:"on"`
}

// planDocument is what diff, apply and rollback print. Changed says whether
// there is, or was, something to do.
type planDocument struct {
	Version    int            `json:"version"`
	Changed    bool           `json:"changed"`
	Generation int            `json:"generation"`
	Previous   int            `json:"previous"`
	Steps      []install.Step `json:"steps"`
	Notes      []string       `json:"notes"`
}

func newPlanDocument(p *install.Plan) planDocument {
	d := planDocument{
		Version: documentVersion, Changed: !p.Empty(), Generation: p.Generation, Previous: p.Previous,
		Steps: p.Steps, Notes: p.Notes,
	}
	if d.Steps == nil {
		d.Steps = []install.Step{}
	}
	if d.Notes == nil {
		d.Notes = []string{}
	}
	return d
}

// statusDocument is what status prints.
type statusDocument struct {
	Version    int `json:"version"`
	Generation int `json:"generation"`
	// Pending are generations whose apply has not ended.
	Pending   []int        `json:"pending"`
	Apps      []appState   `json:"apps"`
	Sites     []siteState  `json:"sites"`
	Proxy     proxyState   `json:"proxy"`
	Listeners []openSocket `json:"listeners"`
}

type appState struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	Up   int    `json:"up"`
	// Paused: its requests wait until it is resumed. Held is how many wait for
	// that, or because no instance is ready, Waiting how many because all that
	// are ready are full.
	Paused    bool            `json:"paused,omitempty"`
	Held      int             `json:"held,omitempty"`
	Waiting   int             `json:"waiting,omitempty"`
	Instances []instanceState `json:"instances"`
}

type instanceState struct {
	ID string `json:"id"`
	// State is "up", "starting", "stopping", "stopped", "down", "failed" or
	// "draining".
	State string `json:"state"`
	// Detail says why, in systemd's words or the proxy's.
	Detail string `json:"detail,omitempty"`
	// DrainedBy is who drains it.
	DrainedBy   string     `json:"drained_by,omitempty"`
	Address     string     `json:"address,omitempty"`
	PID         int        `json:"pid,omitempty"`
	Since       *time.Time `json:"since,omitempty"`
	Restarts    uint32     `json:"restarts"`
	MemoryBytes int64      `json:"memory_bytes,omitempty"`
	// Old says that the process was started before the current unit was applied.
	Old      bool   `json:"old_unit,omitempty"`
	InFlight int    `json:"in_flight"`
	Requests uint64 `json:"requests"`
	Failed   uint64 `json:"failed"`
	// ErrorAnswers is how many of its answers had a status of 500 or above.
	ErrorAnswers uint64 `json:"errors_5xx"`
}

type siteState struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
	Hosts     []string `json:"hosts,omitempty"`
	Routes    []string `json:"routes"`
	Requests  uint64   `json:"requests"`
	Errors    uint64   `json:"errors_5xx"`
	// Maintenance: it answers 503 with its page.
	Maintenance bool `json:"maintenance,omitempty"`
}

type proxyState struct {
	// State is "running", "waiting" (the sockets are open, the first request
	// starts it), or "stopped".
	State string `json:"state"`
	// Detail says why a starting proxy does not get there.
	Detail string `json:"detail,omitempty"`
	// Masked is the unit that somebody masked, so that no request can start
	// the proxy.
	Masked      string     `json:"masked,omitempty"`
	PID         int        `json:"pid,omitempty"`
	Generation  int        `json:"generation,omitempty"`
	Since       *time.Time `json:"since,omitempty"`
	Connections int        `json:"connections"`
	MemoryBytes int64      `json:"memory_bytes,omitempty"`
}

type openSocket struct {
	Unit    string `json:"unit"`
	Address string `json:"address"`
	Open    bool   `json:"open"`
}
