// Package systemd holds what webstack believes of systemd to a real one:
// that rendered words reach the process, that the sockets of the proxy open,
// stay and close as its units say, and that jobs over the bus end as told.
//
// The test binary plays every part in the machine: the app, which writes down
// how it was started, and the proxy, which answers with its pid.
package systemd
