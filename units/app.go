package units

import "time"

// App is what is rendered into one template, its target and its slice. All
// text is literal: rendering does the quoting. Placeholders {port},
// {instance} and {credentials} in Command and Env become specifiers.
type App struct {
	// Name is the app's name, Source the file that defines it, for the header.
	Name, Source string
	// Unit is the template's name without "@.service".
	Unit string
	// Instances are the names behind the "@", in order.
	Instances []string
	Command   []string
	Directory string
	// Releases is the folder in which each instance has a link, by its name, to
	// the release that it belongs to: its working directory instead of
	// Directory. "" for an app that was never deployed.
	Releases    string
	User, Group string
	Umask       string
	Nice        *int
	Env         []EnvVar
	EnvFiles    []string
	Credentials []Credential
	// AtBoot starts the instances with the machine, OnDemand only what wakes
	// them: the sockets that systemd holds for them.
	AtBoot, OnDemand bool
	// Program is the absolute path of webstack, which the gates run as root; ""
	// renders none. Gated says that the app has an address, so that "active" is
	// to mean "answers" and a stop drains first. DrainTimeout bounds that drain.
	Program      string
	Gated        bool
	DrainTimeout time.Duration
	// Address is where an instance of a gated app is reached, %i for its name.
	// It is only noted: a move is a change of the template like any other.
	Address string
	// Sockets are the instances' addresses where systemd binds them (one
	// socket unit each); nil where the app does.
	Sockets []InstanceSocket
	// SocketFolder gives each instance a folder of its own for its unix socket,
	// which only its user and the proxy may enter; {socket} is the socket's path.
	SocketFolder   bool
	Restart        string // "always", "on-failure", "never"
	RestartDelay   time.Duration
	StartTimeout   time.Duration
	StopTimeout    time.Duration
	StopSignal     string
	StopKill       string // "group", "process"
	SuccessExit    []string
	Stdout, Stderr string // "journal" or a path; Stderr "" is as Stdout
	DependsOn      []string
	MemoryBytes    int64
	CPUPercent     int
	Tasks          int
	OpenFiles      int
	Service        []ServiceKey
}

// InstanceSocket is the address of one instance that systemd binds.
type InstanceSocket struct {
	// Instance is the name behind the "@".
	Instance string
	Network  string // "tcp", "unix"
	Address  string
}

// EnvVar is one Environment= assignment.
type EnvVar struct{ Name, Value string }

// Credential is one LoadCredential=.
type Credential struct{ Name, Path string }

// ServiceKey is one verbatim key of [Service]; each value is a line.
type ServiceKey struct {
	Name   string
	Values []string
}

// Listener is what is rendered into one socket unit.
type Listener struct {
	// Name is the FileDescriptorName; the unit is webstack-NAME.socket.
	Name    string
	Network string // "tcp", "unix"
	Address string
}

// File is one rendered file.
type File struct {
	// Path is below the unit folder: "app@.service",
	// "webstack.service.d/50-webstack.conf".
	Path    string
	Content string
	// Hash is the SHA-256 of Content (in lower-case hex, its first 16 digits)
	// without the line that carries the hash itself.
	Hash string
}
