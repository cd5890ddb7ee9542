// Package nethttp serves a snapshot with the standard library's HTTP server
// and with upstream connections of its own. It does the I/O and decides
// nothing: the route comes from proxy/route, the instance and the retry rule
// from proxy/balance, the fields from proxy/header, the file's answer from
// proxy/static.
//
// The nouns:
//
//   - The [Server] owns the client connections: accepts them, counts them,
//     knows which are new, active, idle or a tunnel, and can stop.
//   - An exchange is one request and its answer. It keeps the snapshot that
//     it began with.
//   - A try is one attempt at one instance; what comes of it is an answer or
//     a failure with its phase.
//   - A backend is one connection to an instance, a pool the idle ones.
//
// Why http.Transport is not used: it sends a request again by itself when a
// pooled connection turns out stale, as often as it finds another one, and
// also a POST with an Idempotency-Key. The retry rule must be the only one to
// send anything twice, and it needs to know how far a try had come.
//
// What net/http decides about a client's request, and is less strict in than
// the proxy should be: a bare LF ends a line; a request with both
// Content-Length and Transfer-Encoding is read by the latter (never forwarded
// with both, but not refused); Transfer-Encoding in HTTP/1.0 is ignored; a
// Host that differs from an absolute-form target's authority is dropped
// rather than refused; a long target is 431 and not 414; a continued field
// line is joined by a space; a client that half-closes is taken for gone, and
// one that has sent its next request ahead is not seen to go.
// Trailers are dropped in both directions.
package nethttp
