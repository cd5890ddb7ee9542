// Package readiness is the work of the gates that stand around an instance in
// its unit: [Gate] says when a start has succeeded, [Drain] empties the
// instance before a stop, [MakeFolder] makes the folder of its unix socket.
//
// An instance is ready when its address is listened on by a process of its own
// unit, and its health check passes. Who listens is read from the kernel's
// socket tables and from the descriptors of the processes in the unit's control
// group, so that a stranger on the port does not count, whatever it answers.
// The main process is held by a pidfd: a gate fails at once when it is gone,
// where systemd would wait for the gate's timeout.
//
// What it promises, since the gates run as root: nothing is read or followed
// that an app's user can write. The pid that systemd passes in the environment
// (where the app's own env_file may replace it) counts only for a process of
// the gate's own unit; a folder is made anew, and never through a link.
//
// Its limits: where systemd holds the address a connection succeeds before the
// app accepts it, so that "connects only" says little there; a path of a
// health check does. A unix socket counts by the name that it was bound to.
package readiness
