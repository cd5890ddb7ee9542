// Package sockets tells who listens, from the kernel's tables in /proc and the
// descriptors of processes.
//
// Sockets are named by their inodes. [Listening] finds those that a connection
// to an address would reach, [Holder] the process that is in a new listener's
// way; [Foreign] and [Owner] say whose sockets are.
//
// Its limits: it sees its own network namespace and, unless it is root's, the
// descriptors of its own user's processes. What the tables do not show, such
// as an IPv6 wildcard that takes no IPv4, is taken for the usual case.
package sockets
