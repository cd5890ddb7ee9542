package install

import "slices"

// StepKind is what a step does.
type StepKind string

// The kinds, in the order in which a plan holds them.
const (
	// WriteFile puts one unit file in place.
	WriteFile StepKind = "write"
	// MakeFolder makes a folder for log files, root's own.
	MakeFolder StepKind = "make-folder"
	// LinkRelease makes an instance's link lead to the release that it belongs to.
	LinkRelease StepKind = "link"
	// DaemonReload makes systemd read the unit files again.
	DaemonReload StepKind = "daemon-reload"
	// Enable makes a unit start at boot.
	Enable StepKind = "enable"
	// StopListener closes a listener in PID 1.
	StopListener StepKind = "stop-listener"
	// CloseSocket and OpenSocket are of the socket unit that holds an instance's
	// address, while the instance does not run.
	CloseSocket StepKind = "close-socket"
	OpenSocket  StepKind = "open-socket"
	// StartInstance starts an instance and waits until it answers.
	StartInstance StepKind = "start"
	// WaitInstance waits until an instance answers that an earlier apply, which
	// did not end, may have left in trouble.
	WaitInstance StepKind = "wait"
	// StartTarget marks an app as up; its instances are by now.
	StartTarget StepKind = "start-target"
	// ServeConfig makes the proxy run the generation's config: by a reload,
	// or by one restart where its sockets or its view of the disk changed.
	ServeConfig StepKind = "serve"
	// OpenListeners starts webstack.socket or a listener that is not open.
	OpenListeners StepKind = "listen"
	// RollInstance drains, restarts and waits for an instance that runs old code.
	RollInstance StepKind = "restart"
	// ReplaceInstance drains and stops an instance of a unit that is called
	// otherwise now, and starts its successor on the same address.
	ReplaceInstance StepKind = "replace"
	// UndrainInstance puts back what a killed roll left out of rotation.
	UndrainInstance StepKind = "undrain"
	// StopInstance drains and stops an instance that is no longer wanted.
	StopInstance StepKind = "stop"
	// StopTarget stops an app's target, and its slice, after its instances.
	StopTarget StepKind = "stop-target"
	// Disable takes a unit out of the boot.
	Disable StepKind = "disable"
	// DeleteFile removes a file that webstack wrote.
	DeleteFile StepKind = "delete"
	// DeleteRelease removes a release that is kept no longer.
	DeleteRelease StepKind = "delete-release"
	// Commit makes the generation the current one.
	Commit StepKind = "commit"
)

// ReasonNew is why a file is written that was not there before.
const ReasonNew = "new"

// Step is one change with its reason.
type Step struct {
	Kind StepKind `json:"kind"`
	// Subject is the unit, or the file below the unit folder.
	Subject string `json:"subject"`
	// Reason is a phrase for people.
	Reason string `json:"reason"`

	app      *App
	instance *Instance
	// predecessor is the instance that a ReplaceInstance stops.
	predecessor *Instance
	// socket is what is done to the instance's socket unit in its turn.
	socket socketWork
}

// Plan is desired minus actual.
type Plan struct {
	// Generation is the number that will be current, Previous the one that is.
	Generation int    `json:"generation"`
	Previous   int    `json:"previous"`
	Steps      []Step `json:"steps"`
	// Notes say what was left alone on purpose.
	Notes []string `json:"notes,omitempty"`

	// store says that the generation is new and its folder must be written.
	store bool
}

// Empty says that there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

func (p *Plan) has(kind StepKind) bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Kind == kind })
}

func (p *Plan) add(kind StepKind, subject, reason string) {
	p.Steps = append(p.Steps, Step{Kind: kind, Subject: subject, Reason: reason})
}
