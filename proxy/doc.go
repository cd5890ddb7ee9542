// Package proxy is the server that `webstack serve` runs: it compiles the
// applied config into a snapshot, has it served on the listeners that it was
// given, exchanges it on a reload, drains instances, says how it is, and
// stops.
//
// New builds and Run runs. What comes from outside (listeners, the config,
// the service manager's notifications, the log) is passed in; the control
// socket is package control's, with a Proxy as its backend.
//
// What it promises: a config that is rejected changes nothing. A reload cuts
// no exchange: each finishes on the snapshot that it began with. Nothing about
// listeners makes it exit: one without a site answers 503, one that was not
// passed in is logged. A stop answers everybody whose connection was accepted,
// within the config's bounds.
package proxy
