// Package namespace runs the calling program again in a network, process and
// mount namespace of its own.
//
// It has one noun, the inside: the second run of the program, which is process
// 1 of the new namespaces, sees only its own processes in /proc and has only a
// loopback device, with addresses and ports that nobody else uses.
//
// It promises that nothing started inside outlives the inside, and that the
// inside does not outlive the program that made it: the kernel ends both.
//
// Its limits: it needs root. Files are the host's own. It is a measuring bench
// and no jail.
package namespace
