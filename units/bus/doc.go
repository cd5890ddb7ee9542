// Package bus is systemd's manager as webstack uses it: jobs with their
// results, the states and properties of units, enabling, reload, and a watch
// over units. It speaks D-Bus to org.freedesktop.systemd1 over the system bus.
//
// Its nouns: a [Conn] is one connection for a command's short life, a
// [Result] is how a job ended, [UnitState] and [Properties] are what systemd
// says of a unit, a [Watcher] follows units for as long as it is run.
//
// It promises that
//   - every call has a deadline, the caller's or its own;
//   - a job is waited for however many there are at once and however quickly
//     it ends, also when its end is told before the call that made it returns;
//   - what keeps it from working is [ErrUnavailable], [ErrPermission] or
//     [ErrNoSuchUnit], under a sentence for the operator.
//
// go-systemd's dbus package does not keep these: its channel for job results
// stalls the connection, its property subscriber drops the Service interface
// and nothing in it connects again.
//
// Its limits: a Conn does not reconnect (a Watcher does), jobs are always
// queued with the mode "replace", and unit files are enabled for good, never
// for this boot alone.
package bus
