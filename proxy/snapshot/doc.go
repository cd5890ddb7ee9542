// Package snapshot is a config as the running proxy holds it: compiled,
// immutable, and complete, so that whoever serves a request needs nothing
// else. Package proxy compiles it; what does the I/O reads it, and an
// exchange keeps the one that it began with until it ends.
//
// What lives on from one snapshot to the next hangs in it by pointer: the
// instances (through balance.Group), the sites' counters, and whether a site
// is under maintenance.
package snapshot
