// Package activation is what systemd hands a process, and what the process
// says back: its listening sockets, its readiness, its watchdog.
//
// Its nouns: an [Env] is what the package reads of the process, a [Listener]
// is a listening socket with the FileDescriptorName of its socket unit, and a
// [Notifier] tells systemd about the process's state.
//
// It promises that the descriptors are closed on exec, that O_NONBLOCK is
// never cleared on them (their open file description is shared with PID 1 and
// with the process that listened before), that what is not listening never
// passes for a listener, that the variables are gone from the environment
// afterwards, so that no child takes them for its own, and that no call
// blocks past its deadline.
//
// go-systemd has the same in its packages activation and daemon. They take a
// connected descriptor out of the fd store for a listener, read the process's
// environment and pid with no way to pass others, and send without a deadline
// and without descriptors, as BARRIER=1 needs; hence this.
//
// Its limits: stream sockets only, and what was kept in the fd store is
// closed.
package activation
