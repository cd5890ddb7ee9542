// Package openloop measures latency at a fixed rate.
//
// Its one noun is the schedule: request i is due at the begin plus i times the
// interval, whatever became of those before it. It goes out on a connection
// that is free, or as soon as one is, and its latency counts from when it was
// due. So a server that stalls is charged with the requests that had to wait
// for it, which a closed loop of clients forgets ("coordinated omission").
//
// One thread, one epoll, no allocation while it runs: it shares its core with
// the application behind the measured server.
package openloop
