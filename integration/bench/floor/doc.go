// Package floor is the least that a proxy can cost: it moves octets between a
// client and an instance by the system calls that every event-driven proxy
// makes (wait, receive, send, receive, send), on one thread, and looks at none
// of them.
//
// It has no pool, each client has a connection to an instance of its own; no
// timeouts, no log, no answer when anything fails. It stands in the comparison
// so that the rest can be told from what the kernel takes.
package floor
