// Package backend is the application behind the proxies that are compared:
// eight listeners, one thread, one epoll, and answers that were made before.
//
// It understands just enough HTTP/1 for that: GET of a few paths, POST with a
// Content-Length, keep-alive and its absence in 1.0 and 1.1. It is as cheap as
// it can be, for it shares its core with the load's own program.
package backend
