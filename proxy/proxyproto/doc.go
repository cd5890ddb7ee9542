// Package proxyproto reads the header of the PROXY protocol, versions 1 and 2,
// with which a load balancer says who is at the other end of its connection
// (the protocol's text is doc/proxy-protocol.txt of HAProxy). It is pure:
// octets in, addresses out.
//
// Its noun: a [Header] is what stands before everything else that such a
// connection carries.
//
// What it promises: [Parse] is three-valued, gives the same answer however its
// input was cut, and refuses a prefix as soon as no header can begin so. A
// header that names no address of a TCP connection (the balancer's own health
// checks, unix sockets, datagrams) is read and stands for itself: the
// connection's own addresses hold.
//
// Honest limits: whether a peer may say such things is not asked here; it is
// the caller's first question, and where it may not, a header is a malformed
// request. The fields that version 2 can carry behind the addresses are passed
// over, their checksum among them.
package proxyproto
