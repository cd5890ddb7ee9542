// Package proxy is the server that `webstack serve` runs: it compiles the
// applied config into a snapshot, has it served on the listeners that it was
// given, exchanges it on a reload, takes what is asked for and reported of
// instances, has them checked, tells what becomes of them, says how it is, and
// stops.
//
// New builds and Run runs. What comes from outside (listeners, the config,
// the service manager's notifications, the log) is passed in; the control
// socket is package control's, with a Proxy as its backend.
//
// What an instance is at any moment is package balance's. Ten times a second,
// and after everything that was asked for, a look (observe.go) compares that
// with the last one, and what has changed is an event. So no loop has to tell
// of anything but that instances are wanted.
//
// Drains, reports, pauses and maintenance are in a file a moment later
// (state.go), and the next process has them before it picks an instance for
// its first request. Of another boot it takes maintenance alone. What it was
// told of units only by that file it believes for five seconds; if nobody has
// reported anew by then, a check that succeeds knows better (tick.go).
//
// What it promises: a config that is rejected changes nothing. A reload cuts
// no exchange: each finishes on the snapshot that it began with. Nothing about
// listeners, logs or the state file makes it exit: a listener without a site
// answers 503, one that was not passed in is logged. A stop answers everybody
// whose connection was accepted, within the config's bounds, and knows of what
// is reported meanwhile.
//
// Its limits: a proxy that is killed may lose what it was told in the last
// tenth of a second. A state that lasts less than that may have no event.
package proxy
