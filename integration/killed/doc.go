// Package killed kills `webstack apply` before each of its steps on a
// real systemd: the old sites go on answering, also after a reboot, and the
// next apply completes the change and finds what still runs old code.
package killed
