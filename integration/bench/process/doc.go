// Package process starts a server on a core of its own, waits until it
// listens, reads what it has used, and ends it.
//
// Its nouns: a process is what was started, with whatever it starts itself; a
// meter is its CPU time in nanoseconds; its memory is what the kernel counts
// as its own.
//
// Its limits: threads and children that have ended are no longer counted by
// the meter, so it suits servers that keep theirs.
package process
