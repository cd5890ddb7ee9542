// Package load keeps requests going while a test does something to the
// servers, and counts what became of each.
//
// Its nouns: a load is a number of workers, each with one request under way at
// a time, as fast as they can or at a rate; a failure is a request whose answer did not come whole and with the
// wanted status; its kind says how it failed; a report is the count of it all.
//
// It promises to miss no failure. It speaks HTTP/1.1 on connections of its own
// instead of net/http's client, which retries in silence; it repeats a request
// only when asked to keep connections, and then as RFC 9110 allows a client:
// once, on a new connection, when a connection that had served before ended
// without one byte of an answer to an idempotent request. Each such repeat is
// counted. Stop lets every request under way finish or fail.
//
// Its limits: no pipelining, no TLS, no redirects; a body is read whole and
// forgotten, and one that only the connection's end delimits cannot be seen to
// be cut. The workers are as many as are waited for at once: a rate is kept only
// while an answer takes less than workers / rate, and made up for later.
package load
